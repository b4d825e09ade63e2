package infer

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Starts says where chains and ascents begin. A place where the log density or its gradient is not finite is drawn
// again; one that was given is not.
type Starts struct {
	Radius  float64 // uniform in (−Radius, Radius)^d, unless something else is said; 0: 2
	Density bool    // the gradient need not be finite
	// Points are given: row i begins chain or path i, and they begin again from the first where there are fewer.
	Points ito.States
	// Draw draws them instead: the places of a try, at the addresses of seed and of the rows' ids.
	Draw func(ctx context.Context, dst ito.States, seed uint64, try uint32) error
	// What says where they come from, for messages: "the priors", a file.
	What string
	// Explain names what is not finite at a place, for messages; nil: nothing more is said.
	Explain func(ctx context.Context, x []float64) string
}

// startTries is how often a start is drawn.
const startTries = 100

// Fill writes a start into every row of x, at the addresses of seed and of its ids. Where there is none, it is a
// *StartError of the last place that was tried.
func (o *Starts) Fill(ctx context.Context, t ito.Target, x ito.States, seed uint64) error {
	bad := make([]bool, x.N)
	for i := range bad {
		bad[i] = true
	}
	logp, grad, try := make([]float64, x.N), x.Like(x.D), x.Like(x.D)
	tries := startTries
	if o.Points.N > 0 {
		tries = 1
	}
	for k := range uint32(tries) {
		if err := o.places(ctx, try, seed, k); err != nil {
			return err
		}
		for i := range bad {
			if bad[i] {
				copy(x.Row(i), try.Row(i))
			}
		}
		var err error
		if o.Density {
			err = t.LogDensity(ctx, logp, x)
		} else {
			err = t.Gradient(ctx, logp, grad, x)
		}
		if err != nil {
			return err
		}
		left := false
		for i := range bad {
			bad[i] = bad[i] && !(Finite(logp[i]) && AllFinite(grad.Row(i)))
			left = left || bad[i]
		}
		if !left {
			return nil
		}
	}
	for i := range bad {
		if !bad[i] {
			continue
		}
		e := &StartError{Group: x.ID[i], LogP: logp[i], X: x.Row(i), Tries: tries, What: o.from()}
		if Finite(logp[i]) {
			e.Slope = true
		}
		if o.Explain != nil {
			e.Why = o.Explain(ctx, x.Row(i))
		}
		return e
	}
	return nil
}

func (o *Starts) from() string {
	if o.What == "" && o.Points.N == 0 {
		r := o.radius()
		return fmt.Sprintf("uniform in (%g, %g)", -r, r)
	}
	return o.What
}

func (o *Starts) radius() float64 {
	if o.Radius == 0 {
		return 2
	}
	return o.Radius
}

// places writes the places of a try.
func (o *Starts) places(ctx context.Context, x ito.States, seed uint64, try uint32) error {
	switch {
	case o.Points.N > 0:
		if o.Points.D != x.D {
			return &ito.InputError{Where: o.What, What: fmt.Sprintf("starts of %d coordinates; the density has %d",
				o.Points.D, x.D)}
		}
		for i := range x.N {
			copy(x.Row(i), o.Points.Row(int(x.ID[i]%uint64(o.Points.N))))
		}
		return nil
	case o.Draw != nil:
		return o.Draw(ctx, x, seed, try)
	}
	r := o.radius()
	PriorKey(seed, try).Uniforms64(x.X, x.D, x.ID)
	for i, u := range x.X {
		x.X[i] = r * (2*u - 1)
	}
	return nil
}

// StartError is a sampler that cannot begin: the log density at a start is −Inf, +Inf or NaN, or its gradient is not
// finite. It matches ito.ErrInput.
type StartError struct {
	Group uint64
	Slot  int
	LogP  float64
	Slope bool      // the log density is finite and its gradient is not
	X     []float64 // where; nil: not known
	Tries int       // places that were tried; 0: not known
	What  string    // from where they were
	Why   string    // what is not finite there
}

func (e *StartError) Error() string {
	who := fmt.Sprintf("chain %d", e.Group+1) // people count from 1, as the files do
	if e.Slot > 0 {
		who = fmt.Sprintf("particle %d of run %d", e.Slot+1, e.Group+1)
	}
	var b strings.Builder
	switch {
	case e.Slope:
		fmt.Fprintf(&b, "the gradient is not finite at the start of %s", who)
	default:
		fmt.Fprintf(&b, "the log density is %v at the start of %s", e.LogP, who)
	}
	if e.Tries > 1 {
		fmt.Fprintf(&b, ", the last of %d places tried, %s", e.Tries, e.What)
	} else if e.What != "" {
		fmt.Fprintf(&b, ", %s", e.What)
	}
	if e.Why != "" {
		fmt.Fprintf(&b, ": %s", e.Why)
	}
	do := "start where the density is positive, or check the model's supports"
	if math.IsNaN(e.LogP) {
		do = "find where the model divides by zero or takes the logarithm of a negative number, or start elsewhere"
	}
	return b.String() + "; " + do
}

// Is matches ito.ErrInput.
func (e *StartError) Is(target error) bool { return target == ito.ErrInput }
