package solve

import "github.com/seed9a7962a8/ito"

// None is a hook that does nothing: a hook that acts at one place embeds it.
type None struct{}

// Before implements ito.Hook.
func (None) Before(*ito.Step) error { return nil }

// Predicted implements ito.Hook.
func (None) Predicted(*ito.Step) error { return nil }

// After implements ito.Hook.
func (None) After(*ito.Step) error { return nil }
