package solve_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// eased is grid with the first step cut into 1/64, 1/64, 1/32 … 1/2 of it. Multistep solvers begin with low orders;
// where predictions change from the start on, as they do not in pure noise, their first steps would leave an error
// of order 2.
func eased(pr problem, k int) ito.Grid {
	g := grid(pr, k)
	fine := must(solve.LogSNR(pr.p, g[0], g[1], 64))
	out := ito.Grid{g[0]}
	for i := 1; i < 64; i *= 2 {
		out = append(out, fine[i])
	}
	return append(out, g[1:]...)
}

// The order that a solver declares is the slope of its error on every path, or less than the slope where its error's
// leading term is small.
func TestOrders(t *testing.T) {
	for _, pr := range problems() {
		f, x := exact(pr), noise(pr, 16)
		ref, _ := run(t, pr, f, x, ito.Grid{pr.from, pr.to}, solve.Dopri5{Tol: 1e-11})
		for _, s := range solve.All() {
			info := s.Info()
			if info.Adaptive || info.Stochastic || !serves(pr.p, s) {
				continue
			}
			times := grid
			if multistep(pr, s) && info.Order > 2 {
				times = eased
			}
			k := 80
			if info.Order == 4 {
				k = 160
			}
			coarse, _ := run(t, pr, f, x, times(pr, k), s)
			fine, _ := run(t, pr, f, x, times(pr, 2*k), s)
			e1, e2 := rmse(coarse, ref), rmse(fine, ref)
			if slope := math.Log2(e1 / e2); slope < float64(info.Order)-.2 || info.Order < 3 &&
				slope > float64(info.Order)+.2 {
				t.Errorf("%s on %s: slope %.2f (errors %.3g, %.3g), order %d", info.Name, pr.name, slope, e1, e2,
					info.Order)
			}
		}
	}
}

// On Gaussian data the probability flow is the affine map M that turns the marginal at the start into the
// marginal at the end, M S M' = S'; per axis of a diagonal problem x' = m' + (x−m) √(S'/S).
func TestGaussianMap(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{.4, -.6}, Cov: []float64{.5, .2, .2, .7}}
	axes := ito.Gaussian{Mean: g.Mean, Cov: []float64{.5, 0, 0, 1.3}}
	for _, pr := range problems() {
		for _, g := range []ito.Gaussian{g, axes} {
			f := must(field.NewGaussian(pr.p, g))
			S, S1 := must(path.Marginal(pr.p, pr.from, g)), must(path.Marginal(pr.p, pr.to, g))
			x := ito.NewStates(3, 2, 0)
			for i := range 3 {
				copy(x.Row(i), S.Mean)
				if i > 0 {
					x.Row(i)[i-1]++
				}
			}
			y, _ := run(t, pr, f, x, ito.Grid{pr.from, pr.to}, solve.Dopri5{Tol: 1e-10})
			var M [4]float64
			for i := range 2 {
				for j := range 2 {
					M[i*2+j] = y.Row(j + 1)[i] - y.Row(0)[i]
				}
				if math.Abs(y.Row(0)[i]-S1.Mean[i]) > 1e-6 {
					t.Errorf("%s: the mean goes to %v, want %v", pr.name, y.Row(0), S1.Mean)
				}
			}
			for i := range 2 {
				for j := range 2 {
					v := 0.0
					for k := range 2 {
						for l := range 2 {
							v += M[i*2+k] * S.Cov[k*2+l] * M[j*2+l]
						}
					}
					if math.Abs(v-S1.Cov[i*2+j]) > 1e-6 {
						t.Errorf("%s: covariance %d,%d becomes %g, want %g", pr.name, i, j, v, S1.Cov[i*2+j])
					}
				}
				d, ok := pr.p.(ito.Diagonal)
				if want := math.Sqrt(S1.Cov[i*3] / S.Cov[i*3]); ok && d.Basis() == nil && g.Cov[1] == 0 &&
					math.Abs(M[i*3]-want) > 1e-6 {
					t.Errorf("%s: axis %d is scaled by %g, want %g", pr.name, i, M[i*3], want)
				}
			}
		}
	}
}

// unit is a noise of 1 in step k of the row of id k and 0 elsewhere.
type unit struct{}

func (unit) Normal(dst ito.States, _ rng.Purpose, step, _ uint32) { one(dst, uint64(step), 0) }

// one clears dst and puts 1 at a place in the row of the given id.
func one(dst ito.States, id uint64, place int) {
	clear(dst.X)
	for i, v := range dst.ID {
		if v == id {
			dst.Row(i)[place] = 1
		}
	}
}

// The variance that Euler–Maruyama gives Gaussian data is Σ over steps of the squared response to that
// step's noise, without Monte Carlo. Data N(0,.25), VP from 1 to 1e-3, uniform grid: the sheet's table.
func TestEMVariance(t *testing.T) {
	f := must(field.NewMixture(path.VP{}, field.Mixture{D: 1, Means: []float64{0}, Var: []float64{.25}}))
	for k, want := range map[int]float64{10: .327309, 20: .275281, 50: .258256, 100: .253904, 1000: .250442} {
		x := ito.NewStates(k+1, 1, 0)
		x.X[k] = 1
		g := must(solve.Uniform(path.VP{}, 1, 1e-3, k))
		if _, err := solve.Run(ctx, path.VP{}, f, x, g, solve.EM{}, solve.RunOptions{Noise: unit{}}); err != nil {
			t.Fatal(err)
		}
		v := 0.0
		for _, c := range x.X {
			v += c * c
		}
		if math.Abs(v-want) > 1e-6 {
			t.Errorf("%d steps: variance %.6f, want %.6f", k, v, want)
		}
	}
}

// On every path the covariance of Euler–Maruyama tends to the marginal's with weak order 1: it is the
// sum of c cᵀ over the responses c to each unit noise and to the roots of the starting covariance.
func TestEMCovarianceOnEveryPath(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of steps of hundreds of rows")
	}
	for _, pr := range problems() {
		g := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{.5, 0, 0, .7}}
		f := must(field.NewGaussian(pr.p, g))
		S, S1 := must(path.Marginal(pr.p, pr.from, g)), must(path.Marginal(pr.p, pr.to, g))
		var errs []float64
		k0 := 200
		if pr.name == "ve" {
			k0 = 800 // the terms of first and second order nearly cancel before
		}
		for _, k := range []int{k0, 2 * k0} {
			cov := make([]float64, 4)
			for axis := range 2 {
				// rows: one for the noise of each step, one for a column of the root, one for nothing
				x := ito.NewStates(k+2, 2, 0)
				l := math.Sqrt(S.Cov[0])
				switch axis {
				case 0:
					copy(x.Row(k), []float64{l, S.Cov[1] / l})
				case 1:
					x.Row(k)[1] = math.Sqrt(S.Cov[3] - S.Cov[1]*S.Cov[1]/S.Cov[0])
				}
				if _, err := solve.Run(ctx, pr.p, f, x, grid(pr, k), solve.EM{},
					solve.RunOptions{Noise: along(axis)}); err != nil {
					t.Fatal(err)
				}
				zero := x.Row(k + 1)
				for i := range k + 1 {
					a, b := x.Row(i)[0]-zero[0], x.Row(i)[1]-zero[1]
					cov[0] += a * a
					cov[1] += a * b
					cov[2] += a * b
					cov[3] += b * b
				}
			}
			worst := 0.0
			for i, c := range cov {
				worst = math.Max(worst, math.Abs(c-S1.Cov[i]))
			}
			errs = append(errs, worst)
		}
		if slope := math.Log2(errs[0] / errs[1]); math.Abs(slope-1) > .2 {
			t.Errorf("%s: errors of the covariance %v, slope %.2f", pr.name, errs, slope)
		}
	}
}

// along is unit noise along one axis.
type along int

func (a along) Normal(dst ito.States, _ rng.Purpose, step, _ uint32) {
	one(dst, uint64(step), int(a))
}

// Uniform implements ito.Noise.
func (unit) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }

// Uniform implements ito.Noise.
func (along) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
