package steer

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// A reward is an expression of the columns; what is none is refused with what to do.
func TestReward(t *testing.T) {
	columns := []string{"x", "y"}
	for text, want := range map[string]float64{
		"x": 3, "-(x-1)*(x-1)": -4, "x > 2 and y < 0": 1, "min(x, y)": -2, "math.sqrt(x + 1)": 2, "row[1]": -2,
		"sum([v*v for v in row])": 13, "len(row)": 2, "x if y > 0 else 0.5": .5,
	} {
		r, err := NewReward(text, columns)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if v, err := r.Of(context.Background(), []float64{3, -2}); v != want || err != nil {
			t.Errorf("%s: %g, %v", text, v, err)
		}
	}
	for text, says := range map[string]string{"": "empty", "z": `no column "z"`, "x +": "no expression",
		"math.sqrt(q)": `no column "q"`, "x = 1": "no expression"} {
		if _, err := NewReward(text, columns); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{`"red"`, "row", "row[7]", "1 // 0"} {
		r, err := NewReward(text, columns)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Of(context.Background(), []float64{3, -2}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What survives of a draft's offset is what the formula says, on every path, with noise and without: drafts 5
// deviations off, 1000 of them.
func TestSurvives(t *testing.T) {
	const n, s, offset = 1000, .5, 2.5
	for _, p := range []ito.Path{path.EDM{}, path.VP{}, path.Flow{}} {
		f, err := field.NewGaussian(p, ito.Gaussian{Mean: []float64{0}, Cov: []float64{s * s}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			solver     string
			stochastic bool
		}{{"ddim:eta=1", true}, {"heun", false}} {
			for _, level := range []float64{.2, 1.5} {
				e, err := newEditor(p, f, Config{Solver: c.solver, NFE: 200, Settings: Settings{Level: level}})
				if err != nil {
					t.Fatal(err)
				}
				draft := ito.NewStates(1, 1, 0)
				draft.X[0] = offset
				x := ito.NewStates(n, 1, 0)
				if _, err := e.run(context.Background(), x, draft, ito.Cond{}, ito.Seed(1)); err != nil {
					t.Fatal(err)
				}
				mean := 0.
				for _, v := range x.X {
					mean += v / n
				}
				want := Survives(s, level, c.stochastic)
				if math.Abs(mean/offset-want) > .03 {
					t.Errorf("%s on %s from %g: %.3f of the offset survives, by the formula %.3f", c.solver, p.Name(), level,
						mean/offset, want)
				}
			}
		}
	}
}

// Levels outside the path are refused.
func TestBadLevels(t *testing.T) {
	f, err := field.NewGaussian(path.EDM{}, ito.StandardNormal(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []float64{0, -1, 1e-9, 81, math.Inf(1), math.NaN()} {
		if _, err := newEditor(path.EDM{}, f, Config{Settings: Settings{Level: level}}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("level %g: %v", level, err)
		}
	}
}
