package bench

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// At equal budgets: budgets are kept, floors stand below samplers, a method that finds one mode is told from one
// that finds all.
func TestDensityBench(t *testing.T) {
	b := DensityBench{Targets: []string{"grid16", "funnel", "ionosphere"}, Methods: []string{"mala", "smc", "ais",
		"dilation", "dmcmc"}, Gradients: 1e5, Repeats: 2, Draws: 200,
		Now: func() time.Time { return time.Time{} }}
	if testing.Short() {
		b.Targets = b.Targets[:1]
	}
	events := 0
	b.Progress = func(e DensityEvent) { events = e.Done }
	tables, err := b.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := len(b.Targets) * len(b.Methods) * b.Repeats; events != want {
		t.Errorf("%d runs were told of, there were %d", events, want)
	}
	for _, table := range tables {
		for _, l := range table.Lines {
			if l.Method == "dmcmc" {
				if l.Skipped == "" {
					t.Errorf("%s: dmcmc does not know the smoothed density: %+v", table.Target, l)
				}
				continue
			}
			if l.Repeats != 2 || l.Gradients < .7*b.Gradients || l.Gradients > 1.3*b.Gradients {
				t.Errorf("%s: %s used %v of %v in %d runs", table.Target, l.Method, l.Gradients, b.Gradients, l.Repeats)
			}
		}
	}
	grid := tables[0]
	line := map[string]DensityLine{}
	for _, l := range grid.Lines {
		line[l.Method] = l
	}
	if grid.Metric != "W2" || grid.Modes != 16 || *grid.LogZ != 0 || grid.Scale != 11 {
		t.Errorf("%+v", grid)
	}
	// 200 draws of 16 modes: TV .11 in the mean.
	if f := grid.Floor; *f.TV > .16 || *f.Found < 15.5 || *f.Distance > *line["smc"].Distance*1.3 {
		t.Errorf("the floor is %v, TV %v, %v modes; smc has %v", *f.Distance, *f.TV, *f.Found, *line["smc"].Distance)
	}
	if s := line["smc"]; *s.Found < 15.5 || *s.TV > .25 || math.Abs(*s.LogZError) > .1 || !(*s.ESS > .5) {
		t.Errorf("smc: %v modes, TV %v, log Z off by %v", *s.Found, *s.TV, *s.LogZError)
	}
	if m := line["mala"]; *m.TV < *line["smc"].TV || m.LogZError != nil {
		t.Errorf("mala: TV %v", *m.TV)
	}
	if testing.Short() {
		return
	}
	if f := tables[1]; f.Metric != "KS" || f.Modes != 0 || *f.Floor.Distance > .15 || *f.Baseline.Distance < .15 {
		t.Errorf("funnel: %+v", f)
	}
	if i := tables[2]; i.Metric != "" || i.Floor != nil || math.Abs(*i.LogZ+111.614) > .01 ||
		i.Lines[1].LogZError == nil {
		t.Errorf("ionosphere: %+v", i)
	}
}

// The same numbers again, on any number of processors; and what is complete after an interruption.
func TestDensityBenchRepeats(t *testing.T) {
	b := DensityBench{Targets: []string{"two"}, Methods: []string{"pt", "ais"}, Gradients: 2e4, Repeats: 1, Draws: 100,
		Seed: 7}
	first, err := b.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	b.Progress = func(e DensityEvent) { cancel() }
	second, err := b.Run(ctx)
	if !errors.Is(err, context.Canceled) || len(second) != 1 || len(second[0].Lines) != 1 {
		t.Fatalf("%v, %+v", err, second)
	}
	x, y := first[0].Lines[0], second[0].Lines[0]
	if *x.Distance != *y.Distance || *x.TV != *y.TV || x.Gradients != y.Gradients {
		t.Errorf("%+v and %+v", x, y)
	}
}

func TestDensityBenchRefusals(t *testing.T) {
	for what, b := range map[string]DensityBench{
		"target": {Targets: []string{"nowhere"}}, "method": {Methods: []string{"magic"}}, "budget": {Gradients: 100},
		"no budget": {Gradients: math.NaN()},
		"repeats":   {Repeats: -1}, "draws": {Draws: 1}, "nothing": {Targets: []string{}},
	} {
		if _, err := b.Run(t.Context()); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The sieve keeps draws evenly over time and chains, and never many.
func TestSieve(t *testing.T) {
	k := sieve{want: 50}
	s := &infer.State{Groups: 4, Slots: 2, D: 1, X: make([]float64, 8)}
	const steps = 5000
	for i := range steps {
		for g := range 4 {
			s.X[2*g], s.X[2*g+1] = float64(g*steps+i), -1 // the second slot is no draw
		}
		k.add(infer.Draw{Index: i, Drawn: 1, State: s})
		if len(k.rows)*k.per > 8*k.want {
			t.Fatalf("%d rows are kept", len(k.rows)*k.per)
		}
	}
	x := k.states(1)
	for i, v := range x.X {
		if want := (float64(i) + .5) / 50 * 4 * steps; math.Abs(v-want) > 200 {
			t.Errorf("draw %d is %v, want one near %v", i, v, want)
		}
	}
}
