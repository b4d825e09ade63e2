package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// None is a hook that does nothing: a hook that acts at one place embeds it.
type None struct{}

// Before implements ito.Hook.
func (None) Before(context.Context, *ito.Step) error { return nil }

// Predicted implements ito.Hook.
func (None) Predicted(context.Context, *ito.Step, ito.Evaluation) error { return nil }

// After implements ito.Hook.
func (None) After(context.Context, *ito.Step) error { return nil }
