package mcmc

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// exponential is the covariance e^{−|s−t|/.3} at d points of [0, 1].
func exponential(d int) []float64 {
	c := make([]float64, d*d)
	for i := range d {
		for j := range d {
			c[i*d+j] = math.Exp(-math.Abs(float64(i-j)) / float64(d) / .3)
		}
	}
	return c
}

// A dense prior has the density of its covariance and roots that make it: in two dimensions by hand, and of a
// diagonal one as Reference has them.
func TestDensePrior(t *testing.T) {
	p, err := NewDensePrior([]float64{1, -1}, []float64{4, 1.2, 1.2, 1})
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{2, .5}
	det := 4 - 1.44
	a, b := x[0]-1, x[1]+1
	if got, want := p.LogDensity(x)-p.LogDensity([]float64{1, -1}), -(a*a-2*1.2*a*b+4*b*b)/det/2; math.Abs(
		got-want) > 1e-14 {
		t.Errorf("log density %v, want %v", got, want)
	}
	var c [4]float64
	for j := range 2 { // C = Σ_j R e_j (R e_j)ᵀ
		z, r := make([]float64, 2), make([]float64, 2)
		z[j] = 1
		p.Root(r, z)
		for i := range c {
			c[i] += r[i/2] * r[i%2]
		}
	}
	for i, want := range []float64{4, 1.2, 1.2, 1} {
		if math.Abs(c[i]-want) > 1e-14 {
			t.Errorf("covariance %v", c)
		}
	}
	for what, bad := range map[string][]float64{"indefinite": {1, 2, 2, 1}, "asymmetric": {1, .5, .4, 1}, "short": {1},
		"not a number": {math.NaN(), 0, 0, 1}} {
		if _, err := NewDensePrior([]float64{0, 0}, bad); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := (PCN{Prior: p}).Validate(3); !errors.Is(err, ito.ErrInput) {
		t.Errorf("dimension 2 for 3: %v", err)
	}
	if err := (PCN{Prior: OperatorPrior{Mean: []float64{0}, Sqrt: func(dst, z []float64) { copy(dst, z) }}}).Validate(
		1); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a target with its prior and no precision: %v", err)
	}
}

// A correlated prior and one observation of its first coordinate: prior N(0, C), y = 1.5 with variance .25,
// posterior mean C_{·0} y/(C_00 + .25). Both samplers find it, told the likelihood alone or the product; and an
// operator with the same root gives the same bytes.
func TestDensePriorSamplers(t *testing.T) {
	cov := []float64{1, .8, .8, 2}
	p, err := NewDensePrior([]float64{0, 0}, cov)
	if err != nil {
		t.Fatal(err)
	}
	op := OperatorPrior{Mean: []float64{0, 0}, Sqrt: p.Root, Precision: func(dst, y []float64) {
		det := 2 - .64
		dst[0], dst[1] = (2*y[0]-.8*y[1])/det, (y[1]-.8*y[0])/det
	}}
	like := infertest.NewDensity(2, func(x, g []float64) float64 { return -(x[0] - 1.5) * (x[0] - 1.5) / .5 })
	both := infertest.NewDensity(2, func(x, g []float64) float64 { return like.F(x, nil) + p.LogDensity(x) })
	for _, alone := range []bool{true, false} {
		target := both
		if alone {
			target = like
		}
		for _, make := range []func(NormalPrior) infer.Kernel{
			func(p NormalPrior) infer.Kernel { return PCN{Prior: p, Likelihood: alone, Beta: .7} },
			func(p NormalPrior) infer.Kernel { return EllipticalSlice{Prior: p, Likelihood: alone} },
		} {
			got, _ := infertest.Sample(t, target, make(p), 8, 1500, 1)
			gain := 1.5 / 1.25
			got.Expect(t, "seen", infertest.Coordinate(0), gain)
			got.Expect(t, "not seen", infertest.Coordinate(1), .8*gain)
			got.Expect(t, "its square", infertest.Square(1), 2-.64/1.25+.64*gain*gain)
			if alone {
				same, _ := infertest.Sample(t, target, make(op), 8, 50, 1)
				if !slices.Equal(same.Draws[0], got.Draws[0][:100]) {
					t.Error("the operator form has other draws")
				}
			} else {
				other, _ := infertest.Sample(t, target, make(op), 8, 1500, 1)
				other.Expect(t, "operator, not seen", infertest.Coordinate(1), .8*gain)
			}
		}
	}
}

// On a function with a correlated prior, resolved at 16 or at 256 points, pCN accepts the same; a random walk of
// the same prior increments x + βξ, which must correct for the prior, ever less.
func TestDensePCNIsMeshInvariant(t *testing.T) {
	rates := func(d int) (pcn, walk float64) {
		p, err := NewDensePrior(make([]float64, d), exponential(d))
		if err != nil {
			t.Fatal(err)
		}
		like := infertest.NewDensity(d, func(x, g []float64) float64 { // the mean of the function is seen
			m := 0.
			for _, v := range x {
				m += v / float64(len(x))
			}
			return -(m - 1) * (m - 1) * 8
		})
		got, r := infertest.Sample(t, like, PCN{Prior: p, Likelihood: true, Beta: .4}, 4, 300, 2)
		// One proposal of the walk from every tenth draw of the chains.
		n := 0.
		for g, x := range got.Draws {
			z, ξ, y := make([]float64, d*300), make([]float64, d), make([]float64, d)
			infer.StepKey(9, 0, 0).Normals64(z, len(z), []uint64{uint64(g)})
			for i := 100; i < 300; i += 10 {
				at := x[i*d : (i+1)*d]
				p.Root(ξ, z[i*d:(i+1)*d])
				for j := range y {
					y[j] = at[j] + .4*ξ[j]
				}
				walk += math.Exp(min(0, like.F(y, nil)+p.LogDensity(y)-like.F(at, nil)-p.LogDensity(at)))
				n++
			}
		}
		return r.Accept, walk / n
	}
	coarse, w16 := rates(16)
	fine, w256 := rates(256)
	t.Logf("pCN %.3f and %.3f, random walk %.3f and %.4f", coarse, fine, w16, w256)
	if math.Abs(coarse-fine) > .05 {
		t.Errorf("pCN accepts %v at 16 points and %v at 256", coarse, fine)
	}
	if w256 > w16/4 {
		t.Errorf("the random walk accepts %v at 16 points and %v at 256", w16, w256)
	}
}
