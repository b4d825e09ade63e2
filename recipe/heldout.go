package recipe

import (
	"fmt"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
)

// Held-out rows where nothing else is said.
const (
	heldPart  = .1
	heldMost  = 4096
	heldLeast = 200 // rows of a table of which some are held out
)

// heldCurve is the number of points of the validation curve of a whole training.
const heldCurve = 80

// holdOut takes some rows of a table with types out of the training.
func (f *fit) holdOut() error {
	part, given := heldPart, f.cfg.HoldOut != "auto" && f.cfg.HoldOut != ""
	if given {
		var err error
		if part, err = strconv.ParseFloat(f.cfg.HoldOut, 64); err != nil || !(part >= 0 && part <= .5) {
			return &ito.InputError{Where: "`hold-out`", What: f.cfg.HoldOut + " is no part of the rows",
				Do: "give a number from 0 to 0.5, or auto"}
		}
	}
	s, ok := f.set.Source.(*encode.Source)
	if !ok {
		if given && part > 0 {
			return &ito.InputError{Where: "`hold-out`", What: "rows are held out of tables with types only",
				Do: "leave it out"}
		}
		return nil
	}
	if f.cfg.Epsilon > 0 {
		if given && part > 0 {
			return &ito.InputError{Where: "`hold-out`", What: "the loss of held-out rows would tell of them, and " +
				"nothing of `epsilon` is kept for it", Do: "leave it out"}
		}
		return nil
	}
	learnt := learns(f.cfg.probe(s.Space().Dim(), f.settings()))
	n := int(part * float64(s.Len()))
	if !given {
		if n = min(n, heldMost); s.Len() < heldLeast || learnt {
			n = 0
		}
	}
	switch {
	case n == 0:
		return nil
	case learnt:
		return &ito.InputError{Where: "`hold-out`", What: "the path " + f.cfg.kind() + " is learnt, and its loss " +
			"changes with it", Do: "leave it out, or give another `path`"}
	case 2*n >= s.Len():
		return &ito.InputError{Where: "`hold-out`", What: fmt.Sprintf("%d of %d rows would be held out", n, s.Len()),
			Do: "hold out fewer"}
	}
	f.set.Source, f.held = s.Split(f.cfg.Seed, n)
	return nil
}

func (f *fit) heldRows() int {
	if f.held == nil {
		return 0
	}
	return f.held.Len()
}

// heldEvery is the number of steps between two points of the validation curve.
func (f *fit) heldEvery() int { return max(f.c.Steps/heldCurve, 1) }

// patience is how many steps the loss may go without falling.
func (f *fit) patience() int { return max(f.c.Steps/4, 1) }

// reportHeld notes what the held-out rows decided.
func (f *fit) reportHeld(m *ito.Model) {
	s := f.trainer.State()
	if s.Best == nil {
		return
	}
	f.report.HeldOut, f.report.BestStep = s.HeldOut, s.BestAt
	h := &ito.HeldOut{Rows: f.held.Len(), Step: s.BestAt, Steps: s.Step}
	for _, p := range s.HeldOut {
		if p.Step == s.BestAt {
			h.Loss = p.Loss
		}
	}
	m.Provenance.HeldOut = h
}
