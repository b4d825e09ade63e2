package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	_ "github.com/seed9a7962a8/ito/infer/methods" // registers the methods
	"github.com/seed9a7962a8/ito/target/zoo"
)

// DensityBench measures samplers on targets of the zoo whose truth is known, at equal budgets of gradients. A
// budget counts rows at which the target was evaluated, with gradient or without, warm-up, pilots and training
// included. Every method is told one number about a target, the standard deviation of its exact draws over all
// coordinates, and begins there: chains in a cube of that size, particles from a normal of it. The truth is used
// for that, and to judge; a sampler never sees it.
type DensityBench struct {
	Targets   []string // names of the zoo; nil: grid16, gmm40, funnel, manywell
	Methods   []string // names of [infer.Methods]; nil: all that run on every target
	Gradients float64  // of a run; 0: 1e6
	Repeats   int      // runs with other seeds; 0: 3
	Draws     int      // that are judged, of every run; 0: 1000
	Seed      uint64
	Pool      *ad.Pool // nil: one processor
	// Progress is told of a finished run.
	Progress func(DensityEvent)
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// DensityEvent is one finished run of a bench.
type DensityEvent struct {
	Done, Of       int
	Target, Method string
}

// DensityTable is what a bench found for one target.
type DensityTable struct {
	Target string  `json:"target"`
	Dim    int     `json:"d"`
	Scale  float64 `json:"scale"` // the standard deviation that every method was told
	// LogZ is the truth; nil where it is not known.
	LogZ *float64 `json:"log_z"`
	// Metric says what Distance of the lines is: "W2", exact between the draws and as many exact ones; "KS", the
	// largest Kolmogorov distance of the normalised coordinates from N(0, 1); "" where there are no exact draws.
	Metric string `json:"metric"`
	Modes  int    `json:"modes"` // of the truth; 0 where they are not known
	// Floor is a sampler that is exact, Baseline one that only knows the scale: draws of N(0, scale²).
	Floor    *DensityLine  `json:"floor"`
	Baseline *DensityLine  `json:"baseline"`
	Lines    []DensityLine `json:"lines"`
}

// DensityLine is one method on one target. What does not apply is nil.
type DensityLine struct {
	Method    string   `json:"method"`
	Repeats   int      `json:"repeats"`
	Gradients float64  `json:"gradients"` // evaluations of a run, mean
	Distance  *float64 `json:"distance"`  // median over the repeats
	TV        *float64 `json:"tv"`        // of mode occupancy from the weights, ½Σ|p̂−w|, mean
	Found     *float64 `json:"found"`     // modes that have draws, mean
	LogZError *float64 `json:"log_z_error"`
	LogZSD    *float64 `json:"log_z_sd"` // over the repeats
	ESS       *float64 `json:"ess"`      // effective fraction of the last weights, mean
	Seconds   float64  `json:"seconds"`  // of a run, mean
	// Skipped says why there are no numbers.
	Skipped string `json:"skipped,omitempty"`
}

// densityRun is what one run left behind.
type densityRun struct {
	x       ito.States
	logZ    float64 // NaN: none
	ess     float64 // fraction; NaN: none
	steps   float64 // of a particle sampler
	used    float64
	seconds float64
}

func (b DensityBench) custom() DensityBench {
	if b.Targets == nil {
		b.Targets = []string{"grid16", "gmm40", "funnel", "manywell"}
	}
	if b.Methods == nil {
		b.Methods = []string{"dilation", "geometric", "nuts", "mala", "pt", "smc", "ais", "pdds", "dis"}
	}
	if b.Gradients == 0 {
		b.Gradients = 1e6
	}
	if b.Repeats == 0 {
		b.Repeats = 3
	}
	if b.Draws == 0 {
		b.Draws = 1000
	}
	if b.Now == nil {
		b.Now = time.Now
	}
	return b
}

// Check says what is wrong with the settings.
func (b DensityBench) Check() error {
	b = b.custom()
	bad := func(what, do string) error { return &ito.InputError{Where: "bench", What: what, Do: do} }
	for _, name := range b.Targets {
		if _, err := zoo.Known(name); err != nil {
			return &ito.InputError{Where: "targets", What: err.Error()}
		}
	}
	for _, name := range b.Methods {
		if _, err := infer.FindMethod(name); err != nil {
			return err
		}
	}
	switch {
	case len(b.Targets) == 0 || len(b.Methods) == 0:
		return bad("no targets or no methods", "name some")
	case b.Draws < 2 || b.Repeats < 1:
		return bad(fmt.Sprintf("%d draws, %d repeats", b.Draws, b.Repeats),
			"give two draws or more and one repeat or more")
	case !(b.Gradients >= 20*float64(b.Draws)) || b.Gradients > 1e12:
		return bad(fmt.Sprintf("%g gradients for %d draws", b.Gradients, b.Draws),
			"give at least twenty for every draw")
	}
	return nil
}

// Run measures, target by target and method by method. When ctx ends, what is complete comes back with its error.
func (b DensityBench) Run(ctx context.Context) ([]DensityTable, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	b = b.custom()
	var out []DensityTable
	event := DensityEvent{Of: len(b.Targets) * len(b.Methods) * b.Repeats}
	for _, name := range b.Targets {
		j, err := b.judge(ctx, name)
		if err != nil {
			return out, err
		}
		out = append(out, j.table)
		t := &out[len(out)-1]
		for _, method := range b.Methods {
			m, err := infer.FindMethod(method)
			if err != nil {
				return out, err
			}
			var runs []densityRun
			line := DensityLine{Method: method}
			for r := range b.Repeats {
				run, err := b.sample(ctx, j, m, b.Seed+uint64(r))
				if ctx.Err() != nil {
					return out, ctx.Err()
				}
				if err != nil && !skippable(err) {
					return out, fmt.Errorf("%s on %s: %w", method, name, err)
				}
				event.Done++
				if err != nil {
					event.Done += b.Repeats - r - 1
				}
				event.Target, event.Method = name, method
				if b.Progress != nil {
					b.Progress(event)
				}
				if err != nil {
					line.Skipped = err.Error()
					break
				}
				runs = append(runs, run)
			}
			if line.Skipped == "" {
				if line, err = j.line(ctx, method, runs); err != nil {
					return out, err
				}
			}
			t.Lines = append(t.Lines, line)
		}
	}
	return out, nil
}

// skippable are the errors of a method that cannot work on a target: they belong into the table.
func skippable(err error) bool {
	var unsupported *ito.UnsupportedError
	var infinite *ito.NonFiniteError
	return errors.As(err, &unsupported) || errors.As(err, &infinite) || errors.Is(err, ito.ErrInput)
}
