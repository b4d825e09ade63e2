package solve

import (
	"context"
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// A gradient is not added where the score of the path is not that of a normal law, and not to logits either: each alone
// is enough to refuse it.
func TestAddScoreRefuses(t *testing.T) {
	vp, err := path.VP{}.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	heavy, err := path.PFGM{}.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		p    ito.Path
		kind ito.Prediction
	}{"logits": {vp, ito.PredLogits}, "heavy tails": {heavy, ito.PredScore}} {
		x := ito.NewStates(2, 1, 0)
		h := Classifier{Scale: 1, Gradient: func(_ context.Context, g, _ ito.States, _ ito.Times, _ ito.Cond) error {
			return nil
		}}
		e := ito.Evaluation{Kind: c.kind, Pred: x, X: x, T: ito.Times{.5}}
		if err := h.Predicted(t.Context(), &ito.Step{Path: c.p}, e); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
