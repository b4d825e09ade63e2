package target

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// The Hessian-vector product is the derivative of the gradient along v: to 1e-7 of central differences for a
// density without symmetry, and exactly zero where log ρ is linear.
func TestHessianVectorProduct(t *testing.T) {
	p, err := Compile(3, nil, func(t *Trace) ad.Value {
		a, b, c := ad.At(t.X, 0, 0), ad.At(t.X, 0, 1), ad.At(t.X, 0, 2)
		w := t.Data([]float64{1, -2, .5})
		return ad.Add(ad.Sub(ad.Mul(ad.Sin(a), ad.Exp(b)), ad.Softplus(ad.Mul(b, c))), ad.Dot(w, ad.Square(t.X)))
	})
	if err != nil {
		t.Fatal(err)
	}
	x, v, hv := ito.NewStates(2, 3, 0), ito.NewStates(2, 3, 0), ito.NewStates(2, 3, 0)
	copy(x.X, []float64{.3, -.7, 1.2, 2, .1, -.4})
	copy(v.X, []float64{1, .5, -2, -.3, .9, .2})
	if err := p.HVP(t.Context(), hv, x, v); err != nil {
		t.Fatal(err)
	}
	slope := func(h float64) ito.States {
		y, g := x.Clone(), x.Like(3)
		for i := range y.X {
			y.X[i] += h * v.X[i]
		}
		if err := p.Gradient(t.Context(), make([]float64, 2), g, y); err != nil {
			t.Fatal(err)
		}
		return g
	}
	const h = 1e-5
	up, down := slope(h), slope(-h)
	for i := range hv.X {
		if want := (up.X[i] - down.X[i]) / (2 * h); math.Abs(hv.X[i]-want) > 1e-7 {
			t.Errorf("component %d: %v, want %v", i, hv.X[i], want)
		}
	}
	linear, err := Compile(2, nil, func(t *Trace) ad.Value { return ad.Sum(t.X) })
	if err != nil {
		t.Fatal(err)
	}
	hv = ito.NewStates(1, 2, 0)
	hv.X[0], hv.X[1] = 7, 7
	if err := linear.HVP(t.Context(), hv, ito.NewStates(1, 2, 0), ito.NewStates(1, 2, 0)); err != nil || hv.X[0] != 0 ||
		hv.X[1] != 0 {
		t.Errorf("a linear log density has the Hessian %v, %v", hv.X, err)
	}
}
