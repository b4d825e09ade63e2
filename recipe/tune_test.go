package recipe

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
)

func smallTune() TuneConfig {
	c := DefaultTune()
	c.States, c.Judge, c.Generations, c.Rounds = 32, 48, 3, 2
	return c
}

// Every method finds or falls back, on every path of ito train; what is stored is what samples.
func TestTuneEveryPath(t *testing.T) {
	for _, name := range []string{"vp", "ve", "subvp", "edm", "flow", "vsdm"} {
		m := tinyModel(t, func(c *TrainConfig) { c.Path = name })
		for _, method := range []string{"usf", "gits", "v3"} {
			c := smallTune()
			c.Method, c.Generations, c.Rounds = method, 1, 1
			r, err := Tune(context.Background(), m, []int{6}, c, RunOptions{Workers: 2})
			if method == "v3" && (name == "vsdm" || name == "flow") { // many modes; no log-SNR at its end
				if !errors.Is(err, ito.ErrInput) {
					t.Errorf("%s, %s is not refused: %v", name, method, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", name, method, err)
				continue
			}
			s := m.Schedule(6, 1)
			if s == nil || len(m.Schedules) != 1 || s.Found.Method != method || s.Found.Name != r.Results[0].Stored ||
				len(r.Results[0].Fixed) < 10 {
				t.Fatalf("%s, %s: stored %+v", name, method, m.Schedules)
			}
			best := r.Results[0].Fixed[0].Judge
			if s.Found.FixedRMSE != best || s.Found.RMSE > best ||
				s.Found.Searched != (r.Results[0].Searched.Judge < best) {
				t.Errorf("%s, %s: error %g, fixed %g, searched %v", name, method, s.Found.RMSE, best, s.Found.Searched)
			}
			cfg := DefaultSample()
			cfg.N, cfg.NFE = 4, 6
			got, report, err := Trace(context.Background(), m, cfg, RunOptions{})
			if err != nil || report.NFE > 6 || report.Schedule != s.Found.Name ||
				!reflect.DeepEqual(ito.Grid(got.Times), s.Times) {
				t.Errorf("%s, %s: %+v, %v", name, method, report, err)
			}
		}
	}
}

// A schedule is used for exactly its calls and guidance, and by those who name no solver and no grid.
func TestScheduleIsChosen(t *testing.T) {
	m := conditional(t)
	c := smallTune()
	c.Where, c.Guidance = "label=1", 2
	if _, err := Tune(context.Background(), m, []int{5}, c, RunOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("5 calls of 2 an evaluation: %v", err)
	}
	if _, err := Tune(context.Background(), m, []int{4, 8}, c, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	base := DefaultSample()
	base.NFE, base.Where, base.Guidance, base.N = 8, "label=0", 2, 3
	for _, k := range []struct {
		change func(*SampleConfig)
		used   bool
	}{
		{func(*SampleConfig) {}, true},
		{func(c *SampleConfig) { c.NFE = 10 }, false},
		{func(c *SampleConfig) { c.NFE = 0 }, false},
		{func(c *SampleConfig) { c.Guidance = 1 }, false},
		{func(c *SampleConfig) { c.Solver = "heun" }, false},
		{func(c *SampleConfig) { c.Grid = "quadratic" }, false},
	} {
		cfg := base
		k.change(&cfg)
		r, err := Sample(context.Background(), m, cfg, RunOptions{}, func(ito.States) error { return nil })
		if err != nil || (r.Schedule != "") != k.used || !k.used && r.Solver != "heun" {
			t.Errorf("%+v: %+v, %v", cfg, r, err)
		}
		if k.used && r.NFE != 8 {
			t.Errorf("%d calls, want 8", r.NFE)
		}
	}
}

// An interrupted search goes on to the same schedules and reports, whatever the workers; another search is refused.
func TestTuneGoesOn(t *testing.T) {
	m := tinyModel(t, nil)
	clone := func() *ito.Model { c := *m; return &c }
	nfes, c := []int{4, 7}, smallTune()
	whole := clone()
	want, err := Tune(context.Background(), whole, nfes, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "c")
	for _, at := range []learn.TrainEvent{{Name: "reference", Step: 1}, {Name: "4 calls", Step: 2},
		{Name: "4 calls", Step: 4}, {Name: "7 calls", Step: 1}} {
		ctx, cancel := context.WithCancel(context.Background())
		run := RunOptions{Checkpoint: store.CheckpointFile(file), Every: 1, Resume: true, Workers: 2,
			Progress: func(e learn.TrainEvent) {
				if e.Name == at.Name && e.Step == at.Step {
					cancel()
				}
			}}
		if _, err := Tune(ctx, clone(), nfes, c, run); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
	}
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	part := clone()
	got, err := Tune(context.Background(), part, nfes, c, RunOptions{Checkpoint: store.CheckpointFile(file),
		Resume:  true,
		Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	got.Seconds, want.Seconds = 0, 0
	if !reflect.DeepEqual(got, want) {
		t.Errorf("an interrupted search ends with %+v, want %+v", got, want)
	}
	dir := t.TempDir()
	for i, m := range []*ito.Model{whole, part} {
		if err := store.SaveModel(filepath.Join(dir, string(rune('a'+i))), m); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := must(os.ReadFile(filepath.Join(dir, "a"))), must(os.ReadFile(filepath.Join(dir, "b"))); string(
		a) != string(b) {
		t.Error("the files differ")
	}
	if !Tuned(part, nfes, c) || Tuned(part, []int{5}, c) {
		t.Error("what is tuned is not known")
	}
	c.Seed++
	if Tuned(part, nfes, c) {
		t.Error("another seed counts as done")
	}
	var changed *store.ConfigError
	if _, err := Tune(context.Background(), clone(), nfes, c, RunOptions{Checkpoint: store.CheckpointFile(file),
		Resume: true}); !errors.As(err, &changed) || changed.Field != "seed" {
		t.Errorf("another seed goes on: %v", err)
	}
}

// The sentence is a function of the numbers, whichever way they fall.
func TestTuneVerdict(t *testing.T) {
	fixed := []Score{{"unipc-3", "logsnr", .04, .05, .03}}
	for _, c := range []struct {
		searched  Score
		reference float64
		want      string
	}{
		{Score{"usf", "", .02, .025, .01}, 0, "At 8 calls the searched schedule leaves 0.025 on 100 states that the " +
			"search has not seen, 2 times less than the best fixed solver, unipc-3 logsnr (0.05). It is stored."},
		{Score{"usf", "", .02, .025, .04}, 0, "Its median error is larger, though: 0.04 against 0.03."},
		{Score{"usf", "", .02, .06, .01}, 0, "At 8 calls there is no gain: on 100 states that the search has not " +
			"seen, unipc-3 logsnr leaves 0.05, and the searched schedule 0.06 (0.02 on its own states). The fixed " +
			"solver is stored."},
		{Score{"usf", "", .02, .05, .01}, 0, "there is no gain"},
		{Score{"usf", "", .02, .025, .01}, .01, "The reference itself is known to 0.01 only"},
	} {
		r := TuneResult{NFE: 8, Searched: c.searched, Fixed: fixed}
		if s := r.verdict(100, c.reference); !strings.Contains(s, c.want) {
			t.Errorf("%+v: %s", c.searched, s)
		}
	}
}

func TestTuneRefuses(t *testing.T) {
	m := tinyModel(t, nil)
	for name, c := range map[string]struct {
		nfe    []int
		change func(*TuneConfig)
	}{
		"no calls":        {nil, func(*TuneConfig) {}},
		"0 calls":         {[]int{0}, func(*TuneConfig) {}},
		"twice":           {[]int{5, 5}, func(*TuneConfig) {}},
		"a method":        {[]int{5}, func(c *TuneConfig) { c.Method = "usv" }},
		"few states":      {[]int{5}, func(c *TuneConfig) { c.States = 1 }},
		"no condition":    {[]int{5}, func(c *TuneConfig) { c.Guidance = 2 }},
		"a condition":     {[]int{5}, func(c *TuneConfig) { c.Where = "x=1" }},
		"more than nodes": {[]int{80}, func(c *TuneConfig) { c.Method = "gits" }},
	} {
		cfg := smallTune()
		c.change(&cfg)
		if _, err := Tune(context.Background(), m, c.nfe, cfg, RunOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(m.Schedules) != 0 {
		t.Error("a refused search has stored something")
	}
	m.Schedules = []ito.SampleSchedule{{Calls: 5, Guidance: 1, Solver: solve.Heun{}, Times: ito.Grid{1, .001}}}
	if err := store.SaveModel(filepath.Join(t.TempDir(), "m"), m); err != nil {
		t.Error(err)
	}
}
