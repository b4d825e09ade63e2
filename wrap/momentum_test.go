package wrap

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// momentumCase is a momentum path with Gaussian data for which nothing is left to learn.
type momentumCase struct {
	name string
	path *path.Momentum
	data ito.Gaussian
}

func momentumCases() []momentumCase {
	turned := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{2, .8, .8, 5}}
	axes := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{2, 0, 0, 50}}
	return []momentumCase{
		{"cld", must(path.NewCLD(path.CLDConfig{D: 2})), turned},
		{"cld, centred", must(path.NewCLD(path.CLDConfig{Mean: []float64{.5, 1}, Gamma: 1.3})), turned},
		{"vsmd", must(path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.6}, Mean: []float64{1, -2}})), axes},
		{"vsmd, under-damped", must(path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.6}, Kappa: .9})), axes},
	}
}

var momentumTimes = []float64{1e-3, .02, .3, 1}

// The target that Prepare writes makes the score −L⁻ᵀε of the draw, the truth given x_0, at inputs that training
// and use share; x̃ and F are a rotation of u and ε; the weight is that of ‖ε̂_v − ε_v‖².
func TestMomentumPrepare(t *testing.T) {
	const n = 8
	for _, c := range momentumCases() {
		data := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, .3, .3, .4}}
		x0, eps := normals(n, 2, 6, 1.5), normals(n, 4, 7, 1)
		at := make(ito.Times, n)
		for i := range at {
			at[i] = momentumTimes[i/2]
		}
		x := x0.Like(4)
		pre := must(NewMomentum(c.path, data))
		b := NewMomentumBatch(n, 2)
		if err := errors.Join(c.path.Perturb(x, x0, at, ito.Cond{}, replay{eps}), pre.Prepare(b, x0, eps, at,
			ito.PredEps)); err != nil {
			t.Fatal(err)
		}
		s := pre.Rows(ito.PredScore).(*momentumRows)
		in, feat := make([]float64, 4*n), make([]float64, n)
		if err := s.Enter(in, feat, x, at, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		resp, l := make([]float64, 4), make([]float64, 6)
		ex := make([]float64, 4*n)
		pre.turnHalves(ex, eps.X, n)
		for i := range n {
			c.path.Hybrid(at[i], resp, l)
			if c.path.Shared() {
				copy(l[3:], l[:3])
			}
			o := s.runs.scalesOf(i)
			if got := float64(b.Feat[i]); math.Abs(got-o.feat[0]) > 1e-5 {
				t.Fatalf("%s: feature %g in training, %g in use", c.name, got, o.feat[0])
			}
			norm, unit := 0.0, 0.0
			for j := range 4 {
				if got, want := float64(b.X[4*i+j]), in[4*i+j]; math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
					t.Fatalf("%s at %g: input %g in training, %g in use", c.name, at[i], got, want)
				}
				norm += float64(b.X[4*i+j]) * float64(b.X[4*i+j])
				unit += eps.Row(i)[j] * eps.Row(i)[j]
			}
			for k := range 2 {
				F := float64(b.Target[2*i+k])
				norm += F * F
				unit += b.u[2*i+k] * b.u[2*i+k] / pre.s0[k]
				y, v := s.y[4*i+k]-o.centre[2*k], s.y[4*i+2+k]-o.centre[2*k+1]
				p := o.skip[4*k:]
				sx := p[0]*y + p[1]*v + o.out[2*k]*F
				sv := p[2]*y + p[3]*v + o.out[2*k+1]*F
				lxx, lvx, lvv := l[3*k], l[3*k+1], l[3*k+2]
				ev := ex[4*i+2+k]
				wv := -ev / lvv
				wx := -(ex[4*i+k] - lvx*ev/lvv) / lxx
				// The target is a float32: its rounding is carried by out.
				if tol := 1e-6 * (1 + math.Abs(wv) + math.Abs(o.out[2*k+1])*4); math.Abs(sv-wv) > tol {
					t.Errorf("%s at %g: score of the velocity %g, want %g", c.name, at[i], sv, wv)
				}
				if tol := 1e-6 * (1 + math.Abs(wx) + math.Abs(o.out[2*k])*4); math.Abs(sx-wx) > tol {
					t.Errorf("%s at %g: score of the position %g, want %g", c.name, at[i], sx, wx)
				}
				if got, want := float64(b.Weight[2*i+k]), math.Pow(o.out[2*k+1]*lvv, 2); math.Abs(
					got-want) > 1e-5*want {
					t.Errorf("%s at %g: weight %g, want %g", c.name, at[i], got, want)
				}
			}
			if math.Abs(norm-unit) > 1e-5*unit {
				t.Errorf("%s at %g: |x̃|²+|F|² is %g and |u|²+|ε|² %g: not a rotation", c.name, at[i], norm, unit)
			}
		}
	}
}
