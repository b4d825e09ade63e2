package approx

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/rng"
)

// gaussian is e^c N(mean, Σ) with a covariance that is far from diagonal: Σ = A Aᵀ, A standard normal with scales.
func gaussian(d int, seed uint64) (t infertest.Density, mean, cov []float64) {
	a, ids := make([]float64, d*d), []uint64{0}
	rng.NewKey(seed, rng.PurposeUser, 0, 0).Normals64(a, d*d, ids)
	for i := range d {
		a[i*d+i] += 2
		for j := range d {
			a[i*d+j] *= math.Exp(float64(i%3) - 1)
		}
	}
	cov, mean = make([]float64, d*d), make([]float64, d)
	for i := range d {
		mean[i] = float64(i) - 1.5
		for j := range d {
			for k := range d {
				cov[i*d+j] += a[i*d+k] * a[j*d+k]
			}
		}
	}
	law := newDense(mean, cov)
	t = infertest.NewDensity(d, func(x, g []float64) float64 {
		z, u := make([]float64, d), make([]float64, d)
		for i := range d {
			z[i] = x[i] - mean[i]
			for j := range i {
				z[i] -= law.Factor[i*d+j] * z[j]
			}
			z[i] /= law.Factor[i*d+i]
		}
		l := 3. - float64(d)/2*math.Log(2*math.Pi) - law.logDet
		for i := d - 1; i >= 0; i-- {
			l -= z[i] * z[i] / 2
			u[i] = z[i]
			for k := i + 1; k < d; k++ {
				u[i] -= law.Factor[k*d+i] * u[k]
			}
			u[i] /= law.Factor[i*d+i]
			if g != nil {
				g[i] = -u[i]
			}
		}
		return l
	})
	return t, mean, cov
}

// run runs a kernel to its end.
func run(t *testing.T, target ito.Target, k infer.Kernel, groups int) (*infer.State, infer.Report) {
	t.Helper()
	s := infer.NewState(k, groups, target.Dim(), 0)
	r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

// covarianceOf is Σ of a normal, by what it makes of unit vectors.
func covarianceOf(n *Normal) []float64 {
	d := len(n.Mean)
	f := make([]float64, d*d)
	for k := range d {
		z, x := make([]float64, d), make([]float64, d)
		z[k] = 1
		n.Draw(x, z)
		for i := range d {
			f[i*d+k] = x[i] - n.Mean[i]
		}
	}
	out := make([]float64, d*d)
	for i := range d {
		for j := range d {
			for k := range d {
				out[i*d+j] += f[i*d+k] * f[j*d+k]
			}
		}
	}
	return out
}

// apart is the largest difference of covariances in units of the standard deviations.
func apart(a, b []float64, d int) float64 {
	most := 0.
	for i := range d {
		for j := range d {
			most = max(most, math.Abs(a[i*d+j]-b[i*d+j])/math.Sqrt(b[i*d+i]*b[j*d+j]))
		}
	}
	return most
}

// Of a normal, the mode is its mean and the curvature its covariance, whatever the correlations: Laplace is exact, all
// weights are equal and log Z is known to rounding.
func TestNormalIsExact(t *testing.T) {
	for _, d := range []int{1, 2, 7, 20} {
		t.Run(fmt.Sprint(d), func(t *testing.T) {
			target, mean, cov := gaussian(d, 3)
			s, _ := run(t, target, Mode{}, 1)
			for j, m := range mean {
				if e := math.Abs(s.X[j]-m) / math.Sqrt(cov[j*d+j]); e > 1e-8 {
					t.Errorf("mode %d: %v, want %v: %.1g standard deviations off", j, s.X[j], m, e)
				}
			}
			if e := apart(s.Var("covariance"), cov, d); e > 1e-6 {
				t.Errorf("covariance off by %.1g", e)
			}
			s, r := run(t, target, Laplace{Outcome: Outcome{Draws: 50}}, 2)
			for g := range 2 {
				if z := s.Var("logz")[g]; math.Abs(z-3) > 1e-6 {
					t.Errorf("log Z %v, want 3", z)
				}
				if e := s.Var("ess")[g]; e < 50-1e-6 {
					t.Errorf("effective size %v of 50", e)
				}
			}
			if len(r.Warnings) > 0 {
				t.Error(r.Warnings)
			}
		})
	}
}

// Pathfinder's normals are a normal's own, mean and covariance, where the ascent remembers as many steps as there are
// dimensions; beyond that, importance weights make up for what they lack.
func TestPathfinderOfNormal(t *testing.T) {
	for _, d := range []int{1, 2, 7} {
		target, mean, cov := gaussian(d, 3)
		k := Pathfinder{Outcome: Outcome{Draws: 400}}
		s, r := run(t, target, k, 2)
		for g := range 2 {
			for i, law := range k.Laws(s, g) {
				if e := apart(covarianceOf(law), cov, d); e > 1e-9 {
					t.Errorf("dimension %d, path %d: covariance off by %.2g", d, i, e)
				}
				for j, m := range mean {
					if e := math.Abs(law.Mean[j]-m) / math.Sqrt(cov[j*d+j]); e > 1e-9 {
						t.Errorf("dimension %d, path %d: mean %d off by %.2g standard deviations", d, i, j, e)
					}
				}
			}
			if z := s.Var("logz")[g]; math.Abs(z-3) > 1e-9 {
				t.Errorf("dimension %d: log Z %v, want 3", d, z)
			}
		}
		if len(r.Warnings) > 0 {
			t.Error(r.Warnings)
		}
	}
	target, mean, cov := gaussian(30, 3) // remembers 40 steps
	s, _ := run(t, target, Pathfinder{Outcome: Outcome{Draws: 2000}, Bound: 5}, 1)
	for j, m := range mean {
		sum := 0.
		for i := range 2000 {
			sum += s.X[i*30+j] / 2000
		}
		if e := math.Abs(sum-m) / math.Sqrt(cov[j*30+j]); e > .25 {
			t.Errorf("dimension 30, mean %d: %.2f standard deviations off", j, e)
		}
	}
}

// The factored form of the inverse Hessian is the dense one, for a path of few pairs in many dimensions: the same
// covariance, log determinant and mean, and the inverse Hessian by the recursion of BFGS.
func TestFactoredForm(t *testing.T) {
	const d, m = 9, 3
	p := path{d, m, make([]float64, pathWidth(d, m))}
	rng.NewKey(5, rng.PurposeUser, 0, 0).Normals64(p.v, len(p.v), []uint64{0})
	p.v[pathPairs] = 0
	p.begin(0)
	sy := make([]float64, 2*d)
	for k := range m {
		rng.NewKey(6, rng.PurposeUser, uint32(k), 0).Normals64(sy, 2*d, []uint64{0})
		s, y := sy[:d], sy[d:]
		for j := range y {
			y[j] = 2*s[j] + .3*y[j]
		}
		p.push(s, y)
	}
	// H ← (I − s yᵀ/sᵀy) H (I − y sᵀ/sᵀy) + s sᵀ/sᵀy
	h := make([]float64, d*d)
	for j, v := range p.diagonal() {
		h[j*d+j] = v
	}
	for k := range m {
		s, y, c := p.step(k), p.change(k), 0.
		for j := range d {
			c += s[j] * y[j]
		}
		hy, yhy := make([]float64, d), 0.
		for i := range d {
			for j := range d {
				hy[i] += h[i*d+j] * y[j]
			}
			yhy += y[i] * hy[i]
		}
		for i := range d {
			for j := range d {
				h[i*d+j] += -(s[i]*hy[j]+hy[i]*s[j])/c + s[i]*s[j]*(yhy/c+1)/c
			}
		}
	}
	n := quasi(p)
	if n == nil || n.Factor != nil {
		t.Fatal("no factored form")
	}
	if e := apart(covarianceOf(n), h, d); e > 1e-12 {
		t.Errorf("covariance off by %.2g", e)
	}
	dense := newDense(n.Mean, h)
	if math.Abs(dense.logDet-n.logDet) > 1e-11 {
		t.Errorf("log determinant %v, want %v", n.logDet, dense.logDet)
	}
	for i := range d {
		want := p.x()[i]
		for j := range d {
			want += h[i*d+j] * p.slope()[j]
		}
		if math.Abs(n.Mean[i]-want) > 1e-12*(1+math.Abs(want)) {
			t.Errorf("mean %d: %v, want %v", i, n.Mean[i], want)
		}
	}
}

// Of a density with a heavier side the normal is wrong, and the weights make it right: the mean of log Gamma(3) is
// digamma(3) after resampling, and that of the Laplace normal, log 3, without it.
func TestResampling(t *testing.T) {
	loggamma := infertest.NewDensity(1, func(x, g []float64) float64 {
		if g != nil {
			g[0] = 3 - math.Exp(x[0])
		}
		return 3*x[0] - math.Exp(x[0])
	})
	for _, c := range []struct {
		plain bool
		want  float64
	}{{false, 0.9227843350984671}, {true, math.Log(3)}} {
		for _, k := range []infer.Kernel{Laplace{Outcome: Outcome{4000, c.plain}},
			Pathfinder{Outcome: Outcome{4000, c.plain}}} {
			s, _ := run(t, loggamma, k, 4)
			mean := 0.
			for _, v := range s.X {
				mean += v / float64(len(s.X))
			}
			// the sd of x is .63; 16,000 draws; a normal of Pathfinder need not stand at the mode
			if k.Name() == "pathfinder" && c.plain {
				continue
			}
			if math.Abs(mean-c.want) > .025 {
				t.Errorf("%s, plain %v: mean %.4f, want %.4f", k.Name(), c.plain, mean, c.want)
			}
			for _, z := range s.Var("logz") {
				if math.Abs(z-math.Log(2)) > .05 { // Γ(3)
					t.Errorf("%s: log Z %v, want log 2", k.Name(), z)
				}
			}
		}
	}
}

// A banana is far from a normal, and k̂ says so.
func TestFarFromNormal(t *testing.T) {
	funnel := infertest.Funnel(10)
	_, r := run(t, funnel, Pathfinder{Outcome: Outcome{Draws: 500}}, 4)
	if len(r.Warnings) == 0 {
		t.Error("no warning")
	}
}

// A density that rises without end, one whose top is at an edge, and one that is flat are said.
func TestNoPeak(t *testing.T) {
	rising := infertest.NewDensity(2, func(x, g []float64) float64 {
		if g != nil {
			g[0], g[1] = -x[0], 1
		}
		return -x[0]*x[0]/2 + x[1]
	})
	edge := infertest.NewDensity(2, func(x, g []float64) float64 { // 1/(1+e^x): towards −∞
		if g != nil {
			g[0], g[1] = -x[0], -1/(1+math.Exp(-x[1]))
		}
		return -x[0]*x[0]/2 - math.Log1p(math.Exp(x[1]))
	})
	for _, k := range []infer.Kernel{Mode{}, Laplace{}} {
		s := infer.NewState(k, 1, 2, 0)
		_, err := infer.Run(t.Context(), rising, k, s, infer.RunOptions{})
		var none *PeakError
		if !errors.As(err, &none) || !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s of a rising density: %v", k.Name(), err)
		}
	}
	k := Laplace{}
	_, err := infer.Run(t.Context(), edge, k, infer.NewState(k, 1, 2, 0), infer.RunOptions{})
	if !errors.Is(err, ito.ErrInput) {
		t.Errorf("laplace at an edge: %v", err)
	}
	s, _ := run(t, edge, Mode{}, 1)
	if e := s.Var("edge"); e[0] != 0 || e[1] != 1 {
		t.Errorf("edges %v", e)
	}
}
