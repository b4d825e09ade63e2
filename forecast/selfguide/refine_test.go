package selfguide

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
)

// Of a Gaussian N(0,Σ) the energy is E‖ε−ε̂‖² = const + α²σ²‖S⁻¹y‖², S = α²Σ+σ²I: its gradient at y, the mean over many
// draws of the noise, is 2α²σ² S⁻²y.
func TestRefiningGradientInClosedForm(t *testing.T) {
	p := newProcess(t, 12, 8, 20)
	f, base := p.field(t), p.draw(1, 9)
	const draws = 20000
	y := ito.NewStates(draws, p.length, 0)
	for i := range draws {
		copy(y.Row(i), base.Row(0))
	}
	r := Refine{Time: .5, Steps: 1, Rate: .1}
	g := y.Like(p.length)
	if err := r.gradient(t.Context(), p.path, f, g, y, nil, ito.Cond{}, ito.Seed(2), 0); err != nil {
		t.Fatal(err)
	}
	α, σ := at(p.path, .5)
	s := mat.NewSymDense(p.length, nil)
	for i := range p.length {
		for j := range i + 1 {
			s.SetSym(i, j, α*α*p.law.Cov[i*p.length+j])
		}
		s.SetSym(i, i, s.At(i, i)+σ*σ)
	}
	var c mat.Cholesky
	if !c.Factorize(s) {
		t.Fatal("S is not positive definite")
	}
	var once, want mat.VecDense
	if err := c.SolveVecTo(&once, mat.NewVecDense(p.length, base.Row(0))); err != nil {
		t.Fatal(err)
	}
	if err := c.SolveVecTo(&want, &once); err != nil {
		t.Fatal(err)
	}
	for j := range p.length {
		mean, square := 0., 0.
		for i := range draws {
			v := g.Row(i)[j]
			mean += v / draws
			square += v * v / draws
		}
		exact := 2 * α * α * σ * σ * want.AtVec(j)
		if limit := 4.5 * math.Sqrt((square-mean*mean)/draws); math.Abs(mean-exact) > limit {
			t.Errorf("∂E/∂y[%d] = %g, in closed form %g ± %g", j, mean, exact, limit)
		}
	}
}

// Refining a seasonal naive forecast by the process itself brings it nearer to the conditional mean, keeps what is
// fixed, and with a heavy λ leaves the forecast as it was.
func TestRefiningImprovesANaiveForecast(t *testing.T) {
	p := newProcess(t, 36, 24, 20)
	f, windows := p.field(t), p.draw(30, 3)
	fixed := make([]bool, p.length)
	for i := range p.seen {
		fixed[i] = true
	}
	free := make([]bool, p.length)
	for i := range free {
		free[i] = !fixed[i]
	}
	naive := windows.Clone()
	for k := range naive.N {
		for i := p.seen; i < p.length; i++ {
			naive.Row(k)[i] = naive.Row(k)[i-12]
		}
	}
	err2 := func(x ito.States) float64 {
		sum := 0.0
		for k := range x.N {
			for i, m := range p.mean(windows.Row(k)) {
				sum += math.Pow(x.Row(k)[p.seen+i]-m, 2)
			}
		}
		return math.Sqrt(sum / float64(x.N*(p.length-p.seen)))
	}
	for _, c := range []struct {
		lambda, temperature, least, most float64
	}{{.1, 0, 0, .8}, {.1, .1, 0, .9}, {5, 0, .9, 1.01}} {
		y := naive.Clone()
		r := Refine{Time: .3, Steps: 20, Rate: .1, Lambda: c.lambda, Loss: Square, Temperature: c.temperature,
			Fixed: fixed}
		if err := r.Run(t.Context(), p.path, f, y, func(id uint64) Observed {
			return Observed{Y: naive.Row(int(id)), Known: free}
		}, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		for k := range y.N {
			for i := range p.seen {
				if y.Row(k)[i] != windows.Row(k)[i] {
					t.Fatal("what is fixed moved")
				}
			}
		}
		if ratio := err2(y) / err2(naive); ratio < c.least || ratio > c.most {
			t.Errorf("%+v: the distance to the conditional mean becomes %.3f of what it was", c, ratio)
		}
	}
}
