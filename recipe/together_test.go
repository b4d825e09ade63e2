package recipe

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// Samples that are drawn in one batch with those of other seeds have the bytes that they have alone: by every solver
// that a path has, with guidance, on paths of one clock and of modes, of moments, and of tokens.
func TestTogether(t *testing.T) {
	shares := []Share{{Seed: 7, N: 1}, {Seed: 7, First: 5, N: 3}, {Seed: 1, N: 2}, {Seed: 9, First: 1 << 40, N: 1},
		{Seed: 7, N: 1}, {Seed: 1, First: 1, N: 17}}
	tried, repeatable := 0, 0
	together := func(name string, m *ito.Model, cfg SampleConfig) {
		if net, ok := m.Field.(*field.Net); ok {
			c := *m
			c.Field = net.Fixed()
			m = &c
		}
		p, err := Plan(m, cfg)
		if err != nil {
			return // the path does not have the solver
		}
		if !p.Shareable() {
			t.Errorf("%s: cannot be shared", name)
			return
		}
		// What runs before leave behind, a plan's histories and packed matrices, changes nothing.
		for _, before := range [][]Share{shares[:2], shares[2:5]} {
			if _, err := p.Together(context.Background(), before); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		got, err := p.Together(context.Background(), shares)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		tried++
		if st, err := p.stepper(); err == nil && solve.Repeatable(st) {
			repeatable++
		}
		for i, sh := range shares {
			c := cfg
			c.Seed, c.First, c.N = sh.Seed, sh.First, sh.N
			want := ito.States{}
			r, err := Sample(context.Background(), m, c, RunOptions{Workers: 1}, func(x ito.States) error {
				want.X, want.ID = append(want.X, x.X...), append(want.ID, x.ID...)
				return nil
			})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if x := got[i].Rows; !same(x.X, want.X) || !slices.Equal(x.ID, want.ID) {
				t.Errorf("%s: share %d differs from the same samples alone", name, i)
			}
			r.Seconds = 0
			if !reflect.DeepEqual(got[i].Report, r) {
				t.Errorf("%s: %+v, alone %+v", name, got[i].Report, r)
			}
		}
	}
	together("drawn labels", labelled(t, .1), DefaultSample())
	for _, word := range []string{"vp", "vsdm", "edm", "flow", "cld", "pfgm", "interpolant"} {
		m := tinyModel(t, func(c *TrainConfig) { c.Path = word })
		for _, solver := range solve.Kinds() {
			cfg := DefaultSample()
			cfg.Solver, cfg.NFE = solver, 6
			if _, err := Plan(m, cfg); err != nil {
				cfg.NFE, cfg.Tol = 0, 1e-1 // an adaptive one
			}
			together(word+" "+solver, m, cfg)
		}
		cfg := DefaultSample()
		cfg.NFE = 6
		together(word, m, cfg)
	}
	p, err := path.Parse("absorbing:levels=5")
	if err != nil {
		t.Fatal(err)
	}
	f, err := field.NewMarkovLogits(p.(ito.Jump), fiveTokens)
	if err != nil {
		t.Fatal(err)
	}
	words := &ito.Model{Path: p, Field: f, Space: tokenSpace(fiveTokens), Vocabulary: tokenSet(t, 1).Vocabulary}
	for _, given := range []string{"", "0=b,4=d"} {
		cfg := DefaultSample()
		cfg.NFE, cfg.Given = 20, given
		before := tried
		if together("tokens "+given, words, cfg); tried == before {
			t.Error("no tokens were drawn")
		}
	}
	table, _, err := FitFrame(context.Background(), mixedFrame(t), smallTyped(), RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"", "city=Köln", "age=20..50"} {
		cfg := DefaultSample()
		cfg.NFE, cfg.Where = 4, where
		if p, err := Plan(table, cfg); err != nil || where == "age=20..50" {
			if err != nil || p.Shareable() {
				t.Errorf("%q: %v", where, err)
			}
			continue
		}
		before := tried
		if together("table "+where, table, cfg); tried == before {
			t.Error("no rows of a table were drawn")
		}
	}
	if tried < 100 || repeatable < 50 {
		t.Errorf("only %d samplings were compared, %d of solvers whose plans are used again", tried, repeatable)
	}
	if m := tinyModel(t, nil); true {
		p, err := Plan(m, DefaultSample())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := p.Together(ctx, shares); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}
