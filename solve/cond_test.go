package solve_test

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// moved is an exact field whose data stand at the row's condition.
type moved struct{ f *field.Exact }

func (m moved) Kind() ito.Prediction { return ito.PredScore }
func (m moved) OutDim(d int) int     { return d }
func (m moved) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	return m.f.Predict(ctx, dst, m.back(x, t, c), t, ito.Cond{})
}
func (m moved) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	return m.f.Divergence(ctx, div, m.back(x, t, c), t, ito.Cond{})
}

// back moves a VP state to where it would be without the condition: x − α c.
func (m moved) back(x ito.States, t ito.Times, c ito.Cond) ito.States {
	y := x.Clone()
	for i := range y.N {
		a := math.Exp(-path.VP{}.B(t.At(i)) / 2)
		for j := range y.Row(i) {
			y.Row(i)[j] -= a * c.Row(i)[0]
		}
	}
	return y
}

// Every row keeps its own condition, also when an adaptive solver drops the rows that have arrived; and a
// guided field pulls further than its condition.
func TestConditions(t *testing.T) {
	p := path.VP{}
	f := moved{must(field.NewMixture(p, field.Mixture{D: 1, Means: []float64{0}, Var: []float64{.04}}))}
	x := ito.NewStates(6, 1, 0)
	if err := p.Prior(x, ito.Cond{}, ito.Seed(2)); err != nil {
		t.Fatal(err)
	}
	c := ito.Cond{C: 1, X: []float64{-3, 0, 5, 1, -2, 9}}
	for _, s := range solve.All() {
		if !serves(p, s) {
			continue
		}
		y := x.Clone()
		g := must(solve.LogSNR(p, 1, 1e-3, 60))
		if _, err := solve.Run(ctx, p, f, y, g, s, solve.RunOptions{Cond: c}); err != nil {
			t.Fatal(err)
		}
		for i, v := range y.X {
			if math.Abs(v-c.X[i]) > 1 {
				t.Errorf("%s: row %d of condition %g ends at %g", s.Info().Name, i, c.X[i], v)
			}
			one := x.Slice(i, i+1).Clone()
			if _, err := solve.Run(ctx, p, f, one, g, s, solve.RunOptions{Cond: c.Slice(i, i+1)}); err != nil ||
				one.X[0] != v {
				t.Errorf("%s: row %d alone ends at %v, in the batch at %v (%v)", s.Info().Name, i, one.X[0], v, err)
			}
		}
		twice := x.Clone()
		info, err := solve.Run(ctx, p, field.Guided{Field: f, W: 2}, twice, g, s, solve.RunOptions{Cond: c})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range twice.X {
			if math.Abs(v-2*c.X[i]) > 1 {
				t.Errorf("%s: guided by 2, row %d of condition %g ends at %g", s.Info().Name, i, c.X[i], v)
			}
		}
		if e := s.Info().Evals; e > 0 && s.Info().Name != fast && info.Evals[0] != 2*60*e {
			t.Errorf("%s: %d calls with guidance", s.Info().Name, info.Evals[0])
		}
	}
	at := ito.NewStates(6, 1, 0)
	copy(at.X, c.X)
	l := must(solve.Likelihood{Cond: c, Tol: 1e-8}.Rows(ctx, p, f, at))
	for i, v := range l.LogP {
		if want := -math.Log(.2 * math.Sqrt(2*math.Pi)); math.Abs(v-want) > .06 {
			t.Errorf("row %d: log density %g at its own condition, about %g", i, v, want)
		}
	}
}
