package field

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// VJP, JVP and Divergence against difference quotients, for every kind.
func TestDerivatives(t *testing.T) {
	for _, pr := range problems() {
		e := must(NewMixture(pr.p, pr.m))
		for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
			f, err := e.As(kind)
			if err != nil {
				continue
			}
			derivatives(t, pr.name+"/"+kind.String(), f, pr.p)
		}
	}
}

// derivatives checks the derivatives that f has.
func derivatives(t *testing.T, name string, f ito.Field, p ito.Path) {
	t.Helper()
	x, dx, w := normals(4, 2, 4, 1.2), normals(4, 2, 5, 1), normals(4, 2, 6, 1)
	for _, at := range times(p) {
		tt := ito.Times{at}
		along := func(h, ht float64) ito.States {
			y, out := x.Clone(), x.Like(2)
			for i := range y.X {
				y.X[i] += h * dx.X[i]
			}
			if err := f.Predict(ctx, out, y, ito.Times{at + ht}, ito.Cond{}); err != nil {
				t.Fatal(name, err)
			}
			return out
		}
		near := func(what string, got, want, tol float64) {
			t.Helper()
			if math.Abs(got-want) > tol*(1+math.Abs(want)) {
				t.Errorf("%s t=%g: %s %g, difference %g", name, at, what, got, want)
			}
		}
		h, ht := 1e-5, 1e-5*at
		up, down := along(h, 0), along(-h, 0)
		jvp := x.Like(2)
		if err := f.(ito.JVPer).JVP(ctx, jvp, x, tt, ito.Cond{}, dx, ito.Times{0}); err != nil {
			t.Fatal(name, err)
		}
		for i := range jvp.X {
			near("JVP", jvp.X[i], (up.X[i]-down.X[i])/(2*h), 2e-6)
		}
		vjp := x.Like(2)
		if err := f.(ito.VJPer).VJP(ctx, vjp, x, tt, ito.Cond{}, w); err != nil {
			t.Fatal(name, err)
		}
		for i := range x.N {
			near("VJP·dx", matrix.Dot(vjp.Row(i), dx.Row(i)), matrix.Dot(jvp.Row(i), w.Row(i)), 1e-9)
		}
		up, down = along(0, ht), along(0, -ht)
		both := x.Like(2)
		if err := f.(ito.JVPer).JVP(ctx, both, x, tt, ito.Cond{}, dx, ito.Times{.7}); err != nil {
			t.Fatal(name, err)
		}
		for i := range both.X {
			near("JVP along t", both.X[i]-jvp.X[i], .7*(up.X[i]-down.X[i])/(2*ht), 1e-5)
		}
		div, ok := f.(ito.Divergencer)
		if !ok {
			continue
		}
		got, want := make([]float64, x.N), make([]float64, x.N)
		if err := div.Divergence(ctx, got, x, tt, ito.Cond{}); err != nil {
			t.Fatal(name, err)
		}
		for j := range 2 {
			unit, col := x.Like(2), x.Like(2)
			for i := range x.N {
				unit.Row(i)[j] = 1
			}
			if err := f.(ito.JVPer).JVP(ctx, col, x, tt, ito.Cond{}, unit, ito.Times{0}); err != nil {
				t.Fatal(name, err)
			}
			for i := range want {
				want[i] += col.Row(i)[j]
			}
		}
		for i := range got {
			near("divergence", got[i], want[i], 1e-9)
		}
	}
}

func TestConvertedDerivatives(t *testing.T) {
	for _, pr := range problems() {
		e := must(NewMixture(pr.p, pr.m))
		for from := ito.PredX0; from <= ito.PredVelocity; from++ {
			f, err := e.As(from)
			if err != nil {
				continue
			}
			if c, err := convert(f, pr.p, ito.PredVelocity); err == nil && from != ito.PredVelocity {
				derivatives(t, pr.name+"/velocity from "+from.String(), c, pr.p)
			}
		}
	}
}
