package infer_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// fit is a finished mean field.
func fit(t *testing.T, target ito.Target, iterations int) *infer.MeanField {
	t.Helper()
	c := infer.NewMeanField(target, 1)
	c.Iterations = iterations
	for range iterations {
		if _, err := c.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// precise is a normal with a precision matrix, its mean and log Z = 0 but for the constant.
func precise(mean []float64, Λ [][]float64) infertest.Density {
	return infertest.NewDensity(len(mean), func(x, g []float64) float64 {
		l := 0.
		for i, r := range Λ {
			y := 0.
			for j, v := range r {
				y += v * (x[j] - mean[j])
			}
			l -= y * (x[i] - mean[i]) / 2
			if g != nil {
				g[i] = -y
			}
		}
		return l
	})
}

// A target that is itself a mean field is found without noise, whatever its scales, and the bound is log Z.
func TestMeanFieldOfProduct(t *testing.T) {
	mean, sd := []float64{3, -.2, 40}, []float64{.01, 2, 5}
	c := fit(t, infertest.Normal(1.5, mean, sd), 3000)
	for j := range mean {
		if math.Abs(c.Mean[j]-mean[j]) > 1e-3*sd[j] || math.Abs(c.SD[j]/sd[j]-1) > 1e-3 {
			t.Errorf("coordinate %d: N(%v, %v²), want N(%v, %v²)", j, c.Mean[j], c.SD[j], mean[j], sd[j])
		}
	}
	if z, se, _ := c.Bound(); math.Abs(z-1.5) > 1e-3+5*se || len(c.Warnings()) != 0 {
		t.Errorf("bound %v ± %v, want 1.5; %q", z, se, c.Warnings())
	}
}

// Of a normal of precision Λ the optimum has its mean and s² = 1/Λ_jj, and the bound lies below log Z by ½(Σ log
// Λ_jj − log det Λ).
func TestMeanFieldOfCorrelatedNormal(t *testing.T) {
	mean, Λ := []float64{1, -2}, [][]float64{{4, 1.8}, {1.8, 1}}
	c := fit(t, precise(mean, Λ), 5000)
	for j := range mean {
		if s := 1 / math.Sqrt(Λ[j][j]); math.Abs(c.SD[j]/s-1) > .01 || math.Abs(c.Mean[j]-mean[j]) > .01*s {
			t.Errorf("coordinate %d: N(%v, %v²), want N(%v, %v²)", j, c.Mean[j], c.SD[j], mean[j], s)
		}
	}
	det := 4 - 1.8*1.8
	want := math.Log(2*math.Pi) - math.Log(det)/2 - (math.Log(4)-math.Log(det))/2
	if z, se, _ := c.Bound(); math.Abs(z-want) > .002+5*se {
		t.Errorf("bound %v ± %v, want %v", z, se, want)
	}
}

// Of one logistic coordinate, log ρ = 3 log σ(x) + log σ(−x) − x²/8, the optimum is that of Gauss–Hermite
// quadrature: E_q[∂log ρ] = 0 and −E_q[∂² log ρ] = 1/s², the conditions of the optimum of a normal fit.
func TestMeanFieldOfLogistic(t *testing.T) {
	σ := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	c := fit(t, infertest.NewDensity(1, func(x, g []float64) float64 {
		v := x[0]
		if g != nil {
			g[0] = 3*σ(-v) - σ(v) - v/4
		}
		return -3*math.Log1p(math.Exp(-v)) - math.Log1p(math.Exp(v)) - v*v/8
	}), 5000)
	slope, bend, total := 0., 0., 0.
	for z := -8.; z <= 8; z += 1. / 64 { // the trapezoidal rule, exact for normals to rounding
		w, x := math.Exp(-z*z/2), c.Mean[0]+c.SD[0]*z
		total += w
		slope += w * (3*σ(-x) - σ(x) - x/4)
		bend += w * (4*σ(x)*σ(-x) + .25)
	}
	if s2 := c.SD[0] * c.SD[0]; math.Abs(slope/total)*c.SD[0] > .01 || math.Abs(s2*bend/total-1) > .02 {
		t.Errorf("N(%v, %v²): slope %v, curvature times variance %v", c.Mean[0], c.SD[0], slope/total*c.SD[0],
			s2*bend/total)
	}
}

// A fit that was given too little says so; draws that are not finite are left out and counted.
func TestMeanFieldWarns(t *testing.T) {
	if c := fit(t, infertest.Normal(0, []float64{1000}, []float64{1}), 50); len(c.Warnings()) != 1 {
		t.Errorf("far away: %q", c.Warnings())
	}
	half := infertest.NewDensity(1, func(x, g []float64) float64 {
		if x[0] < -1 {
			return math.Inf(-1)
		}
		if g != nil {
			g[0] = 5 - x[0]
		}
		return -(x[0] - 5) * (x[0] - 5) / 2
	})
	if c := fit(t, half, 2000); c.Dropped == 0 || math.Abs(c.Mean[0]-5) > .1 {
		t.Errorf("mean %v with %d dropped", c.Mean[0], c.Dropped)
	}
	nowhere := infer.NewMeanField(infertest.NewDensity(1, func(_, _ []float64) float64 { return math.NaN() }), 1)
	var none *ito.NonFiniteError
	if _, err := nowhere.Step(t.Context()); !errors.As(err, &none) {
		t.Errorf("no density: %v", err)
	}
}

// A fit continued from its state has the state of one that was not interrupted; states of other fits are refused.
func TestMeanFieldResumes(t *testing.T) {
	target := infertest.Correlated(.7)
	steps := func(c *infer.MeanField, n int) *infer.MeanField {
		c.Iterations = 60
		for range n {
			if _, err := c.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return c
	}
	second := infer.NewMeanField(target, 3)
	second.Iterations = 60
	if err := second.Restore(infertest.StateOf(t, steps(infer.NewMeanField(target, 3), 45))); err != nil {
		t.Fatal(err)
	}
	steps(second, 15)
	if !bytes.Equal(infertest.StateBytes(t, second), infertest.StateBytes(t, steps(infer.NewMeanField(target, 3),
		60))) {
		t.Error("the continued fit is another")
	}
	infertest.RefusesStates(t, second)
}
