package solve_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// ones is a noise that is zero but for one value of one draw, counted over the steps.
type ones struct{ step, sub, at int }

func (o ones) Normal(dst ito.States, _ rng.Purpose, step, sub uint32) {
	clear(dst.X)
	if int(step) == o.step && int(sub) == o.sub {
		dst.X[o.at] = 1
	}
}

// covariance carries the covariance of the exact prior marginal through a linear run without sampling: a run is
// affine in the start and in every draw, so its response to each of them is a column of the map.
func covariance(t *testing.T, p ito.Linear, f ito.Field, start []float64, g ito.Grid, s ito.Solver,
	draws int) []float64 {
	t.Helper()
	d := p.Dim()
	apply := func(x []float64, n ito.Noise) []float64 {
		y := ito.States{N: 1, D: d, X: append([]float64(nil), x...), ID: []uint64{0}}
		if _, err := solve.Run(ctx, p, f, y, g, s, solve.RunOptions{Noise: n}); err != nil {
			t.Fatal(err)
		}
		return y.X
	}
	zero := apply(make([]float64, d), quiet{})
	out := make([]float64, d*d)
	add := func(y []float64, w []float64) { // w: weights of this column against the others
		for i := range d {
			for j := range d {
				out[i*d+j] += w[0] * (y[i] - zero[i]) * (y[j] - zero[j])
			}
		}
	}
	root := cholesky2(start)
	for k := range d {
		add(apply([]float64{root[0*2+k], root[1*2+k]}, quiet{}), []float64{1})
	}
	for k := range len(g) - 1 {
		for sub := range draws {
			for i := range d {
				add(apply(make([]float64, d), ones{k, sub, i}), []float64{1})
			}
		}
	}
	return out
}

// cholesky2 is the lower factor of a 2×2 covariance.
func cholesky2(c []float64) []float64 {
	a := math.Sqrt(c[0])
	b := c[2] / a
	return []float64{a, 0, b, math.Sqrt(c[3] - b*b)}
}

// marginal is Φ C Φᵀ + Σ at t, for dimension 2.
func marginal(p ito.Linear, c []float64, t float64) []float64 {
	phi, out := make([]float64, 4), make([]float64, 4)
	p.Transition(t, phi, out)
	for i := range 2 {
		for j := range 2 {
			for k := range 2 {
				for l := range 2 {
					out[i*2+j] += phi[i*2+k] * c[k*2+l] * phi[j*2+l]
				}
			}
		}
	}
	return out
}

// On Gaussian data the covariance of what SSCS samples, by exact propagation: with the data's moments for a
// reference it is exact with one step, and with the path's own it tends to the exact one with the declared order,
// ahead of Euler–Maruyama.
func TestSSCSVariance(t *testing.T) {
	for name, p := range map[string]*path.Momentum{"cld": must(path.NewCLD(path.CLDConfig{D: 1})),
		"vsmd": must(path.NewVSMD(path.VSMDConfig{D: 1}))} {
		const variance = .16
		f := must(field.NewMixture(p, field.Mixture{D: 1, Means: []float64{0}, Var: []float64{variance}}))
		lifted := must(p.Lift(ito.Gaussian{Mean: []float64{0}, Cov: []float64{variance}}))
		from, to := 1., .05
		start, want := marginal(p, lifted.Cov, from), marginal(p, lifted.Cov, to)
		off := func(s ito.Solver, n, draws int) (e float64) {
			got := covariance(t, p, f, start, must(solve.Uniform(p, from, to, n)), s, draws)
			for i, v := range got {
				e = math.Max(e, math.Abs(v-want[i])/math.Sqrt(want[i/2*3]*want[i%2*3]))
			}
			return e
		}
		for _, n := range []int{1, 2, 7} {
			for stages := 1; stages <= 2; stages++ {
				if e := off(solve.SSCS{Stages: stages, Reference: lifted}, n, 2); e > 1e-9 {
					t.Errorf("%s, reference of the data, %d steps of %d stages: covariance off by %g", name, n, stages,
						e)
				}
			}
		}
		em := off(solve.EM{}, 80, 1)
		for _, s := range []solve.SSCS{{}, {Stages: 2}} {
			coarse, fine := off(s, 20, 2), off(s, 80, 2)
			slope := math.Log2(coarse/fine) / 2
			t.Logf("%s, %s: covariance off by %.4f and %.4f, slope %.2f; em %.4f", name, s.Info().Name, coarse, fine,
				slope, em)
			if math.Abs(slope-float64(s.Info().Order)) > .25 || fine > em/2 {
				t.Errorf("%s, %s: weak order %.2f (errors %.2g and %.2g), Euler–Maruyama's error %.2g", name,
					s.Info().Name, slope, coarse, fine, em)
			}
		}
	}
}

func TestSSCSRefuses(t *testing.T) {
	p := must(path.NewCLD(path.CLDConfig{D: 1}))
	for what, err := range map[string]error{
		"a diagonal path": second1(solve.SSCS{}.Plan(path.VP{}, ito.Grid{1, .5}, ito.PredScore)),
		"a velocity":      second1(solve.SSCS{}.Plan(p, ito.Grid{1, .5}, ito.PredVelocity)),
		"towards noise":   second1(solve.SSCS{}.Plan(p, ito.Grid{.5, 1}, ito.PredScore)),
		"another dimension": second1(solve.SSCS{Reference: ito.Gaussian{Cov: []float64{1}}}.Plan(p, ito.Grid{1, .5},
			ito.PredScore)),
		"three stages": second1(solve.SSCS{Stages: 3}.Plan(p, ito.Grid{1, .5}, ito.PredScore)),
		"a singular moments": second1(solve.SSCS{Reference: ito.Gaussian{Cov: []float64{math.NaN(), 0, 0, 0}}}.Plan(p,
			ito.Grid{1, .5}, ito.PredScore)),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Uniform implements ito.Noise.
func (ones) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
