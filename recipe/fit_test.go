package recipe

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// tiny is a training of a second or less.
func tiny() TrainConfig {
	c := DefaultTrain()
	c.Steps, c.Batch, c.Width, c.Depth, c.Warmup = 60, 32, 16, 2, 5
	c.Stages, c.StageSteps, c.StagePaths, c.StageGrid = 3, 5, 100, 10
	return c
}

func moons(n int) *data.Table { return must(data.Builtin("moons", n, 1)) }

func params(m *ito.Model) []float32 { return m.Field.(*field.Net).Weights.Params }

// sample draws with the given changes to the defaults and returns the rows.
func sample(t *testing.T, m *ito.Model, run RunOptions, change func(*SampleConfig)) ito.States {
	t.Helper()
	cfg := DefaultSample()
	cfg.N, cfg.NFE = 50, 10
	if change != nil {
		change(&cfg)
	}
	x, err := Collect(context.Background(), m, cfg, run)
	if err != nil {
		t.Fatal(err)
	}
	if i := x.FirstNonFinite(); i >= 0 {
		t.Fatalf("sample %d is not finite", i)
	}
	return x
}

// Every path, variant, transform, objective and prior trains and samples.
func TestEveryCombination(t *testing.T) {
	var list []func(*TrainConfig)
	for _, p := range []string{"vp", "ve", "subvp", "edm", "flow", "vsdm", "cld", "vsmd", "pfgm"} {
		for _, tr := range data.TransformKinds() {
			list = append(list, func(c *TrainConfig) { c.Path, c.Transform = p, tr })
		}
	}
	for _, v := range []string{"constant", "diagonal", "logistic"} {
		list = append(list, func(c *TrainConfig) { c.Variant = v },
			func(c *TrainConfig) { c.Variant, c.Warm, c.Centre = v, true, false })
	}
	list = append(list,
		func(c *TrainConfig) { c.Path, c.Objective = "vp", "flow" }, func(c *TrainConfig) {
			c.Path, c.Objective = "vp",
				"edm"
		},
		func(c *TrainConfig) { c.Path, c.Objective = "edm", "dsm" }, func(c *TrainConfig) {
			c.Path,
				c.Objective = "flow", "dsm"
		},
		func(c *TrainConfig) { c.Prior = "own" }, func(c *TrainConfig) { c.Path, c.Prior = "vp", "moments" },
		func(c *TrainConfig) { c.Path, c.Prior = "cld", "moments" },
		func(c *TrainConfig) { c.Path, c.Extra = "pfgm", 4 },
		func(c *TrainConfig) { c.Path, c.Kappa, c.Centre = "vsmd", .9, false },
		func(c *TrainConfig) { c.Path, c.FreeSpring = "vsmd", true }, func(c *TrainConfig) { c.Times = 0 },
		func(c *TrainConfig) { c.Network, c.Activation, c.Schedule = "residual", "gelu", "exponential" },
		func(c *TrainConfig) { c.Stages = 0 })
	for _, change := range list {
		c := tiny()
		c.Path, c.Network = "vsdm", "dense"
		change(&c)
		m, r, err := Fit(context.Background(), moons(300), c, RunOptions{})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if x := sample(t, m, RunOptions{}, nil); x.D != 2 || x.N != 50 {
			t.Errorf("%s: %d samples of %d columns", c.Path, x.N, x.D)
		}
		learnt := learns(c.probe(2, path.Settings{}))
		if want := map[bool]int{true: c.Stages, false: 0}[learnt]; r.Steps != 60 || len(r.Stages) != want ||
			r.Warm != c.Warm || len(r.Losses) != 60 {
			t.Errorf("%s: report %+v", c.Path, r)
		}
		if (m.Prior != nil) != (r.Train.Prior == "moments") {
			t.Errorf("%s: prior %v for %s", c.Path, m.Prior, r.Train.Prior)
		}
		var was TrainConfig
		want := c.Sized(0, 0)
		if err := spec.Parse("provenance", m.Provenance.Config, &was); err != nil ||
			spec.Canonical(&was) != spec.Canonical(&want) {
			t.Errorf("%s: the provenance holds another configuration (%v)", c.Path, err)
		}
	}
}

// A constant column comes back exactly; one dimension and fewer rows than a batch are enough; the table stays as it
// was.
func TestUnusualTables(t *testing.T) {
	for name, tab := range map[string]*data.Table{
		"constant column": {Name: "t", Columns: []string{"a", "b", "c"}, Rows: 4, Cols: 3, X: []float64{1, .1, 2, 3, .1,
			5, 2, .1, 2, 4, .1, 1}},
		"one dimension": {Name: "t", Columns: []string{"a"}, Rows: 5, Cols: 1, X: []float64{1, 2, 3, 4, 9}},
		"two rows":      {Name: "t", Columns: []string{"a", "b"}, Rows: 2, Cols: 2, X: []float64{1, 2, 5, 3}},
	} {
		c := tiny()
		c.Scale = make([]float64, tab.Cols)
		for i := range c.Scale {
			c.Scale[i] = 2
		}
		before := append([]float64(nil), tab.X...)
		m, _, err := Fit(context.Background(), tab, c, RunOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		x := sample(t, m, RunOptions{}, nil)
		if x.D != tab.Cols || !reflect.DeepEqual(tab.X, before) {
			t.Errorf("%s: %d columns; table changed: %v", name, x.D, !reflect.DeepEqual(tab.X, before))
		}
		for i := range x.N {
			if name == "constant column" && x.Row(i)[1] != .2 {
				t.Fatalf("%s: %v", name, x.Row(i))
			}
		}
	}
}

func TestConditions(t *testing.T) {
	tab := moons(200)
	label := make([]float64, 0, 600)
	for i := range tab.Rows {
		label = append(label, tab.Row(i)[0], tab.Row(i)[1], float64(i%3))
	}
	tab = &data.Table{Name: "m", Columns: []string{"x", "y", "label"}, Rows: 200, Cols: 3, X: label}
	c := tiny()
	c.Condition = []string{"label"}
	m, _, err := Fit(context.Background(), tab, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	two := sample(t, m, RunOptions{}, func(s *SampleConfig) { s.Where = "label=2" })
	one := sample(t, m, RunOptions{}, func(s *SampleConfig) { s.Where = "label=1" })
	guided := sample(t, m, RunOptions{}, func(s *SampleConfig) { s.Where, s.Guidance = "label=2", 3 })
	free := sample(t, m, RunOptions{}, nil)
	for name, x := range map[string]ito.States{"label=1": one, "guidance": guided, "no label": free} {
		if reflect.DeepEqual(x.X, two.X) {
			t.Errorf("%s gives the samples of label=2", name)
		}
	}
	for _, change := range []func(*SampleConfig){
		func(s *SampleConfig) { s.Where = "lable=2" },
		func(s *SampleConfig) { s.Where = "label=7" },
	} {
		s := DefaultSample()
		change(&s)
		if _, err := Sample(context.Background(), m, s, RunOptions{},
			func(ito.States) error { return nil }); !errors.Is(err,
			ito.ErrInput) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// A built-in set and a CSV of its rows give the same network.
func TestBuiltinEqualsFile(t *testing.T) {
	tab := must(data.Builtin("spiral", 200, 1))
	var b bytes.Buffer
	w := data.NewSampleWriter(&b, data.CSV{Columns: tab.Columns})
	if err := errors.Join(w.WriteRows(tab.States()), w.Close()); err != nil {
		t.Fatal(err)
	}
	file := must(data.ReadCSV(&b, "spiral.csv"))
	x, _, err := Fit(context.Background(), tab, tiny(), RunOptions{})
	y, _, err2 := Fit(context.Background(), file, tiny(), RunOptions{})
	if errors.Join(err, err2) != nil || !reflect.DeepEqual(params(x), params(y)) ||
		x.Provenance.Digest != y.Provenance.Digest {
		t.Errorf("the networks differ: %v %v", err, err2)
	}
}

// An interruption at any time, in a stage, between stages or after them, and one worker or two: the same bytes.
func TestResumeSameBytes(t *testing.T) {
	for _, c := range []TrainConfig{tiny(), func() TrainConfig { c := tiny(); c.Path = "flow"; return c }(),
		func() TrainConfig { c := tiny(); c.Path = "vsmd"; return c }(),
		func() TrainConfig { c := tiny(); c.Path, c.FreeSpring = "vsmd", true; return c }()} {
		want, wantReport, err := Fit(context.Background(), moons(300), c, RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		pool := ad.NewPool(2)
		defer pool.Close()
		for _, at := range []int{1, 4, 5, 12, 15, 16, 17, 40, 59} { // the step after which the plug is pulled
			file := filepath.Join(t.TempDir(), "c")
			var m *ito.Model
			var r *TrainReport
			ctx, cancel := context.WithCancel(context.Background())
			f := &fit{table: moons(300), from: nil, cfg: c, run: RunOptions{Checkpoint: store.CheckpointFile(file),
				Pool:  pool,
				Every: time.Nanosecond}}
			if err := f.begin(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := f.learn(&stopAfter{ctx, f, at}); !errors.Is(err, context.Canceled) {
				t.Fatalf("stopping after step %d: %v", at, err)
			}
			cancel()
			if f.trainer.Step() != at {
				t.Fatalf("stopped after step %d instead of %d", f.trainer.Step(), at)
			}
			m, r, err = Fit(context.Background(), moons(300), c, RunOptions{Checkpoint: store.CheckpointFile(file),
				Resume: true, Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(params(m), params(want)) || !reflect.DeepEqual(m.Prior, want.Prior) ||
				!reflect.DeepEqual(r.Losses, wantReport.Losses) || !reflect.DeepEqual(r.Stages, wantReport.Stages) {
				t.Errorf("%s: resumed after step %d the result is another", c.Path, at)
			}
		}
	}
}

// stopAfter is a context that ends when the trainer of f has done a number of steps.
type stopAfter struct {
	context.Context
	f    *fit
	step int
}

func (s *stopAfter) Err() error {
	if s.f.trainer.Step() >= s.step {
		return context.Canceled
	}
	return nil
}

// A checkpoint of another configuration or of other rows is refused by name; a damaged one too.
func TestResumeRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c")
	c := tiny()
	if _, _, err := Fit(context.Background(), moons(300), c, RunOptions{Checkpoint: store.CheckpointFile(file),
		Resume: true}); err != nil {
		t.Fatal("no checkpoint must mean a start: ", err)
	}
	again := func(c TrainConfig, n int) error {
		_, _, err := Fit(context.Background(), moons(n), c, RunOptions{Checkpoint: store.CheckpointFile(file),
			Resume: true})
		return err
	}
	if err := again(c, 300); err != nil {
		t.Fatal(err)
	}
	other := c
	other.BetaMax = 12
	var ce *store.ConfigError
	if err := again(other, 300); !errors.As(err, &ce) || ce.Field != "beta-max" {
		t.Errorf("another beta-max: %v", err)
	}
	if err := again(c, 299); !errors.As(err, &ce) || ce.Field != "data" {
		t.Errorf("other rows: %v", err)
	}
	saved := must(store.LoadCheckpoint(file))
	saved.Tensors = saved.Tensors[:2]
	if err := saved.Save(file); err != nil {
		t.Fatal(err)
	}
	if err := again(c, 300); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a checkpoint without its tensors: %v", err)
	}
}

func TestFitRefuses(t *testing.T) {
	for want, change := range map[string]func(*TrainConfig){
		"path": func(c *TrainConfig) { c.Path = "vpn" }, "scale": func(c *TrainConfig) { c.Scale = []float64{1} },
		"nothere": func(c *TrainConfig) { c.Condition = []string{"nothere"} },
		"stages":  func(c *TrainConfig) { c.Stages = 100 }, "batch": func(c *TrainConfig) { c.Batch = 0 },
		"lo":    func(c *TrainConfig) { c.BetaMin = -1 },
		"d-min": func(c *TrainConfig) { c.DMax = .01 },
	} {
		c := tiny()
		change(&c)
		if _, _, err := Fit(context.Background(), moons(50), c, RunOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", want, err)
		}
	}
	c := tiny()
	c.Path, c.LR, c.Clip, c.Warmup = "vp", 1e30, 0, 0
	var nf *ito.NonFiniteError
	if _, _, err := Fit(context.Background(), moons(50), c, RunOptions{}); !errors.As(err, &nf) || nf.Step == 0 {
		t.Errorf("a rate of 1e30: %v", err)
	}
}

// Events have names of phases, steps and stages in order.
func TestEvents(t *testing.T) {
	var seen []learn.TrainEvent
	c := tiny()
	if _, _, err := Fit(context.Background(), moons(100), c,
		RunOptions{Progress: func(e learn.TrainEvent) { seen = append(seen, e) }}); err != nil {
		t.Fatal(err)
	}
	if len(seen) < 4 {
		t.Fatalf("%d events", len(seen))
	}
	for i, e := range seen {
		if i > 0 && e.Step < seen[i-1].Step || e.Steps != 60 || (e.Phase == "stage") != (e.Stage > 0) || e.Stage > 1 &&
			len(e.Modes) != 2 {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	if last := seen[len(seen)-1]; last.Step != 60 || last.Phase != "train" {
		t.Errorf("the last event is %+v", last)
	}
}
