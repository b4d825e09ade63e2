package infer_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// From the end of a mean field a normal is found exactly, mean, covariance and log Z, whatever its scales and
// correlations.
func TestFullRankOfNormal(t *testing.T) {
	mean, Λ := []float64{3, -20}, [][]float64{{1e4, -1.9e2}, {-1.9e2, 4}} // correlation .95, sd .032 and 1.6
	det := Λ[0][0]*Λ[1][1] - Λ[0][1]*Λ[1][0]
	target := precise(mean, Λ)
	c := infer.NewFullRank(target, 1, fit(t, target, 4000))
	c.Iterations = 2500
	for range c.Iterations {
		if _, err := c.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	cov := [][]float64{{Λ[1][1] / det, -Λ[0][1] / det}, {-Λ[1][0] / det, Λ[0][0] / det}}
	f := c.Factor
	got := [][]float64{{f[0] * f[0], f[0] * f[2]}, {f[2] * f[0], f[2]*f[2] + f[3]*f[3]}}
	for i := range 2 {
		if e := math.Abs(c.Mean[i]-mean[i]) / math.Sqrt(cov[i][i]); e > 1e-2 {
			t.Errorf("mean %d: %v, want %v", i, c.Mean[i], mean[i])
		}
		for j := range 2 {
			if e := math.Abs(got[i][j]-cov[i][j]) / math.Sqrt(cov[i][i]*cov[j][j]); e > 1e-2 {
				t.Errorf("covariance %d, %d: %v, want %v", i, j, got[i][j], cov[i][j])
			}
		}
	}
	if z, se, _ := c.Bound(); math.Abs(z-(math.Log(2*math.Pi)-math.Log(det)/2)) > .01+5*se || len(c.Warnings()) > 0 {
		t.Errorf("bound %v ± %v, want %v; %q", z, se, math.Log(2*math.Pi)-math.Log(det)/2, c.Warnings())
	}
}

// A fit that goes on from its state is one that was not interrupted.
func TestFullRankState(t *testing.T) {
	made := func() infer.Trainer {
		target := infertest.Correlated(.7)
		m := infer.NewMeanField(target, 2)
		m.Iterations = 4
		c := infer.NewFullRank(target, 2, m)
		c.Iterations = 6
		return infer.Stages{m, c}
	}
	steps := func(tr infer.Trainer, n int) infer.Trainer {
		for range n {
			if _, err := tr.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return tr
	}
	for _, cut := range []int{2, 4, 7} {
		second := made()
		if err := second.Restore(infertest.StateOf(t, steps(made(), cut))); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(infertest.StateBytes(t, steps(made(), 10)), infertest.StateBytes(t, steps(second, 10-cut))) {
			t.Errorf("continued after %d iterations, the fit is another", cut)
		}
	}
}
