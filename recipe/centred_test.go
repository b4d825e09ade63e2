package recipe

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/rng"
)

// beside is a table of rows and their means, in other units than one.
func beside(n int) *data.Table {
	z, t := ito.NewStates(n, 4, 0), &data.Table{Name: "beside", Rows: n, Cols: 4, Columns: []string{"a", "b", "ma", "mb"}}
	ito.Seed(1).Normal(z, rng.PurposeUser, 0, 0)
	for i := range n {
		m := [2]float64{100 + 30*z.Row(i)[0], -7 + 2*z.Row(i)[1]}
		t.X = append(t.X, m[0]+5*z.Row(i)[2], m[1]+.5*z.Row(i)[3], m[0], m[1])
	}
	return t
}

// Rows of a table are restored around the means that the condition has, in the units of the table: the means of
// samples are those that were asked for, within a fifth of the standard deviation of what is left. Guidance, a missing
// mean and transforms that mix the columns are refused.
func TestFitCentred(t *testing.T) {
	cfg := DefaultTrain()
	cfg.Path, cfg.Condition, cfg.Steps, cfg.Batch = "centred:inner=vp", []string{"ma", "mb"}, 700, 128
	m, _, err := Fit(context.Background(), beside(1000), cfg, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := DefaultSample()
	s.N, s.NFE, s.Where = 500, 20, "ma=145,mb=-9.5"
	x, err := Collect(context.Background(), m, s, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{145, -9.5} {
		sd, mean, square := []float64{5, .5}[k], 0.0, 0.0
		for i := range x.N {
			r := x.Row(i)[k] - want
			mean += r / float64(x.N)
			square += r * r / float64(x.N)
		}
		if math.Abs(mean) > .2*sd || math.Abs(math.Sqrt(square)-sd) > .4*sd {
			t.Errorf("column %d: off the mean by %g with root mean square %g, where %g was to be", k, mean,
				math.Sqrt(square), sd)
		}
	}
	for what, change := range map[string]func(*SampleConfig){
		"guidance":     func(s *SampleConfig) { s.Guidance = 2 },
		"no condition": func(s *SampleConfig) { s.Where = "" },
		"one of two":   func(s *SampleConfig) { s.Where = "ma=145" },
	} {
		c := s
		change(&c)
		if _, err := Collect(context.Background(), m, c, RunOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, change := range map[string]func(*TrainConfig){
		"whiten":         func(c *TrainConfig) { c.Transform = "whiten" },
		"no means":       func(c *TrainConfig) { c.Condition = nil },
		"one mean":       func(c *TrainConfig) { c.Condition = c.Condition[:1] },
		"beyond":         func(c *TrainConfig) { c.Path = "centred:inner=vp,from=1" },
		"a basis":        func(c *TrainConfig) { c.Path = "centred:inner=interpolant" },
		"other wrapping": func(c *TrainConfig) { c.Wrapping = "edm" },
	} {
		c := cfg
		c.Steps = 1
		change(&c)
		if _, _, err := Fit(context.Background(), beside(50), c, RunOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
