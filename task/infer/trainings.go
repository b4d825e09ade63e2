package infer

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/store"
)

// trained is what a checkpoint says of one training, beside its tensors: those of training i are "training.i.params",
// ema, m and v, and its extras "training.i.extra.NAME".
type trained struct {
	Trainer string            `json:"trainer"`
	Step    int               `json:"step"`
	Adam    uint64            `json:"adam"`
	Losses  []learn.LossPoint `json:"losses,omitempty"`
	Sum     float64           `json:"sum"`
	Extra   []string          `json:"extra,omitempty"` // names
}

var olderTraining = &ito.InputError{Where: "training state", What: "a training by an older version, in a form " +
	"that this one does not read", Do: "start anew without `resume`, or end it with that version"}

func trainingTensor(i int, name string) string { return fmt.Sprintf("training.%d.%s", i, name) }

// keepTrainings adds the tensors of trainings to a checkpoint.
func keepTrainings(ck *store.Checkpoint, states []infer.TrainerState) []trained {
	var out []trained
	for i, s := range states {
		l := s.Loop
		out = append(out, trained{Trainer: s.Trainer, Step: l.Step, Adam: l.Moments.Steps, Losses: l.Losses, Sum: l.Sum,
			Extra: slices.Sorted(maps.Keys(s.Extra))})
		for _, t := range []struct {
			name string
			x    []float32
		}{{"params", l.Params}, {"ema", l.EMA}, {"m", l.Moments.M}, {"v", l.Moments.V}} {
			ck.Tensors = append(ck.Tensors, store.NewF32(trainingTensor(i, t.name), t.x, len(t.x)))
		}
		for _, name := range out[i].Extra {
			x := s.Extra[name]
			ck.Tensors = append(ck.Tensors, store.NewF64(trainingTensor(i, "extra."+name), x, len(x)))
		}
	}
	return out
}

// trainerStates reads what keepTrainings wrote.
func trainerStates(ck *store.Checkpoint, trainings []trained) ([]infer.TrainerState, error) {
	var out []infer.TrainerState
	for i, t := range trainings {
		s := infer.TrainerState{Trainer: t.Trainer, Extra: map[string][]float64{},
			Loop: learn.State{Step: t.Step, Losses: t.Losses, Sum: t.Sum, Moments: nn.Moments{Steps: t.Adam}}}
		for name, into := range map[string]*[]float32{"params": &s.Loop.Params, "ema": &s.Loop.EMA,
			"m": &s.Loop.Moments.M, "v": &s.Loop.Moments.V} {
			x, err := ck.Tensor(trainingTensor(i, name))
			if err != nil {
				return nil, err
			}
			if *into, err = x.Float32s(); err != nil {
				return nil, err
			}
		}
		for _, name := range t.Extra {
			x, err := ck.Tensor(trainingTensor(i, "extra."+name))
			if err != nil {
				return nil, err
			}
			if s.Extra[name], err = x.Float64s(); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}
