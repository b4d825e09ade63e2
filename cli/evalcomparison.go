package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
	"gonum.org/v1/gonum/mat"
)

// protocol is how distances are measured: draws of rows, addressed by the seed. rows 0 means all.
type protocol struct {
	draws, rows int
	seed        uint64
}

// distance is a score with its floor, and what normal variates of the data's moments score.
type distance struct {
	metric.Score
	Baseline float64 `json:"baseline"`
}

// comparison is the report of an evaluation: all that the verdict is made of.
type comparison struct {
	Samples     string  `json:"samples"`
	Data        string  `json:"data"`
	SampleRows  int     `json:"sample_rows"`
	DataRows    int     `json:"data_rows"`
	Solver      string  `json:"solver,omitempty"`
	NFE         int     `json:"nfe,omitempty"`
	Seed        uint64  `json:"seed"`
	Bandwidth   float64 `json:"mmd_bandwidth"`
	Projections int     `json:"sliced_directions"`

	W2           distance      `json:"w2"`
	Sliced       distance      `json:"sliced_w2"`
	MMD2         distance      `json:"mmd2"`
	Energy       permuted      `json:"energy"`
	Neighbours   permuted      `json:"neighbours"`
	Axes         []axis        `json:"axes"`
	Straightness *straightness `json:"straightness,omitempty"`
	Verdict      string        `json:"verdict"`
}

// axis compares the moments of one column. A floor is the mean absolute difference between two halves of the data.
type axis struct {
	Column    string  `json:"column"`
	Mean      float64 `json:"mean"`
	DataMean  float64 `json:"data_mean"`
	MeanFloor float64 `json:"mean_floor"`
	SD        float64 `json:"sd"`
	DataSD    float64 `json:"data_sd"`
	SDFloor   float64 `json:"sd_floor"`
	KS        float64 `json:"ks"`       // 0 where the data is constant
	KSLimit   float64 `json:"ks_limit"` // what equal laws exceed in no column but for alarmLevel/3
}

// permuted is a statistic of ranks beside that of mixed sets.
type permuted = metric.Permuted

// alarmLevel is how often samples of the data's own law are told from it by one of the three tests of the shape: the
// statistic of Kolmogorov and Smirnov of every column, the energy distance and the nearest neighbours of ranks have a
// third of it each.
const alarmLevel = .01

// rankRows and rankMixings are the rows of a set and the mixed sets that the tests of ranks take.
const rankRows, rankMixings = 1000, 599

// straightness is that of a model's paths. Its floor is 0: a straight line has none of it.
type straightness struct {
	Columns []string `json:"columns"`
	Steps   int      `json:"euler_steps"`
	Paths   int      `json:"paths"`
	metric.Straightness
}

// axisDraws is how many pairs of halves the floors of means and standard deviations are taken over.
const axisDraws = 20

// compare measures samples against the rows of truth.
func compare(name string, x ito.States, truth *data.Table, p protocol) (*comparison, error) {
	y := truth.States()
	for _, s := range []struct {
		name     string
		n, least int
	}{{name, x.N, 2}, {truth.Name, y.N, 4}} { // each half of the data needs two for its floor
		if s.n < s.least {
			return nil, &ito.InputError{Where: s.name, What: fmt.Sprintf("too few rows to compare: %d", s.n), Do: fmt.Sprintf("give %d or more", s.least)}
		}
	}
	r := &comparison{
		Samples: name, Data: truth.Name, SampleRows: x.N, DataRows: y.N, Seed: p.seed,
		Bandwidth: metric.MedianBandwidth(x, y), Projections: metric.Directions,
	}
	if r.Bandwidth == 0 {
		r.Bandwidth = 1 // all rows are equal: any width says the same
	}
	normal, err := normals(y, p.seed)
	if err != nil {
		return nil, err
	}
	mmd := func(x, y ito.States) (float64, error) { return metric.MMD2(x, y, r.Bandwidth) }
	sliced := func(x, y ito.States) (float64, error) { return metric.SlicedW2(x, y, metric.Directions, p.seed) }
	for _, d := range []struct {
		into *distance
		f    metric.Distance
	}{{&r.W2, metric.W2}, {&r.Sliced, sliced}, {&r.MMD2, mmd}} {
		if *d.into, err = p.measure(d.f, x, y, normal); err != nil {
			return nil, err
		}
	}
	if r.Energy, r.Neighbours, err = metric.TwoSample(x, y, rankRows, rankMixings, alarmLevel/3, p.seed); err != nil {
		return nil, err
	}
	if r.Axes, err = axes(x, y, truth.Columns, p.seed); err != nil {
		return nil, err
	}
	shapes(r.Axes, x, y)
	return r, nil
}

// shapes compares the distribution of every column that varies in the data.
func shapes(axes []axis, x, y ito.States) {
	limit := metric.KSLimit(x.N, y.N, alarmLevel/3/float64(len(axes)))
	for j := range axes {
		if axes[j].DataSD > 0 {
			axes[j].KS = metric.KS(column(x, j).X, column(y, j).X)
		}
		axes[j].KSLimit = limit
	}
}

// measure takes a distance with its floor and its baseline.
func (p protocol) measure(f metric.Distance, x, y, normal ito.States) (distance, error) {
	score, err := metric.Measure(f, x, y, p.draws, p.rows, p.seed)
	if err != nil {
		return distance{}, err
	}
	floor, err := metric.Floor(f, y, max(p.draws, metric.Draws), score.N, p.seed)
	if err != nil {
		return distance{}, err
	}
	base, err := metric.Measure(f, normal, y, p.draws, score.N, p.seed)
	return distance{score.WithFloor(floor), base.Value}, err
}

// normals draws as many rows as y has, at most 20000, from the normal distribution with its moments.
func normals(y ito.States, seed uint64) (ito.States, error) {
	g, err := metric.Moments(y)
	if err != nil {
		return ito.States{}, err
	}
	d := y.D
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(d, g.Cov), true) {
		return ito.States{}, fmt.Errorf("the covariance of the data has no eigenvalues")
	}
	var q mat.Dense
	eig.VectorsTo(&q)
	root := make([]float64, d)
	for k, v := range eig.Values(nil) {
		root[k] = math.Sqrt(max(v, 0))
	}
	z := ito.NewStates(min(y.N, data.DefaultRows), d, 0)
	ito.Seed(seed).Normal(z, rng.PurposeTarget, 0, 0)
	x := z.Like(d)
	for i := range z.N {
		in, out := z.Row(i), x.Row(i)
		for a := range d {
			s := g.Mean[a]
			for k := range d {
				s += float64(q.At(a, k) * root[k] * in[k])
			}
			out[a] = s
		}
	}
	return x, nil
}

// axes compares means and standard deviations.
func axes(x, y ito.States, columns []string, seed uint64) ([]axis, error) {
	out := make([]axis, y.D)
	for j := range out {
		a, b := column(x, j), column(y, j)
		out[j].Column = columns[j]
		for _, m := range []struct {
			f                  func(ito.States) ([]float64, error)
			value, data, floor *float64
		}{
			{metric.Mean, &out[j].Mean, &out[j].DataMean, &out[j].MeanFloor},
			{metric.SD, &out[j].SD, &out[j].DataSD, &out[j].SDFloor},
		} {
			first := func(s ito.States) (float64, error) {
				v, err := m.f(s)
				if err != nil {
					return 0, err
				}
				return v[0], nil
			}
			var err error
			if *m.value, err = first(a); err != nil {
				return nil, err
			}
			if *m.data, err = first(b); err != nil {
				return nil, err
			}
			floor, err := metric.Floor(func(p, q ito.States) (float64, error) {
				u, err := first(p)
				if err != nil {
					return 0, err
				}
				v, err := first(q)
				return math.Abs(u - v), err
			}, b, axisDraws, x.N, seed)
			if err != nil {
				return nil, err
			}
			*m.floor = floor.Value
		}
	}
	return out, nil
}

// column is one column of x.
func column(x ito.States, j int) ito.States {
	c := x.Like(1)
	for i := range x.N {
		c.X[i] = x.X[i*x.D+j]
	}
	return c
}

// write writes the comparison for people.
func (r *comparison) write(w io.Writer) error {
	how := ""
	if r.Solver != "" {
		how = fmt.Sprintf(" by %s at %d network calls", r.Solver, r.NFE)
	}
	if _, err := fmt.Fprintf(w, "%d samples of %s%s against %d rows of %s\n\n", r.SampleRows, r.Samples, how, r.DataRows, r.Data); err != nil {
		return err
	}
	rows := [][]string{{"", "value", "± sd", "floor", "± sd", "normal", "draws"}}
	for _, d := range []struct {
		name string
		distance
	}{{"W2", r.W2}, {"sliced W2", r.Sliced}, {"MMD²", r.MMD2}} {
		draws := fmt.Sprintf("%d × %d", d.Draws, d.N)
		if d.FloorN != d.N {
			draws += fmt.Sprintf(" (floor %d)", d.FloorN)
		}
		rows = append(rows, []string{d.name, number(d.Value), number(d.SD), number(d.Floor), number(d.FloorSD), number(d.Baseline), draws})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	fmt.Fprintln(w)
	rows = [][]string{{"of ranks", "value", "mixed", "limit", "p", "rows"}}
	for _, d := range []struct {
		name string
		permuted
	}{{"energy", r.Energy}, {"neighbours", r.Neighbours}} {
		rows = append(rows, []string{d.name, number(d.Value), number(d.Mixed), number(d.Limit), number(d.P), fmt.Sprintf("%d + %d, %d mixings", d.Rows, d.Rows, d.Mixing)})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	fmt.Fprintln(w)
	rows = [][]string{{"column", "mean", "data", "floor", "sd", "data", "floor", "KS", "limit"}}
	for i, x := range r.Axes {
		if i == 20 && len(r.Axes) > 24 {
			rows = append(rows, []string{fmt.Sprintf("… %d more; all are in --json", len(r.Axes)-i)})
			break
		}
		rows = append(rows, []string{x.Column, number(x.Mean), number(x.DataMean), number(x.MeanFloor), number(x.SD), number(x.DataSD), number(x.SDFloor), number(x.KS), number(x.KSLimit)})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	if s := r.Straightness; s != nil {
		fmt.Fprintln(w)
		rows = [][]string{{"straightness", "mean |x″|", "RF", "floor"}}
		for i, name := range s.Columns {
			if i == 20 && len(s.Columns) > 24 {
				rows = append(rows, []string{fmt.Sprintf("… %d more", len(s.Columns)-i)})
				break
			}
			rows = append(rows, []string{name, number(s.Smooth[i]), number(s.RelRF[i]), "0"})
		}
		if err := table.Write(w, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
