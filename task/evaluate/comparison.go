package evaluate

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
	"gonum.org/v1/gonum/mat"
)

// Protocol is how distances are measured: so many draws of so many rows, 0 being all, addressed by the seed.
type Protocol struct {
	Draws, Rows int
	Seed        uint64
}

// Distance is a score with its floor, and what normal variates of the data's moments score.
type Distance struct {
	metric.Score
	Baseline float64 `json:"baseline"`
}

// Report is the report of an evaluation: all that the verdict is made of.
type Report struct {
	Samples     string  `json:"samples"`
	Data        string  `json:"data"`
	SampleRows  int     `json:"sample_rows"`
	DataRows    int     `json:"data_rows"`
	Solver      string  `json:"solver,omitempty"`
	NFE         int     `json:"nfe,omitempty"`
	Seed        uint64  `json:"seed"`
	Bandwidth   float64 `json:"mmd_bandwidth"`
	Projections int     `json:"sliced_directions"`

	W2           Distance          `json:"w2"`
	Standard     Distance          `json:"standardised_w2"` // of columns in standard deviations of the data
	Sliced       Distance          `json:"sliced_w2"`
	MMD2         Distance          `json:"mmd2"`
	Energy       Permuted          `json:"energy"`
	Neighbours   Permuted          `json:"neighbours"`
	Axes         []Axis            `json:"axes"`
	Straightness *Straightness     `json:"straightness,omitempty"`
	Tokens       *TokenReport      `json:"-"` // of text, in place of all others but the verdict
	Table        *TableReport      `json:"-"` // of tables with types, in place of all others but the verdict
	Family       *FamilyReport     `json:"-"` // of tables that belong together, in place of all others but the verdict
	Likelihood   *LikelihoodReport `json:"-"` // of rows under a model, in place of all others but the verdict
	Verdict      string            `json:"verdict" says:"settings"`
}

// Permuted is a statistic of ranks beside that of mixed sets.
type Permuted = metric.Permuted

// Straightness is that of a model's paths. Its floor is 0: a straight line has none of it.
type Straightness struct {
	Columns []string `json:"columns"`
	Steps   int      `json:"euler_steps"`
	Paths   int      `json:"paths"`
	metric.Straightness
}

// compare measures samples against the rows of truth.
func compare(ctx context.Context, name string, x ito.States, truth *data.Table, p Protocol) (*Report, error) {
	y := truth.States()
	for _, s := range []struct {
		name     string
		n, least int
	}{{name, x.N, 2}, {truth.Name, y.N, 4}} { // each half of the data needs two for its floor
		if s.n < s.least {
			return nil, &ito.InputError{Where: s.name, What: fmt.Sprintf("too few rows to compare: %d", s.n),
				Do: fmt.Sprintf("give %d or more", s.least)}
		}
	}
	r := &Report{
		Samples: name, Data: truth.Name, SampleRows: x.N, DataRows: y.N, Seed: p.Seed,
		Bandwidth: metric.MedianBandwidth(x, y), Projections: metric.Directions,
	}
	if r.Bandwidth == 0 {
		r.Bandwidth = 1 // all rows are equal: any width says the same
	}
	normal, err := Normals(y, p.Seed)
	if err != nil {
		return nil, err
	}
	mmd := func(ctx context.Context, x, y ito.States) (float64, error) {
		return metric.MMD2(ctx, x, y, r.Bandwidth)
	}
	sliced := func(ctx context.Context, x, y ito.States) (float64, error) {
		return metric.SlicedW2(ctx, x, y, metric.Directions, p.Seed)
	}
	for _, d := range []struct {
		into *Distance
		f    metric.Distance
	}{{&r.W2, metric.W2}, {&r.Sliced, sliced}, {&r.MMD2, mmd}} {
		if *d.into, err = p.Measure(ctx, d.f, x, y, normal); err != nil {
			return nil, err
		}
	}
	units := standards(y)
	r.Standard, err = p.Measure(ctx, metric.W2, scaled(x, units), scaled(y, units), scaled(normal, units))
	if err != nil {
		return nil, err
	}
	r.Energy, r.Neighbours, err = metric.TwoSample(ctx, x, y, rankRows, rankMixings, alarmLevel/3, p.Seed)
	if err != nil {
		return nil, err
	}
	if r.Axes, err = axes(ctx, x, y, truth.Columns, p.Seed); err != nil {
		return nil, err
	}
	shapes(r.Axes, x, y)
	return r, nil
}

// standards are the standard deviations of the columns of data; of one that does not vary a hundredth of its size or
// of the widest, whichever is more.
func standards(y ito.States) []float64 {
	out := make([]float64, y.D)
	widest := 0.0
	for j := range out {
		mean, sd := 0.0, 0.0
		for i := range y.N {
			mean += (y.X[i*y.D+j] - mean) / float64(i+1)
		}
		for i := range y.N {
			sd += (y.X[i*y.D+j] - mean) * (y.X[i*y.D+j] - mean) / float64(y.N)
		}
		out[j] = math.Sqrt(sd)
		if constant(y, j) {
			out[j] = 0
		}
		widest = max(widest, out[j])
	}
	for j, sd := range out {
		if sd == 0 {
			out[j] = max(math.Abs(y.X[j]), widest) / 100
		}
		if out[j] == 0 {
			out[j] = 1
		}
	}
	return out
}

// constant reports a column that does not vary.
func constant(y ito.States, j int) bool {
	for i := range y.N {
		if y.X[i*y.D+j] != y.X[j] {
			return false
		}
	}
	return true
}

// scaled are rows with columns in these units.
func scaled(x ito.States, units []float64) ito.States {
	out := x.Like(x.D)
	for i := range x.N {
		from, to := x.Row(i), out.Row(i)
		for k, v := range from {
			to[k] = v / units[k]
		}
	}
	return out
}

// shapes compares the distribution of every column that varies in the data.
func shapes(axes []Axis, x, y ito.States) {
	limit := metric.KSLimit(x.N, y.N, alarmLevel/3/float64(len(axes)))
	for j := range axes {
		if axes[j].DataSD > 0 {
			axes[j].KS = metric.KS(column(x, j).X, column(y, j).X)
		}
		axes[j].KSLimit = limit
	}
}

// Measure takes a distance with its floor and its baseline.
func (p Protocol) Measure(ctx context.Context, f metric.Distance, x, y, normal ito.States) (Distance, error) {
	score, err := metric.Measure(ctx, f, x, y, p.Draws, p.Rows, p.Seed)
	if err != nil {
		return Distance{}, err
	}
	floor, err := metric.Floor(ctx, f, y, max(p.Draws, metric.Draws), score.N, p.Seed)
	if err != nil {
		return Distance{}, err
	}
	base, err := metric.Measure(ctx, f, normal, y, p.Draws, score.N, p.Seed)
	return Distance{score.WithFloor(floor), base.Value}, err
}

// Normals draws as many rows as y has, at most 20000, from the normal distribution with its moments; beyond
// [ito.DefaultFull] columns from that of uncorrelated columns with its means and variances.
func Normals(y ito.States, seed uint64) (ito.States, error) {
	if y.D > ito.DefaultFull {
		return uncorrelated(y, seed)
	}
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

// uncorrelated is Normals column by column.
func uncorrelated(y ito.States, seed uint64) (ito.States, error) {
	g, err := metric.Variances(y)
	if err != nil {
		return ito.States{}, err
	}
	x := ito.NewStates(min(y.N, data.DefaultRows), y.D, 0)
	ito.Seed(seed).Normal(x, rng.PurposeTarget, 0, 0)
	for i := range x.N {
		row := x.Row(i)
		for k, z := range row {
			row[k] = g.Mean[k] + float64(math.Sqrt(g.Cov[k])*z)
		}
	}
	return x, nil
}
