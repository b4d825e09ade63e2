package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/store"
)

// identity is what a checkpoint of a distillation, and a finished student, belong to.
func (d *distilling) identity() (string, error) {
	base, err := store.ModelDigest(d.base)
	return spec.Canonical(&d.cfg) + fmt.Sprintf("data = %q\nbase = %q\n", d.set.Digest(), base), err
}

// Distilled reports that a student is that of these settings.
func Distilled(m, base *ito.Model, s Set, cfg DistilConfig) error {
	if m.Provenance.Distilled == nil {
		return &ito.InputError{Where: "`out`", What: "it is a model, and no student", Do: "name another file"}
	}
	f := &distilling{base: base, set: s, cfg: cfg}
	if s.Source == nil {
		return &ito.InputError{Where: "`resume`", What: "the student is finished", Do: "give its data to compare them"}
	}
	now, err := f.identity()
	if err != nil {
		return err
	}
	return store.CompareConfig(m.Provenance.Distilled.Config, now)
}

// save writes the checkpoint, if there is a place for it.
func (d *distilling) save() error {
	if d.opts.Checkpoint == nil {
		return nil
	}
	s := d.loop.State()
	text, err := json.Marshal(state{Step: s.Step, Adam: s.Moments.Steps, Losses: s.Losses, Sum: s.Sum})
	if err != nil {
		return err
	}
	c := store.Checkpoint{State: text}
	if c.Config, err = d.identity(); err != nil {
		return err
	}
	n := len(s.Params)
	c.Tensors = []store.Tensor{store.NewF32("params", s.Params, n), store.NewF32("ema", s.EMA, n),
		store.NewF32("m", s.Moments.M, n), store.NewF32("v", s.Moments.V, n),
		store.NewF32("teacher", d.teacher.Params, len(d.teacher.Params))}
	if err := d.opts.Checkpoint.Save(&c); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	d.saved = d.opts.Clock()
	return nil
}

// resume puts the distillation where the checkpoint left it; without one it starts.
func (d *distilling) resume() error {
	if d.opts.Checkpoint == nil {
		return nil
	}
	c, err := d.opts.Checkpoint.Load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	identity, err := d.identity()
	if err != nil {
		return err
	}
	if err := store.CompareConfig(c.Config, identity); err != nil {
		return err
	}
	damaged := func(err error) error {
		return &ito.InputError{Where: d.opts.Checkpoint.String(), What: "the checkpoint does not belong to this " +
			"distillation: " + err.Error(), Do: "start anew without `resume`"}
	}
	var st state
	if err := json.Unmarshal(c.State, &st); err != nil {
		return damaged(err)
	}
	s := learn.State{Step: st.Step, Losses: st.Losses, Sum: st.Sum, Moments: nn.Moments{Steps: st.Adam}}
	var teacher []float32
	for name, into := range map[string]*[]float32{"params": &s.Params, "ema": &s.EMA, "m": &s.Moments.M,
		"v": &s.Moments.V, "teacher": &teacher} {
		t, err := c.Tensor(name)
		if err != nil {
			return damaged(err)
		}
		if *into, err = t.Float32s(); err != nil {
			return damaged(err)
		}
	}
	if err := d.loop.Restore(s); err != nil {
		return damaged(err)
	}
	if d.teacher, err = d.net.Weights.With(teacher); err != nil {
		return damaged(err)
	}
	if k := d.stage(st.Step); d.cfg.Method == learn.Progressive && k > 0 && st.Step == d.from(k) {
		d.teacher, err = d.loop.Average(0) // the stage before was just finished
	}
	return err
}
