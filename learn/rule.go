package learn

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Learnable is a path that brings the rule by which [Alternate] learns it.
type Learnable interface {
	ito.Path
	// Refit makes the path of the next stage from the field that was fitted on this one, with a condition for each of
	// the s.Paths states that it may simulate, or none. Its result is a function of the arguments alone, whatever the
	// Workers.
	Refit(ctx context.Context, f ito.Field, c ito.Cond, s Refitting) (ito.Path, Refitted, error)
}

// Refitting is what a stage gives the rule of a path: settings, of which a rule takes those that it has a use for.
type Refitting struct {
	Alternate
	Stage    int       // from 1
	StepSize float64   // η_k, the part of the way to go
	Noise    ito.Noise // of the stage
}

// Learns reports a path that [Alternate] learns.
func Learns(p ito.Path) bool {
	_, err := ruleOf(p)
	return err == nil
}

// houseRule is a rule of least squares within bounds.
type houseRule interface {
	Learnable
	// fits reports an A that is too large to be learnt.
	fits() error
	// most is the upper bound of D.
	most(a Alternate) float64
	// squares is E‖Ê[xxᵀ] − I‖² times the number of paths, over the numbers that A has.
	squares(a Alternate) float64
}

// ruleOf is the rule of a path. One that has none is an *ito.UnsupportedError.
func ruleOf(p ito.Path) (Learnable, error) {
	nearest := "vsdm"
	switch p := p.(type) {
	case Learnable:
		return p, nil
	case path.VariationalMomentum:
		if _, _, _, _, ok := p.Scores(); ok {
			return dampingRule{p}, nil
		}
		nearest = "vsmd"
	case path.Variational:
		return squaresRule{p}, nil
	}
	return nil, &ito.UnsupportedError{What: "learning the path " + p.Name(), Why: "it has no variational score",
		Nearest: nearest}
}

// squaresRule is [Refit].
type squaresRule struct{ path.Variational }

// Refit implements Learnable.
func (r squaresRule) Refit(ctx context.Context, f ito.Field, c ito.Cond, s Refitting) (ito.Path, Refitted, error) {
	steps := s.Grid
	if r.Variant() == path.Logistic {
		steps = 0 // its update needs the drawn end alone
	}
	rev, err := Reverse(ctx, r.Variational, f, c, s.Paths, steps, s.Workers, s.Noise)
	if err != nil {
		return nil, Refitted{}, err
	}
	return Refit{Zeta: s.Zeta, Eta: s.StepSize, DMin: s.DMin, DMax: r.most(s.Alternate)}.Update(r.Variational, rev)
}

func (r squaresRule) fits() error {
	if r.Variant() == path.DiagonalOnly {
		return nil
	}
	return ito.CheckFull("learning a full A of path "+r.Name(), r.Dim(), "variant=diagonal")
}

func (r squaresRule) most(a Alternate) float64 {
	if r.Variant() == path.Logistic && a.DMax == 0 {
		return math.Inf(1)
	}
	_, hi := r.Span()
	return a.dmax(r, r.Beta(hi))
}

func (r squaresRule) squares(Alternate) float64 {
	d := float64(r.Dim())
	if r.Variant() == path.DiagonalOnly {
		return 2 * d
	}
	return d * (d + 1)
}

// dampingRule is [DampingRefit].
type dampingRule struct{ path.VariationalMomentum }

// Refit implements Learnable.
func (r dampingRule) Refit(ctx context.Context, f ito.Field, c ito.Cond, s Refitting) (ito.Path, Refitted, error) {
	rev, err := ReverseMomentum(ctx, r.VariationalMomentum, f, c, s.Paths, s.Grid, s.Workers, s.Noise)
	if err != nil {
		return nil, Refitted{}, err
	}
	return DampingRefit{Zeta: s.Zeta, Eta: s.StepSize, DMin: s.DMin, DMax: r.most(s.Alternate),
		Both: s.Both}.Update(r.VariationalMomentum, rev)
}

func (r dampingRule) fits() error {
	return ito.CheckFull("learning the path "+r.Name(), r.Dim(), "vsdm with variant=diagonal")
}

// most has the velocity fall at ½βγD.
func (r dampingRule) most(a Alternate) float64 {
	_, hi := r.Span()
	γ, _, _, _, _ := r.Scores()
	return a.dmax(r, r.Beta(hi)*γ/2)
}

func (r dampingRule) squares(a Alternate) float64 {
	n := 2 * float64(r.DataDim())
	if a.Both {
		n *= 2
	}
	return n
}
