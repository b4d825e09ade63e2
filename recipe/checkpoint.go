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
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
)

// state is the part of a checkpoint that is not tensors.
type state struct {
	Path    string            `json:"path"`
	Config  json.RawMessage   `json:"config"`
	History []learn.Stage     `json:"history,omitempty"`
	Step    int               `json:"step"`
	Adam    uint64            `json:"adam"`
	Losses  []learn.LossPoint `json:"losses,omitempty"`
	Sum     float64           `json:"sum"`
	HeldOut []learn.LossPoint `json:"held_out,omitempty"`
	BestAt  int               `json:"best_at,omitempty"`
}

// identity is what a checkpoint belongs to: the configuration and the rows.
func (f *fit) identity() string {
	return spec.Canonical(&f.cfg) + fmt.Sprintf("data = %q\n", f.digest) + f.belongs
}

// save writes the checkpoint, if there is a place for it.
func (f *fit) save() error {
	if f.run.Checkpoint == nil {
		return nil
	}
	p := f.start
	if f.path.Path != nil {
		p = f.path.Path
	}
	s := f.trainer.State()
	st := state{History: f.path.History, Step: s.Step, Adam: s.Moments.Steps, Losses: s.Losses, Sum: s.Sum,
		HeldOut: s.HeldOut, BestAt: s.BestAt}
	var err error
	if st.Path, st.Config, err = path.Marshal(p); err != nil {
		return err
	}
	text, err := json.Marshal(st)
	if err != nil {
		return err
	}
	n := len(s.Params)
	c := store.Checkpoint{Config: f.identity(), State: text, Tensors: []store.Tensor{
		store.NewF32("params", s.Params, n), store.NewF32("ema", s.EMA, n), store.NewF32("m", s.Moments.M, n),
		store.NewF32("v", s.Moments.V, n),
	}}
	if s.Best != nil {
		c.Tensors = append(c.Tensors, store.NewF32("best", s.Best, n))
	}
	if err := f.run.Checkpoint.Save(&c); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	f.saved = f.run.Clock()
	return nil
}

// resume puts the training where the checkpoint left it; without one it starts.
func (f *fit) resume() error {
	if f.run.Checkpoint == nil {
		return nil
	}
	c, err := f.run.Checkpoint.Load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := store.CompareConfig(c.Config, f.identity()); err != nil {
		return err
	}
	var st state
	if err := json.Unmarshal(c.State, &st); err != nil {
		return f.damaged(err)
	}
	p, err := path.Unmarshal(st.Path, st.Config)
	if err != nil {
		return f.damaged(err)
	}
	if f.path.Path != nil {
		if p.Name() != f.start.Name() || p.Dim() != f.start.Dim() {
			return f.damaged(fmt.Errorf("its path is %s of dimension %d", p.Name(), p.Dim()))
		}
		f.path = learn.Alternation{Path: p, History: st.History}
	}
	s := learn.State{Step: st.Step, Losses: st.Losses, Sum: st.Sum, Moments: nn.Moments{Steps: st.Adam},
		HeldOut: st.HeldOut, BestAt: st.BestAt}
	type part struct {
		name string
		into *[]float32
	}
	parts := []part{{"params", &s.Params}, {"ema", &s.EMA}, {"m", &s.Moments.M}, {"v", &s.Moments.V}}
	if len(st.HeldOut) > 0 {
		parts = append(parts, part{"best", &s.Best})
	}
	for _, part := range parts {
		t, err := c.Tensor(part.name)
		if err != nil {
			return f.damaged(err)
		}
		if *part.into, err = t.Float32s(); err != nil {
			return f.damaged(err)
		}
	}
	if err := f.trainer.Restore(s); err != nil {
		return f.damaged(err)
	}
	return nil
}

func (f *fit) damaged(err error) error {
	return &ito.InputError{Where: f.run.Checkpoint.String(), What: "the checkpoint does not belong to this training: " +
		err.Error(), Do: "start anew without `resume`"}
}
