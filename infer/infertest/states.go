package infertest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// StateOf is the state of a trainer, a copy.
func StateOf(t *testing.T, tr infer.Trainer) []infer.TrainerState {
	t.Helper()
	states, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	out := slices.Clone(states)
	for i := range out {
		l := &out[i].Loop
		l.Params, l.EMA, l.Moments.M, l.Moments.V = slices.Clone(l.Params), slices.Clone(l.EMA),
			slices.Clone(l.Moments.M), slices.Clone(l.Moments.V)
		out[i].Extra = maps.Clone(out[i].Extra)
		for k, v := range out[i].Extra {
			out[i].Extra[k] = slices.Clone(v)
		}
	}
	return out
}

// bytesOf is the state of a trainer as bytes.
func StateBytes(t *testing.T, tr infer.Trainer) []byte {
	t.Helper()
	return fmt.Appendf(nil, "%+v", StateOf(t, tr))
}

// RefusesStates gives a trainer the states of other trainings.
func RefusesStates(t *testing.T, tr infer.Trainer) {
	t.Helper()
	whole := StateOf(t, tr)
	bad := map[string]func([]infer.TrainerState) []infer.TrainerState{
		"none":         func([]infer.TrainerState) []infer.TrainerState { return nil },
		"one too many": func(s []infer.TrainerState) []infer.TrainerState { return append(s, s[0]) },
		"another":      func(s []infer.TrainerState) []infer.TrainerState { s[0].Trainer = "else"; return s },
		"fewer weights": func(s []infer.TrainerState) []infer.TrainerState {
			s[0].Loop.Params = s[0].Loop.Params[1:]
			return s
		},
	}
	for name := range whole[0].Extra {
		bad["no "+name] = func(s []infer.TrainerState) []infer.TrainerState { delete(s[0].Extra, name); return s }
		if name != "x" && name != "gradient" || len(whole[0].Extra[name]) > 0 {
			bad["another length of "+name] = func(s []infer.TrainerState) []infer.TrainerState {
				s[0].Extra[name] = append(s[0].Extra[name], 0)
				return s
			}
		}
	}
	for what, change := range bad {
		if err := tr.Restore(change(StateOf(t, tr))); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := tr.Restore(whole); err != nil {
		t.Error(err)
	}
}
