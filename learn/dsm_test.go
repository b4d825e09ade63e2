package learn

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// On Gaussian data the minimiser of E‖L s(x_t) + ε‖² among linear maps s is the exact score −S_t⁻¹(x − m_t). From 1e5
// draws it must come within 2 % in the Frobenius norm; the fixed seed gives .3 %.
func TestLinearMinimiserOfScoreMatching(t *testing.T) {
	const n, at = 100000, .3
	g := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	p := must(path.NewVSDM(path.VSDMConfig{BetaMin: 4, BetaMax: 4, A: []float64{-.3, .1, .1, -.05}, Mean: g.Mean}))
	x0, x, ε := ito.NewStates(n, 2, 0), ito.NewStates(n, 2, 0), ito.NewStates(n, 2, 0)
	if err := field.Gaussian(g).Draw(x0, ito.Seed(5)); err != nil {
		t.Fatal(err)
	}
	if err := p.Perturb(x, x0, ito.Times{at}, ito.Cond{}, ito.Seed(6)); err != nil {
		t.Fatal(err)
	}
	ito.Seed(6).Normal(ε, rng.PurposePath, 0, 0) // the noise that Perturb drew
	m := must(path.Marginal(p, at, g))

	// W = −L⁻¹ E[ε yᵀ] E[y yᵀ]⁻¹ with y = x − m_t.
	var εy, yy mat.Dense
	y := mat.NewDense(n, 2, x.X)
	for i := range n {
		for k := range 2 {
			y.Set(i, k, y.At(i, k)-m.Mean[k])
		}
	}
	εy.Mul(mat.NewDense(n, 2, ε.X).T(), y)
	yy.Mul(y.T(), y)
	σ, q := make([]float64, 2), mat.NewDense(2, 2, p.Basis())
	p.Schedule(at, nil, σ, nil, nil)
	var l, linv, yinv, w mat.Dense
	l.Product(q, mat.NewDiagDense(2, σ), q.T())
	if err := linv.Inverse(&l); err != nil {
		t.Fatal(err)
	}
	if err := yinv.Inverse(&yy); err != nil {
		t.Fatal(err)
	}
	w.Product(&linv, &εy, &yinv)
	w.Scale(-1, &w)

	var want, diff mat.Dense
	if err := want.Inverse(mat.NewDense(2, 2, m.Cov)); err != nil {
		t.Fatal(err)
	}
	want.Scale(-1, &want)
	diff.Sub(&w, &want)
	if e := mat.Norm(&diff, 2) / mat.Norm(&want, 2); math.IsNaN(e) || e > .02 {
		t.Errorf("the minimiser is off by %.3g:\n%v\nwant\n%v", e, mat.Formatted(&w), mat.Formatted(&want))
	} else {
		t.Logf("off by %.2g", e)
	}
}
