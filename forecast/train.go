package forecast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/store"
)

// Training is what [Train] needs of a learn.Loop or learn.Trainer.
type Training interface {
	Run(ctx context.Context, until int, o learn.LoopOptions) error
	State() learn.State
	Restore(learn.State) error
}

// loopState is the part of a checkpoint that is not tensors.
type loopState struct {
	Step   int               `json:"step"`
	Adam   uint64            `json:"adam"`
	Losses []learn.LossPoint `json:"losses,omitempty"`
	Sum    float64           `json:"sum"`
}

// Train runs a loop to the given number of steps with the workers, progress and checkpoints of o, and resumes from a
// checkpoint to the same bytes. identity is all that the result depends on: the word of the model, the settings that it
// does not hold, the digest of the data. A checkpoint of another identity is an *ito.InputError. After an interruption
// the last whole step is saved.
func Train(ctx context.Context, l Training, steps int, identity string, o FitOptions) error {
	t := training{l, o, fmt.Sprintf("%s\nhorizon=%d seed=%d steps=%d\n", identity, o.Horizon, o.Seed, steps)}
	if err := t.resume(); err != nil {
		return err
	}
	every := o.Every
	if every < 1 {
		every = 500
	}
	err := l.Run(ctx, steps, learn.LoopOptions{Pool: o.Pool, Progress: o.Progress, After: func(step int) error {
		if step%every == 0 && step < steps {
			return t.save()
		}
		return nil
	}})
	if err != nil && ctx.Err() != nil && l.State().Step > 0 {
		return errors.Join(err, t.save())
	}
	return err
}

type training struct {
	Training
	o        FitOptions
	identity string
}

func (t *training) save() error {
	if t.o.Checkpoints == nil {
		return nil
	}
	s := t.State()
	text, err := json.Marshal(loopState{s.Step, s.Moments.Steps, s.Losses, s.Sum})
	if err != nil {
		return err
	}
	n := len(s.Params)
	config, err := json.Marshal(t.identity)
	if err != nil {
		return err
	}
	c := store.Checkpoint{Config: `{"training":` + string(config) + `}`, State: text, Tensors: []store.Tensor{
		store.NewF32("params", s.Params, n), store.NewF32("ema", s.EMA, n), store.NewF32("m", s.Moments.M, n),
		store.NewF32("v", s.Moments.V, n)}}
	if err := t.o.Checkpoints.Save(&c); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

func (t *training) resume() error {
	if t.o.Checkpoints == nil {
		return nil
	}
	c, err := t.o.Checkpoints.Load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	other := func(what string) error {
		return &ito.InputError{Where: fmt.Sprint(t.o.Checkpoints), What: "the checkpoint is of another training" + what,
			Do: "remove it, or go on with the settings and data that it was made with"}
	}
	var config struct {
		Training string `json:"training"`
	}
	if err := json.Unmarshal([]byte(c.Config), &config); err != nil || config.Training != t.identity {
		return other("")
	}
	var st loopState
	if err := json.Unmarshal(c.State, &st); err != nil {
		return other(": " + err.Error())
	}
	s := learn.State{Step: st.Step, Losses: st.Losses, Sum: st.Sum, Moments: nn.Moments{Steps: st.Adam}}
	for _, part := range []struct {
		name string
		into *[]float32
	}{{"params", &s.Params}, {"ema", &s.EMA}, {"m", &s.Moments.M}, {"v", &s.Moments.V}} {
		tensor, err := c.Tensor(part.name)
		if err != nil {
			return other(": " + err.Error())
		}
		if *part.into, err = tensor.Float32s(); err != nil {
			return other(": " + err.Error())
		}
	}
	return t.Restore(s)
}
