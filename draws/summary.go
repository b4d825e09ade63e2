package draws

import (
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/seed9a7962a8/ito/metric"
)

// Summary says what draws tell of each parameter and whether to believe them.
type Summary struct {
	Model      string     `json:"model"`
	Method     string     `json:"method"`
	Chains     int        `json:"chains"` // or groups of particles
	Draws      int        `json:"draws"`  // of each
	Parameters []Row      `json:"parameters"`
	Sampler    *Sampler   `json:"sampler,omitempty"`   // chains; nil when their statistics are not there
	Particles  *Particles `json:"particles,omitempty"` // weighted particles
	// Point says that it is one place and no draws: of a row, Mean is the estimate and SD its standard error.
	Point bool `json:"point,omitempty"`
	// Warnings are what speaks against the draws, the worst first; Advice says what to do.
	Warnings []string `json:"warnings" says:"settings"`
	Advice   string   `json:"advice" says:"settings"`

	advice []string // one for each kind of warning, the worst first
}

// Row is the summary of one parameter. What is not defined is NaN, and null in JSON.
type Row struct {
	Name    string // as Label writes it
	Mean    float64
	MCSE    float64 // Monte Carlo standard error of the mean
	SD      float64
	Q5      float64
	Median  float64
	Q95     float64
	RHat    float64 // NaN for particles: they are no chains
	ESSBulk float64 // of particles: (Σw)²/Σw², over all groups; NaN where every group's weights are equal
	ESSTail float64
}

// Sampler is what the statistics of chains say.
type Sampler struct {
	Accept    Numbers `json:"accept,omitempty"`    // [Chains] mean acceptance
	StepSize  Numbers `json:"step_size,omitempty"` // [Chains] of the last draw
	Leapfrogs Numbers `json:"leapfrogs,omitempty"` // [Chains] mean of a draw
	EBFMI     Numbers `json:"ebfmi,omitempty"`     // [Chains], see metric.EBFMI
	Divergent []int   `json:"divergent,omitempty"` // [Chains]
	// [Chains] draws whose tree had the greatest depth; nil when that is not known
	Saturated []int `json:"saturated,omitempty"`
	MaxDepth  int   `json:"max_depth,omitempty"`
}

// Particles is what weights and ancestors say, group by group.
type Particles struct {
	Weight Numbers `json:"weight"` // [Chains] share of each group
	// [Chains] of the weights; NaN when they are equal, as after resampling: then look at Ancestors
	ESS       Numbers `json:"ess,omitempty"`
	KHat      Numbers `json:"khat,omitempty"`      // [Chains] Pareto k̂ of the weights; NaN when they are equal
	Ancestors []int   `json:"ancestors,omitempty"` // [Chains] different ancestors; nil when not recorded
	Resampled bool    `json:"resampled,omitempty"` // ESS and KHat are those before the last resampling, see Before
}

// Numbers are numbers of which those that are not finite are null in JSON.
type Numbers []float64

// MarshalJSON implements json.Marshaler.
func (n Numbers) MarshalJSON() ([]byte, error) {
	out := make([]*float64, len(n))
	for i := range n {
		out[i] = finite(n[i])
	}
	return json.Marshal(out)
}

// MarshalJSON implements json.Marshaler.
func (r Row) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name    string   `json:"name"`
		Mean    *float64 `json:"mean"`
		MCSE    *float64 `json:"mcse"`
		SD      *float64 `json:"sd"`
		Q5      *float64 `json:"q5"`
		Median  *float64 `json:"median"`
		Q95     *float64 `json:"q95"`
		RHat    *float64 `json:"rhat"`
		ESSBulk *float64 `json:"ess_bulk"`
		ESSTail *float64 `json:"ess_tail"`
	}{r.Name, finite(r.Mean), finite(r.MCSE), finite(r.SD), finite(r.Q5), finite(r.Median), finite(r.Q95),
		finite(r.RHat), finite(r.ESSBulk), finite(r.ESSTail)})
}

func finite(v float64) *float64 {
	if v-v != 0 {
		return nil
	}
	return &v
}

// Summarise computes the table, the sampler's diagnostics, the warnings and the advice. R̂, ESS and MCSE are those
// of the posterior package (see metric.Summariser). Draws with a column logw__ or ancestor__ are particles: their
// moments and quantiles are weighted, all groups together, so that groups whose log weights hold their estimate of
// log Z count as much as they should. The parameters are shared among processors; the result does not depend on
// that. O(parameters · n log n).
func Summarise(s *Set) Summary {
	out, _ := summarise(setSource{s}) // a set in memory has no errors
	return out
}

// Summarise is [Summarise] of all draws, column by column, in memory that does not grow with their number: that of
// the workers, 64 MiB, and of the table. Particles have their weights and some columns in memory. Errors are those
// of the temporary files.
func (t *Table) Summarise() (Summary, error) { return summarise(tableSource{t}) }

// source is draws in memory or on the disk.
type source interface {
	about() (*Meta, int)
	column(k int) metric.Column
	set(columns []int) (*Set, error)
	run() int          // chains that the run had, by what its files say; 0: not known
	scratch() *scratch // for one worker; nil where all columns fit into memory
}

type setSource struct{ s *Set }

func (a setSource) about() (*Meta, int)             { return &a.s.Meta, a.s.Draws }
func (a setSource) run() int                        { return 0 }
func (a setSource) column(k int) metric.Column      { return metric.InMemory(a.s.Column(k)) }
func (a setSource) set(columns []int) (*Set, error) { return a.s.columns(columns), nil }
func (a setSource) scratch() *scratch               { return &scratch{most: math.MaxInt64} }

type tableSource struct{ t *Table }

func (a tableSource) about() (*Meta, int)             { return &a.t.Meta, a.t.Draws }
func (a tableSource) run() int                        { return a.t.run }
func (a tableSource) column(k int) metric.Column      { return a.t.Column(k) }
func (a tableSource) set(columns []int) (*Set, error) { return a.t.Set(columns, 0) }
func (a tableSource) scratch() *scratch               { return &scratch{dir: a.t.words.dir} }

// workBytes bounds the memory of the workers of a summary, of which there is one at least.
const workBytes = 64 << 20

func summarise(src source) (Summary, error) {
	m, draws := src.about()
	out := Summary{Model: m.Model, Method: m.Method, Chains: m.Chains, Draws: draws}
	var weightColumns []int
	for k, name := range m.Columns {
		if name == LogWeight || name == Ancestor {
			weightColumns = append(weightColumns, k)
		}
	}
	var w [][]float64
	if weightColumns != nil {
		s, err := src.set(weightColumns)
		if err != nil {
			return out, err
		}
		w = s.weights()
		out.Particles = s.particles(w)
	} else {
		var err error
		if out.Sampler, err = sampler(src); err != nil {
			return out, err
		}
	}
	f := findings{run: src.run(), moved: make([]bool, m.Chains)}
	rows, err := parameters(src, w, &f)
	if err != nil {
		return out, err
	}
	out.Parameters = rows
	if m.IsPoint() && m.Chains == 1 && draws == 1 {
		out.judgePoint(m, &f)
		return out, nil
	}
	if w == nil {
		if err := errors.Join(f.compare(src), f.approximation(src)); err != nil {
			return out, err
		}
	}
	out.judge(&f)
	return out, nil
}

// parameters is the rows of all parameters, and what speaks against them.
func parameters(src source, w [][]float64, f *findings) ([]Row, error) {
	m, draws := src.about()
	rows, bad := make([]Row, len(m.Parameters())), make([]bool, len(m.Parameters()))
	each := metric.SummariserBytes(m.Chains, draws)
	if w != nil {
		each = 48 * m.Chains * draws // the column, and its particles in order
	}
	var (
		next   atomic.Int64
		wg     sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	for range min(runtime.GOMAXPROCS(0), len(rows), max(1, workBytes/max(each, 1))) {
		wg.Go(func() {
			scratch := src.scratch()
			summariser, moved := metric.Summariser{Scratch: scratch}, make([]bool, m.Chains)
			var err error
			for k := next.Add(1) - 1; k < int64(len(rows)) && err == nil; k = next.Add(1) - 1 {
				column := m.Stats + int(k)
				if rows[k], err = row(src, column, w, &summariser); err == nil {
					bad[k], err = look(src.column(column), moved)
				}
			}
			err = errors.Join(err, scratch.close())
			mu.Lock()
			defer mu.Unlock()
			for c := range moved {
				f.moved[c] = f.moved[c] || moved[c]
			}
			if err != nil {
				failed = err
				next.Store(int64(len(rows)))
			}
		})
	}
	wg.Wait()
	for k, b := range bad {
		if b {
			f.bad = append(f.bad, rows[k].Name)
		}
	}
	return rows, failed
}

// row summarises one column.
func row(src source, column int, w [][]float64, work *metric.Summariser) (Row, error) {
	m, _ := src.about()
	name := Label(m.Columns[column])
	if w != nil {
		s, err := src.set([]int{column})
		if err != nil {
			return Row{}, err
		}
		return weighted(name, s.Column(0), w), nil
	}
	r, err := work.Summarise(name, src.column(column))
	return Row{name, r.Mean, r.MCSEMean, r.SD, r.Q5, r.Median, r.Q95, r.RHat, r.ESSBulk, r.ESSTail}, err
}
