package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// enter makes the states of a run legal, or says why the space is not one for this path.
func enter(p ito.Path, x ito.States, space ito.Space, c ito.Cond) error {
	if err := space.Check(); err != nil {
		return err
	}
	j, jumps := p.(ito.Jump)
	if !jumps {
		if !space.Real() {
			return &ito.UnsupportedError{What: "a space with tokens on path " + p.Name(), Why: "its states are numbers",
				Nearest: "path absorbing"}
		}
		return space.Project(x, c)
	}
	if d := space.Dim(); d != x.D {
		return &ito.InputError{Where: "space", What: fmt.Sprintf("states of dimension %d, a state has %d", x.D, d)}
	}
	for _, part := range space.Parts {
		if part.Levels != j.Data() || part.Symmetric || part.Hollow || part.Nodes > 0 && space.Mask != nil {
			return &ito.UnsupportedError{What: fmt.Sprintf("part %s on path %s", part.Name, p.Name()),
				Why:     fmt.Sprintf("every token jumps by itself among %d levels", j.Data()),
				Nearest: "a part of so many levels without symmetry"}
		}
	}
	return nil
}
