package recipe

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

func tinyModel(t *testing.T, change func(*TrainConfig)) *ito.Model {
	t.Helper()
	c := tiny()
	if change != nil {
		change(&c)
	}
	m, _, err := Fit(context.Background(), moons(300), c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Sample i is the same whatever N, First, the chunks and the workers are, for every solver.
func TestSampleSameBytes(t *testing.T) {
	m := tinyModel(t, nil)
	for _, solver := range []string{"heun", "euler", "ddim", "em", "dopri5"} {
		base := func(s *SampleConfig) {
			s.Solver, s.N = solver, 100
			if solver == "dopri5" {
				s.NFE, s.Tol = 0, 1e-3
			}
		}
		want := sample(t, m, RunOptions{Workers: 1}, base)
		for _, chunk := range []int{1, 7, 33, 1000} {
			for _, workers := range []int{1, 3} {
				x := sample(t, m, RunOptions{Workers: workers}, func(s *SampleConfig) { base(s); s.Chunk = chunk })
				if !reflect.DeepEqual(x.X, want.X) || !reflect.DeepEqual(x.ID, want.ID) {
					t.Errorf("%s: chunks of %d on %d workers differ", solver, chunk, workers)
				}
			}
		}
		part := sample(t, m, RunOptions{}, func(s *SampleConfig) { base(s); s.N, s.First = 30, 60 })
		if !reflect.DeepEqual(part.X, want.X[2*60:2*90]) {
			t.Errorf("%s: samples 60 to 89 alone differ", solver)
		}
	}
}

// A list of levels begins and ends where samples do, and no step drowns in rounding: whatever else is asked for is
// refused before the first sample, as a solver is. A list that ends early is for those who denoise.
func TestListedGrids(t *testing.T) {
	models := map[string]*ito.Model{}
	for _, p := range []string{"flow", "edm", "vp"} {
		models[p] = tinyModel(t, func(c *TrainConfig) { c.Path = p })
	}
	for _, c := range []struct {
		path, grid, final string
		ok                bool
	}{
		{"flow", "5,4,3", "stop", false}, {"flow", "inf,4,3", "stop", false}, {"flow", "inf,4,3", "denoise", true},
		{"flow", "inf,4,1,0.001001001", "stop", true},
		{"flow", "inf,4,1,0.1,0", "stop", true}, {"flow", "times:1,0.5,0.1", "stop", false}, {"flow", "times:1,0.5,0",
			"stop", true},
		{"edm", "80,10,1", "stop", false}, {"edm", "80,10,1", "denoise", true}, {"edm", "80,10,1,0.002", "stop", true},
		{"edm", "80,10,1,0", "stop", true},
		{"edm", "80,10,1,1e-20,0", "stop", false}, {"edm", "80,10,1,1e-20", "stop", false}, {"edm", "80,80,1,0", "stop",
			false}, {"edm", "90,10,1,0", "stop", false},
		{"vp", "times:1,0.3,0.001", "stop", true}, {"vp", "times:1,0.3,-0.1", "stop", false},
		{"vp", "times:1,2,3", "stop", false}, {"vp", "times:1,0.001", "stop", true},
		{"vp", "times:0.001,0.5,1", "stop", false},
	} {
		for _, solver := range []string{"heun", "euler", "ddim", "dpmpp-2m", "unipc-3", "edm", "em"} {
			s := DefaultSample()
			s.N, s.Solver, s.NFE, s.Grid, s.Final = 5, solver, 0, c.grid, c.final
			drawn := false
			_, err := Sample(context.Background(), models[c.path], s, RunOptions{}, func(x ito.States) error {
				drawn = true
				if x.FirstNonFinite() >= 0 {
					t.Errorf("%s on %s, %s: %v", solver, c.path, c.grid, x.X)
				}
				return nil
			})
			if c.ok != (err == nil) || c.ok != drawn || err != nil && !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s on %s, %s and %s: %v", solver, c.path, c.grid, c.final, err)
			}
		}
	}
}

// The network calls of a sample are counted and never exceed --nfe.
func TestCalls(t *testing.T) {
	plain, cond := tinyModel(t, nil), conditional(t)
	for _, c := range []struct {
		m     *ito.Model
		s     SampleConfig
		calls int
		err   bool
	}{
		{plain, SampleConfig{Solver: "heun", NFE: 11}, 10, false},
		{plain, SampleConfig{Solver: "euler", NFE: 11}, 11, false},
		{plain, SampleConfig{Solver: "euler"}, 50, false},
		{plain, SampleConfig{Solver: "heun", NFE: 1}, 0, true},
		{plain, SampleConfig{Solver: "dopri5", NFE: 10}, 0, true},
		{plain, SampleConfig{Solver: "euler", Tol: 1e-3}, 0, true},
		{plain, SampleConfig{Solver: "huen", NFE: 10}, 0, true},
		{cond, SampleConfig{Solver: "heun", NFE: 11, Where: "label=1", Guidance: 2}, 8, false},
		{cond, SampleConfig{Solver: "euler", NFE: 11, Where: "label=1", Guidance: 0}, 10, false},
		{cond, SampleConfig{Solver: "heun", NFE: 3, Where: "label=1", Guidance: 2}, 0, true},
	} {
		s := DefaultSample()
		s.N, s.Solver, s.NFE, s.Tol, s.Where = 5, c.s.Solver, c.s.NFE, c.s.Tol, c.s.Where
		if c.s.Where != "" {
			s.Guidance = c.s.Guidance
		}
		r, err := Sample(context.Background(), c.m, s, RunOptions{}, func(ito.States) error { return nil })
		if (err != nil) != c.err || err != nil && !errors.Is(err, ito.ErrInput) || r.NFE != c.calls {
			t.Errorf("%+v: %d calls, %v; want %d", c.s, r.NFE, err, c.calls)
		}
	}
}

func conditional(t *testing.T) *ito.Model {
	t.Helper()
	tab := moons(60)
	tab.Columns = []string{"x", "label"}
	for i := range tab.Rows {
		tab.Row(i)[1] = float64(i % 2)
	}
	c := tiny()
	c.Condition = []string{"label"}
	m, _, err := Fit(context.Background(), tab, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Errors of the sink and of the context end a sampling, and no goroutine stays.
func TestSampleStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	m := tinyModel(t, nil)
	s := DefaultSample()
	s.N, s.Chunk, s.NFE = 1000, 10, 4
	full := errors.New("disk full")
	rows := 0
	_, err := Sample(context.Background(), m, s, RunOptions{Workers: 4}, func(x ito.States) error {
		if rows += x.N; rows > 300 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || rows > 320 {
		t.Errorf("after %d rows: %v", rows, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = Sample(ctx, m, s, RunOptions{Workers: 4}, func(ito.States) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	bad := *m
	bad.Prior = &ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}
	if _, err = Sample(context.Background(), &bad, s, RunOptions{}, nil); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a prior of another dimension: %v", err)
	}
	bad = *m
	bad.Path = path.VP{}
	if _, err = Sample(context.Background(), &bad, s, RunOptions{}, nil); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a network on another path: %v", err)
	}
}

// A trace ends with the samples of Sample and holds every node; priors differ.
func TestTrace(t *testing.T) {
	m := tinyModel(t, nil)
	cfg := DefaultSample()
	cfg.N, cfg.NFE, cfg.First = 20, 10, 5
	tr, r, err := Trace(context.Background(), m, cfg, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := sample(t, m, RunOptions{}, func(s *SampleConfig) { *s = cfg })
	if len(tr.Times) != 6 || r.NFE != 10 || len(tr.X) != 6*20*2 || !reflect.DeepEqual(tr.Last().X, want.X) ||
		!reflect.DeepEqual(tr.Last().ID, want.ID) {
		t.Errorf("%d times, %d calls, %d values", len(tr.Times), r.NFE, len(tr.X))
	}
	cfg.Solver, cfg.NFE, cfg.Tol = "dopri5", 0, 1e-2
	if tr, _, err = Trace(context.Background(), m, cfg, RunOptions{}); err != nil || len(tr.Times) != traceNodes+1 {
		t.Errorf("dopri5: %d times, %v", len(tr.Times), err)
	}
	own := sample(t, m, RunOptions{}, func(s *SampleConfig) { s.Prior = "own" })
	moments := sample(t, m, RunOptions{}, func(s *SampleConfig) { s.Prior = "moments" })
	model := sample(t, m, RunOptions{}, nil)
	if reflect.DeepEqual(own.X, model.X) || !reflect.DeepEqual(moments.X, model.X) {
		t.Error("the model's prior is not that of the moments")
	}
}
