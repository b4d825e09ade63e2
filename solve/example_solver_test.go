package solve_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// AB2 is Adams–Bashforth of order 2 with variable steps for dz/dρ = ε, z = x/α and ρ = σ/α:
//
//	z' = z + δ ε + δ²/(2δ₋₁) (ε − ε₋₁),  δ = ρ' − ρ.
type AB2 struct{}

// Info implements ito.Solver.
func (AB2) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "ab2", Order: 2, Evals: 1, Needs: []ito.Capability{ito.CapOneMode},
		Source: "Bashforth & Adams 1883"}
}

// Plan implements ito.Solver.
func (AB2) Plan(p ito.Path, _ ito.Grid, _ ito.Prediction) (ito.Stepper, error) {
	return &ab2{}, solve.Check(p, AB2{})
}

type ab2 struct {
	before ito.States // ε of the step before; no rows: none
	δ      float64    // and its step in ρ
}

// Step implements ito.Stepper.
func (st *ab2) Step(ctx context.Context, s *ito.Step) error {
	e, m := s.X.Like(s.X.D), path.NewModes(s.Path.(ito.Diagonal))
	eps, err := field.NewConverter(s.Path, s.Field.Kind(), ito.PredEps, s.X.D)
	if err != nil {
		return err
	}
	if err := s.Predict(ctx, e, s.X, ito.Times{s.T}); err != nil {
		return err
	}
	eps.At(s.T)
	for i := range e.N {
		eps.Row(e.Row(i), s.X.Row(i))
	}
	m.At(s.T)
	α, ρ := m.Alpha[0], m.Sigma[0]/m.Alpha[0]
	m.At(s.Next)
	δ := m.Sigma[0]/m.Alpha[0] - ρ
	for i, v := range e.X {
		if st.before.N > 0 {
			v += δ / (2 * st.δ) * (v - st.before.X[i])
		}
		s.X.X[i] = m.Alpha[0] * (s.X.X[i]/α + δ*v)
	}
	st.before, st.δ = e, δ
	return nil
}

// Reset implements ito.Resetter.
func (st *ab2) Reset() { st.before = ito.States{} }

// A solver of one's own runs wherever those of this package do; its order is measured against the exact flow.
func ExampleCheck_solver() {
	p := path.VP{}
	f, err := field.NewGaussian(p, ito.Gaussian{Mean: []float64{.5}, Cov: []float64{.25}})
	if err != nil {
		panic(err)
	}
	end := func(s ito.Solver, steps int) float64 {
		x := ito.States{N: 1, D: 1, X: []float64{1.2}, ID: []uint64{0}}
		g, err := solve.LogSNR(p, 1, 1e-2, steps)
		if err != nil {
			panic(err)
		}
		if _, err := solve.Run(context.Background(), p, f, x, g, s, solve.RunOptions{}); err != nil {
			panic(err)
		}
		return x.X[0]
	}
	want := end(solve.Dopri5{Tol: 1e-12}, 1)
	coarse, fine := math.Abs(end(AB2{}, 320)-want), math.Abs(end(AB2{}, 640)-want)
	fmt.Printf("order %.1f\n", math.Log2(coarse/fine))
	// Output: order 2.0
}

// The document shows the code that runs here, and it is short.
func TestWriteASolverShowsTheExample(t *testing.T) {
	doc, err := os.ReadFile("../docs/write-a-solver.md")
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("example_solver_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(doc), "```go\n")[1:]
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of code", len(blocks))
	}
	for i, b := range blocks {
		code, _, _ := strings.Cut(b, "```")
		if !strings.Contains(string(src), code) {
			t.Errorf("block %d of docs/write-a-solver.md is not in example_solver_test.go", i+1)
		}
		lines := 0
		for _, l := range strings.Split(code, "\n") {
			if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "//") {
				lines++
			}
		}
		if i == 0 && lines >= 40 {
			t.Errorf("the solver takes %d lines", lines)
		}
	}
}
