package inverse

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// Trial sets a method against closed-form posteriors: data are drawn from a prior and measured, and the draws of the
// method given each measurement are compared with exact ones.
type Trial struct {
	Prior      field.Mixture
	Operator   string // a word
	Sigma      float64
	Posteriors int
	Draws      int // of each posterior; Draws+1 a multiple of 20 makes the coverages of exact draws exact
	Levels     int // 0: the method's
	Seed       uint64
	Dims       int // coordinates of each posterior whose coverage is counted; 0: 4
}

// TrialResult is what a method did.
type TrialResult struct {
	// Distance is the mean sliced W2 of its draws to exact ones, Floor that of other exact ones.
	Distance, Floor float64
	// Within50 and Within90 are the parts of the true coordinates in the central intervals of the draws; SE is the
	// standard error of Within50 over the posteriors.
	Within50, Within90, SE float64
	// RMSE is that of the mean of the draws to the true state, ExactRMSE that of the exact mean.
	RMSE, ExactRMSE float64
	Evals           int // network calls a draw
}

// Ratio is the distance in floors.
func (t TrialResult) Ratio() float64 { return t.Distance / t.Floor }

// PriorOf is a prior of a trial: gaussian, with variances from .1 to 1.5 (up to 64 dimensions with neighbours
// correlated by .7 besides), or mixture, of four normals of variance .1 around random means of variance 1.
func PriorOf(kind string, d int) (field.Mixture, error) {
	switch kind {
	case "gaussian":
		m := field.Mixture{D: d, Means: make([]float64, d), Var: make([]float64, d)}
		for i := range d {
			m.Means[i] = .5 * math.Sin(float64(i))
			m.Var[i] = .1 * math.Pow(15, float64(i*7%d)/float64(max(d-1, 1)))
		}
		if d > 64 {
			return m, nil
		}
		m.Cov = make([]float64, d*d)
		for i := range d {
			for j := range d {
				m.Cov[i*d+j] = math.Sqrt(m.Var[i]*m.Var[j]) * math.Pow(.7, math.Abs(float64(i-j)))
			}
		}
		m.Var = nil
		return m, nil
	case "mixture":
		m := field.Mixture{D: d, Means: make([]float64, 4*d), Var: make([]float64, d)}
		rng.NewKey(77, rng.PurposeTarget, uint32(d), 0).Normals64(m.Means, d, []uint64{0, 1, 2, 3})
		for i := range d {
			m.Var[i] = .1
		}
		return m, nil
	}
	return field.Mixture{}, &ito.InputError{Where: "prior", What: fmt.Sprintf("there is no prior %q", kind),
		Do: suggest.Among(kind, []string{"gaussian", "mixture"})}
}

// TrialOperators are words of operators on d numbers: mask, blur, down-sampling, compressed sensing and Fourier.
func TrialOperators(d int) []string {
	w := []string{"mask:keep=.5", "blur:sigma=1", "downsample:factor=2", "random:ratio=.5", "fourier:accel=2"}
	if d < 4 {
		w[1], w[4] = "blur:sigma=.5", "fourier:accel=2,centre=.5"
	}
	return w
}

// Run draws on path edm up to noise 80. The same trial gives the same numbers.
func (t Trial) Run(ctx context.Context, m Method) (TrialResult, error) {
	if (t.Draws+1)%20 != 0 || t.Posteriors < 1 {
		return TrialResult{}, &ito.InputError{Where: "trial", What: fmt.Sprintf("%d draws of %d posteriors", t.Draws,
			t.Posteriors), Do: "give 19, 39, 59, … draws"}
	}
	d := t.Prior.D
	op, err := Parse(t.Operator, Setting{Shape: []int{d}})
	if err != nil {
		return TrialResult{}, err
	}
	a, ok := op.(Linear)
	if !ok {
		return TrialResult{}, &ito.InputError{Where: "operator " + op.Kind(), What: "its posterior has no closed form"}
	}
	exact, err := NewExact(t.Prior, a, t.Sigma)
	if err != nil {
		return TrialResult{}, err
	}
	f, err := field.NewMixture(path.EDM{}, t.Prior)
	if err != nil {
		return TrialResult{}, err
	}
	x0, err := f.As(ito.PredX0)
	if err != nil {
		return TrialResult{}, err
	}
	truth := ito.NewStates(t.Posteriors, d, 0)
	if err := t.Prior.Draw(truth, ito.Seed(t.Seed)); err != nil {
		return TrialResult{}, err
	}
	_, my := a.Dims()
	y := truth.Like(my)
	noise := truth.Like(my)
	ito.Seed(t.Seed).Normal(noise, rng.PurposeData, 0, 0)
	var sum tally
	for p := range t.Posteriors {
		row := y.Row(p)
		a.Apply(row, truth.Row(p))
		Gaussian{t.Sigma}.Measure(row, noise.Row(p), nil)
		first := uint64(p) * uint64(t.Draws)
		x := ito.NewStates(t.Draws, d, first)
		info, err := Restore(ctx, Measured{Path: path.EDM{}, Field: x0, Operator: op, Noise: Gaussian{t.Sigma},
			Y: y.Slice(p, p+1)}, m, x, RestoreOptions{Levels: t.Levels, Noise: ito.Seed(t.Seed)})
		if err != nil {
			return TrialResult{}, err
		}
		if err := sum.add(ctx, t, exact, x, truth.Row(p), row, info.Evals); err != nil {
			return TrialResult{}, err
		}
	}
	return sum.result(), nil
}

// tally adds posteriors up.
type tally struct {
	r       TrialResult
	n       float64
	in50    []float64
	squares float64
}

func (s *tally) add(ctx context.Context, t Trial, e *Exact, x ito.States, truth, y []float64, evals int) error {
	d := x.D
	one, other := x.Like(d), x.Like(d)
	e.Draw(one, y, ito.Seed(t.Seed+1))
	e.Draw(other, y, ito.Seed(t.Seed+2))
	const directions = 32
	dist, err := metric.SlicedW2(ctx, x, one, directions, t.Seed)
	if err != nil {
		return err
	}
	floor, err := metric.SlicedW2(ctx, other, one, directions, t.Seed)
	if err != nil {
		return err
	}
	s.r.Distance += dist
	s.r.Floor += floor
	s.r.Evals = max(s.r.Evals, evals)
	dims := min(d, max(t.Dims, 0))
	if dims == 0 {
		dims = min(d, 4)
	}
	in50, in90 := 0., 0.
	column := make([]float64, x.N)
	for q := range dims {
		j := q * d / dims
		for i := range column {
			column[i] = x.Row(i)[j]
		}
		slices.Sort(column)
		inside := func(part float64) bool {
			k := int(math.Round((1 - part) / 2 * float64(x.N+1)))
			return truth[j] > column[k-1] && truth[j] < column[x.N-k]
		}
		if inside(.5) {
			in50 += 1 / float64(dims)
		}
		if inside(.9) {
			in90 += 1 / float64(dims)
		}
	}
	s.r.Within50 += in50
	s.r.Within90 += in90
	s.in50 = append(s.in50, in50)
	mean, best := make([]float64, d), make([]float64, d)
	for i := range x.N {
		for j, v := range x.Row(i) {
			mean[j] += v / float64(x.N)
		}
	}
	e.Mean(best, y)
	for j, v := range truth {
		s.r.RMSE += (mean[j] - v) * (mean[j] - v) / float64(d)
		s.r.ExactRMSE += (best[j] - v) * (best[j] - v) / float64(d)
	}
	s.n++
	return nil
}

func (s *tally) result() TrialResult {
	r := s.r
	for _, v := range []*float64{&r.Distance, &r.Floor, &r.Within50, &r.Within90, &r.RMSE, &r.ExactRMSE} {
		*v /= s.n
	}
	r.RMSE, r.ExactRMSE = math.Sqrt(r.RMSE), math.Sqrt(r.ExactRMSE)
	for _, v := range s.in50 {
		s.squares += (v - r.Within50) * (v - r.Within50)
	}
	if s.n > 1 {
		r.SE = math.Sqrt(s.squares / (s.n - 1) / s.n)
	}
	return r
}

// KindOf is the name of an operator's word without settings.
func KindOf(word string) string {
	kind, _, _ := strings.Cut(word, ":")
	return kind
}
