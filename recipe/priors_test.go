package recipe

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
)

// The prior of a model is made once, made anew where it has changed, and forgotten with the model.
func TestModelPrior(t *testing.T) {
	held := func() (n int) {
		priors.Range(func(any, any) bool { n++; return true })
		return n
	}
	before := held()
	g := &ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{2, .5, .5, 1}}
	one, err := modelPrior(g, 2)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := modelPrior(g, 2); err != nil || two != one {
		t.Errorf("it was made twice: %v", err)
	}
	g.Cov[1], g.Cov[2] = .1, .1
	two, err := modelPrior(g, 2)
	want, _ := NewGaussianPrior(*g, 2)
	if err != nil || two == one || !slices.Equal(two.root, want.root) {
		t.Errorf("it is of what the model was: %v", err)
	}
	if _, err := modelPrior(g, 3); err == nil {
		t.Error("of dimension 3")
	}
	if held() != before+1 {
		t.Errorf("%d are held", held()-before)
	}
	runtime.KeepAlive(g)
	g = nil
	for began := time.Now(); held() > before && time.Since(began) < 5*time.Second; time.Sleep(time.Millisecond) {
		runtime.GC()
	}
	if held() > before {
		t.Error("it stays")
	}
}
