package model

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/target/model"
)

// wave is [n] numbers between −1 and 1.
func wave(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(1.7 * float64(i*i%101))
	}
	return x
}

// The case studies of examples/models cover the truth that their data were drawn from: parameters of a state, data by
// the
// model itself, and draws of nuts which reach to both sides of every parameter.
func TestCaseStudies(t *testing.T) {
	if testing.Short() {
		t.Skip("fourteen seconds of one core")
	}
	const n = 60
	times, groups, regimes := make([]float64, 20), make([]float64, n), make([]float64, 150)
	for i := range times {
		times[i] = float64(i + 1)
	}
	for i := range groups {
		groups[i] = float64(i % 5)
	}
	for i := range regimes { // truth: means −1 and 2, stays of 25
		regimes[i] = []float64{-1, 2}[i/25%2] + .8*wave(150)[i]
	}
	X := [][]float64{}
	for i, v := range wave(2 * n)[n:] {
		X = append(X, []float64{v, wave(n)[i]})
	}
	for _, c := range []struct {
		file  string
		data  model.Data
		truth []float64 // unconstrained; nil: the data are of the test
		cover map[string]float64
	}{
		{"survival.star", model.Data{"X": X, "t": slices.Repeat([]float64{1}, n), "censored": make([]float64, n)},
			[]float64{.5, 1, .4, -.3}, nil},
		{"sir.star", model.Data{"times": times, "cases": make([]float64, 20), "n": 1000}, []float64{.4, -.8, 2}, nil},
		{"visits.star", model.Data{"group": groups, "x": wave(n), "y": make([]float64, n)},
			[]float64{-1, .4, 1.2, -.7, .2, .3, -.2, .1},
			nil},
		{"regimes.star", model.Data{"y": regimes}, nil, map[string]float64{"mu.1": -1, "mu.2": 2}},
	} {
		src, err := models.Files.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.Compile(c.file, string(src), c.data, model.CompileOptions{})
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		want := c.cover
		if c.truth != nil {
			x := ito.NewStates(1, m.Dim(), 0)
			copy(x.X, c.truth)
			y, row := ito.NewStates(1, m.Replicated(), 0), ito.NewStates(1, m.Width(), 0)
			if err := m.Replicate(t.Context(), y, x, 5, 0); err != nil {
				t.Fatalf("%s: %v", c.file, err)
			}
			if err := m.Draw(t.Context(), row, x, 0, 0); err != nil {
				t.Fatal(err)
			}
			want = map[string]float64{}
			for k, name := range m.Columns()[:parameters(m)] {
				want[name] = row.X[k]
			}
			if m, err = model.Compile(c.file, string(src), c.data,
				model.CompileOptions{Replace: [][]float64{y.X}}); err != nil {
				t.Errorf("%v", err)
				continue
			}
		}
		method, err := infer.FindMethod("nuts")
		if err != nil {
			t.Fatal(err)
		}
		set := infer.DefaultSettings()
		set.Chains, set.Draws, set.Warmup, set.Seed = 2, 150, 150, 1
		plan, err := method.Plan(m, set)
		if err != nil {
			t.Fatal(err)
		}
		draws := map[string][]float64{}
		_, _, err = plan.Run(t.Context(), m, infer.RunOptions{Sink: func(d infer.Draw) error {
			row := ito.NewStates(2, m.Width(), 0)
			x := ito.States{N: 2, D: m.Dim(), X: d.State.X, ID: []uint64{0, 1}}
			if err := m.Draw(t.Context(), row, x, 0, 0); err != nil {
				return err
			}
			for k, name := range m.Columns() {
				draws[name] = append(draws[name], row.X[k], row.X[row.D+k])
			}
			return nil
		}})
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		for name, v := range want {
			at := slices.Sorted(slices.Values(draws[name]))
			if v < at[0] || v > at[len(at)-1] {
				t.Errorf("%s: %s is %.4g, the draws go from %.4g to %.4g", c.file, name, v, at[0], at[len(at)-1])
			}
		}
	}
}
