package selfguide

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// process is a Gaussian process of windows whose first values are observed: everything about it is known.
type process struct {
	length, seen int
	law          ito.Gaussian
	gain         mat.Dense // E[rest | seen] = gain · seen
	spread       []float64 // sd of each of the rest given the seen
	root         mat.TriDense
	path         *path.Discrete
}

// newProcess has seasons of 12 whose shape changes slowly, and short-lived deviations.
func newProcess(t *testing.T, length, seen, steps int) *process {
	t.Helper()
	p := &process{length: length, seen: seen}
	p.law.Mean, p.law.Cov = make([]float64, length), make([]float64, length*length)
	for i := range length {
		for j := range length {
			d := float64(i - j)
			s := math.Sin(math.Pi * d / 12)
			k := .6*math.Exp(-2*s*s-d*d/(2*60*60)) + .35*math.Exp(-math.Abs(d)/4)
			if i == j {
				k += .05
			}
			p.law.Cov[i*length+j] = k
		}
	}
	full := mat.NewSymDense(length, p.law.Cov)
	var whole, part mat.Cholesky
	rest := length - seen
	known := mat.NewSymDense(seen, nil)
	cross := mat.NewDense(rest, seen, nil)
	for i := range length {
		for j := range seen {
			switch {
			case i >= seen:
				cross.Set(i-seen, j, full.At(i, j))
			case i >= j:
				known.SetSym(i, j, full.At(i, j))
			}
		}
	}
	if !whole.Factorize(full) || !part.Factorize(known) {
		t.Fatal("the kernel is not positive definite")
	}
	whole.LTo(&p.root)
	var solved mat.Dense
	if err := part.SolveTo(&solved, cross.T()); err != nil {
		t.Fatal(err)
	}
	p.gain.CloneFrom(solved.T())
	for i := range rest {
		v := full.At(seen+i, seen+i)
		for j := range seen {
			v -= p.gain.At(i, j) * cross.At(i, j)
		}
		p.spread = append(p.spread, math.Sqrt(v))
	}
	var err error
	if p.path, err = path.NewDiscrete(path.DiscreteConfig{N: steps, BetaStart: .01 / float64(steps),
		BetaEnd: math.Min(10/float64(steps), .9)}); err != nil {
		t.Fatal(err)
	}
	return p
}

// draw are n windows.
func (p *process) draw(n int, seed uint64) ito.States {
	z, x := ito.NewStates(n, p.length, 0), ito.NewStates(n, p.length, 0)
	ito.Seed(seed).Normal(z, rng.PurposeTarget, 0, 0)
	for i := range n {
		mat.NewVecDense(p.length, x.Row(i)).MulVec(&p.root, mat.NewVecDense(p.length, z.Row(i)))
	}
	return x
}

// mean is the law of the rest given the seen values of a window.
func (p *process) mean(window []float64) []float64 {
	m := make([]float64, p.length-p.seen)
	mat.NewVecDense(len(m), m).MulVec(&p.gain, mat.NewVecDense(p.seen, window[:p.seen]))
	return m
}

// absolute is E|x − Y| for Y ~ N(m, s²).
func absolute(x, m, s float64) float64 {
	z := (x - m) / s
	return s * (z*math.Erf(z/math.Sqrt2) + math.Sqrt(2/math.Pi)*math.Exp(-z*z/2))
}

// crps is the expected continuous ranked probability score of samples [S] when the truth is N(m, s²), with the
// unbiased estimate of their spread.
func crps(samples []float64, m, s float64) float64 {
	sum, pairs, n := 0., 0., float64(len(samples))
	for i, a := range samples {
		sum += absolute(a, m, s)
		for _, b := range samples[:i] {
			pairs += math.Abs(a - b)
		}
	}
	return sum/n - pairs/(n*(n-1))
}

// best is the least that crps can be: of N(m, s²) itself.
func (p *process) best() float64 {
	sum := 0.0
	for _, s := range p.spread {
		sum += s / math.Sqrt(math.Pi)
	}
	return sum / float64(len(p.spread))
}

// forecast draws samples of every window given what is seen of it: [N·S,D].
func (p *process) forecast(t *testing.T, f ito.Field, windows ito.States, samples int, h Guide, solver ito.Solver,
	steps int) ito.States {
	t.Helper()
	known := make([]bool, p.length)
	for i := range p.seen {
		known[i] = true
	}
	h.Observed = func(id uint64) Observed {
		k, s := int(id)/samples, int(id)%samples
		return Observed{Y: windows.Row(k), Known: known, Q: Level(s, samples)}
	}
	x := ito.NewStates(windows.N*samples, p.length, 0)
	if err := p.path.Prior(x, ito.Cond{}, ito.Seed(7)); err != nil {
		t.Fatal(err)
	}
	lo, hi := p.path.Span()
	grid, err := solve.Uniform(p.path, hi, lo, steps)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := solve.Run(t.Context(), p.path, f, x, grid, solver, solve.RunOptions{Noise: ito.Seed(7),
		Hooks: []ito.Hook{h}, Unchecked: true}); err != nil {
		t.Fatal(err)
	}
	return x
}

// score is the mean of crps over windows and leads.
func (p *process) score(x, windows ito.States) float64 {
	samples := x.N / windows.N
	sum, one := 0.0, make([]float64, samples)
	for k := range windows.N {
		m := p.mean(windows.Row(k))
		for i, s := range p.spread {
			for j := range one {
				one[j] = x.Row(k*samples + j)[p.seen+i]
			}
			sum += crps(one, m[i], s)
		}
	}
	return sum / float64(windows.N*len(p.spread))
}

func (p *process) field(t *testing.T) ito.Field {
	t.Helper()
	f, err := field.NewGaussian(p.path, p.law)
	if err != nil {
		t.Fatal(err)
	}
	eps, err := f.As(ito.PredEps)
	if err != nil {
		t.Fatal(err)
	}
	return eps
}
