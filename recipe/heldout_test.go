package recipe

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/store"
)

// A part of the rows is held out; training ends a quarter of the steps after their loss was least, with the network
// of that step, to the same bytes when it was interrupted before, and the model says so.
func TestHeldOutRows(t *testing.T) {
	text := "a,b,c,d\n" // no column tells of another, and few rows are learnt by heart
	u := make([]float64, 4)
	for i := range uint64(40) {
		rng.NewKey(2, rng.PurposeUser, 0, 0).Uniforms64(u, 4, []uint64{i})
		text += fmt.Sprintf("%.3f,%.3f,%.3f,%.3f\n", u[0], u[1], u[2], u[3])
	}
	f := readFrame(t, text)
	c := smallTyped()
	c.Steps, c.Width, c.Depth, c.LR, c.EMA, c.Schedule, c.HoldOut = 600, 48, 2, .01, .5, "constant", "0.25"
	m, r, err := FitFrame(context.Background(), f, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	best := slices.MinFunc(r.HeldOut, func(a, b learn.LossPoint) int {
		if a.Loss < b.Loss {
			return -1
		}
		return 1
	})
	if r.Rows != 40 || r.HeldRows != 10 || r.BestStep != best.Step || r.Steps < best.Step+150 || r.Steps >= 600 {
		t.Errorf("%d of %d rows; %d steps, best %d, least at %+v", r.HeldRows, r.Rows, r.Steps, r.BestStep, best)
	}
	if h := m.Provenance.HeldOut; h == nil || *h != (ito.HeldOut{Rows: 10, Step: best.Step, Steps: r.Steps,
		Loss: best.Loss}) {
		t.Errorf("the model says %+v", h)
	}
	run := RunOptions{Checkpoint: store.CheckpointFile(filepath.Join(t.TempDir(), "c")), Every: 1, Resume: true}
	ctx, stop := context.WithCancel(context.Background())
	run.Progress = func(e learn.TrainEvent) {
		if e.Step > r.BestStep {
			stop()
		}
	}
	if _, _, err := FitFrame(ctx, f, c, run); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	run.Progress = nil
	again, r2, err := FitFrame(context.Background(), f, c, run)
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultSample()
	cfg.N, cfg.NFE = 10, 4
	if got, want := drawCells(t, again, cfg, RunOptions{}), drawCells(t, m, cfg, RunOptions{}); !same(got.X, want.X) ||
		!slices.Equal(r2.HeldOut, r.HeldOut) {
		t.Errorf("an interrupted training ends elsewhere: %v, %v", r2.HeldOut, r.HeldOut)
	}
}

// What holds nothing out trains to the end, and what cannot is refused.
func TestHoldOutSettings(t *testing.T) {
	f := mixedFrame(t)
	c := smallTyped()
	c.Steps, c.HoldOut = 20, "0"
	if m, r, err := FitFrame(context.Background(), f, c, RunOptions{}); err != nil || r.HeldRows != 0 ||
		r.Steps != 20 ||
		m.Provenance.HeldOut != nil {
		t.Errorf("%+v, %v", r, err)
	}
	c.HoldOut = "0.25"
	if _, r, err := FitFrame(context.Background(), f, c, RunOptions{}); err != nil || r.HeldRows != 50 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, bad := range []string{"many", "0.6", "-1", "NaN", "0.5"} {
		c.HoldOut = bad
		var in *ito.InputError
		if _, _, err := FitFrame(context.Background(), f, c, RunOptions{}); !errors.As(err, &in) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	c.HoldOut, c.Path = "0.1", "vsdm"
	c.Stages, c.StageSteps = 1, 2
	if _, _, err := FitFrame(context.Background(), f, c, RunOptions{}); err == nil {
		t.Error("rows are held out of a path that is learnt")
	}
}
