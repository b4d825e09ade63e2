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
	"github.com/seed9a7962a8/ito/solve/affine"
)

// AB2 is Adams–Bashforth of order 2 with variable steps for dz/dρ = ε, z = x/α and ρ = σ/α:
//
//	z' = z + δ ε + δ²/(2δ₋₁) (ε − ε₋₁),  δ = ρ' − ρ.
type AB2 struct{}

// Info implements ito.Solver.
func (AB2) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "ab2", Order: 2, Evals: 1, Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Bashforth & Adams 1883"}
}

// Plan implements ito.Solver.
func (AB2) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	return pl.Multistep(g, ito.PredEps, 2, false, false, ab2)
}

// ab2 is the step of one mode: the weights of ε and ε₋₁ in m, and that of the state.
func ab2(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	δ := to.Rho(i) - from[0].Rho(i)
	m[0] = to.Alpha[i] * δ
	if len(from) > 1 {
		w := m[0] * δ / (2 * (from[0].Rho(i) - from[1].Rho(i)))
		m[0], m[1] = m[0]+w, -w
	}
	return to.Alpha[i] / from[0].Alpha[i], 0
}

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
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of code", len(blocks))
	}
	for i, b := range blocks {
		code, _, _ := strings.Cut(b, "```")
		if strings.HasPrefix(code, "// steps/") { // which TestDocumentedNetwork of cli runs
			continue
		}
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
