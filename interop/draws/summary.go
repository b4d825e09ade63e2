package draws

import (
	"encoding/json"
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
	// Warnings are what speaks against the draws, the worst first; Advice says what to do.
	Warnings []string `json:"warnings"`
	Advice   string   `json:"advice"`

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
	Saturated []int   `json:"saturated,omitempty"` // [Chains] draws whose tree had the greatest depth; nil when that is not known
	MaxDepth  int     `json:"max_depth,omitempty"`
}

// Particles is what weights and ancestors say, group by group.
type Particles struct {
	Weight    Numbers `json:"weight"`              // [Chains] share of each group
	ESS       Numbers `json:"ess,omitempty"`       // [Chains] of the weights; NaN when they are equal, as after resampling: then look at Ancestors
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
	}{r.Name, finite(r.Mean), finite(r.MCSE), finite(r.SD), finite(r.Q5), finite(r.Median), finite(r.Q95), finite(r.RHat), finite(r.ESSBulk), finite(r.ESSTail)})
}

func finite(v float64) *float64 {
	if v-v != 0 {
		return nil
	}
	return &v
}

// Summarise computes the table, the sampler's diagnostics, the warnings and the advice. R̂, ESS and MCSE are those of
// the posterior package (see metric). Draws with a column logw__ or ancestor__ are particles: their moments and
// quantiles are weighted, all groups together, so that groups whose log weights hold their estimate of log Z count as much
// as they should. The parameters are shared among all processors; the result does not depend on that.
// O(parameters · n log n).
func Summarise(s *Set) Summary {
	out := Summary{Model: s.Model, Method: s.Method, Chains: s.Chains, Draws: s.Draws}
	w := s.weights()
	out.Parameters = s.table(w)
	if w != nil {
		out.Particles = s.particles(w)
	} else {
		out.Sampler = s.sampler()
	}
	var f findings
	f.look(s)
	out.judge(&f)
	return out
}

// table is the rows of all parameters.
func (s *Set) table(w [][]float64) []Row {
	rows := make([]Row, len(s.Parameters()))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		wg.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(rows)); k = next.Add(1) - 1 {
				rows[k] = s.row(s.Stats+int(k), w)
			}
		})
	}
	wg.Wait()
	return rows
}

// row summarises one column.
func (s *Set) row(column int, w [][]float64) Row {
	name := Label(s.Columns[column])
	if w != nil {
		return weighted(name, s.Column(column), w)
	}
	m := metric.Summarise(name, s.Column(column))
	return Row{name, m.Mean, m.MCSEMean, m.SD, m.Q5, m.Median, m.Q95, m.RHat, m.ESSBulk, m.ESSTail}
}

// sampler collects the statistics that are there, nil when none is.
func (s *Set) sampler() *Sampler {
	out := &Sampler{MaxDepth: s.MaxDepth}
	some := false
	each := func(name string, f func(x []float64)) {
		k := s.Find(name)
		if k < 0 || k >= s.Stats {
			return
		}
		some = true
		for c := range s.Chains {
			f(s.Chain(k, c))
		}
	}
	count := func(x []float64, is func(v float64) bool) int {
		n := 0
		for _, v := range x {
			n += btoi(is(v))
		}
		return n
	}
	each(Accept, func(x []float64) { out.Accept = append(out.Accept, mean(x)) })
	each(StepSize, func(x []float64) { out.StepSize = append(out.StepSize, x[len(x)-1]) })
	each(Leapfrogs, func(x []float64) { out.Leapfrogs = append(out.Leapfrogs, mean(x)) })
	each(Energy, func(x []float64) { out.EBFMI = append(out.EBFMI, metric.EBFMI(x)) })
	each(Divergent, func(x []float64) {
		out.Divergent = append(out.Divergent, count(x, func(v float64) bool { return v != 0 }))
	})
	if s.MaxDepth > 0 {
		each(Depth, func(x []float64) {
			out.Saturated = append(out.Saturated, count(x, func(v float64) bool { return v >= float64(s.MaxDepth) }))
		})
	}
	if !some {
		return nil
	}
	return out
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func sum(n []int) int {
	total := 0
	for _, v := range n {
		total += v
	}
	return total
}

// spread says whether all values of all chains are equal, and whether all are finite.
func (s *Set) spread(column int) (constant, finite bool) {
	first := s.Chain(column, 0)[0]
	constant, finite = true, true
	for c := range s.Chains {
		for _, v := range s.Chain(column, c) {
			constant = constant && v == first
			finite = finite && !math.IsNaN(v) && !math.IsInf(v, 0)
		}
	}
	return constant, finite
}
