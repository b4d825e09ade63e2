package solve_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// Three nodes with two features of zero mean and a number for every pair, symmetric and hollow; which nodes there
// are is in the condition.
var threeNodes = ito.Space{Mask: &ito.NodeMask{At: 1, N: 3}, Parts: []ito.Part{
	{Name: "x", Shape: []int{3, 2}, Nodes: 1, Centred: true},
	{Name: "a", Shape: []int{3, 3}, Nodes: 2, Symmetric: true, Hollow: true},
}}

const featureVar, pairVar = .25, 2

// graphScore is the exact score of a normal law of such graphs: of independent features and pairs, projected.
func graphScore(p ito.Path) *field.Exact {
	v := make([]float64, 15)
	for i := range v {
		if v[i] = pairVar; i < 6 {
			v[i] = featureVar
		}
	}
	return must(field.NewMixture(p, field.Mixture{D: 15, Means: make([]float64, 15), Var: v}))
}

// graphs draws n starts, of three nodes and of two in turn.
func graphs(t *testing.T, p ito.Path, n int) (ito.States, ito.Cond) {
	x, c := ito.NewStates(n, 15, 2), ito.Cond{C: 4, X: make([]float64, 4*n)}
	for i := range n {
		copy(c.Row(i), []float64{9, 1, float64(i % 2), 1})
	}
	if err := p.Prior(x, c, threeNodes.Noise(ito.Seed(4), x.ID, c)); err != nil {
		t.Fatal(err)
	}
	return x, c
}

// drifting is a field that leads out of the space.
type drifting struct{ *field.Exact }

func (f drifting) Predict(c2 context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	err := f.Exact.Predict(c2, dst, x, t, c)
	for i := range dst.X {
		dst.X[i] += .3 * float64(i%dst.D%4)
	}
	return err
}

// Every solver keeps graphs legal, whatever the field predicts and wherever it starts; a row alone has the same bytes.
func TestStatesStayInTheirSpace(t *testing.T) {
	p := path.VP{}
	start, c := graphs(t, p, 4)
	g := must(solve.LogSNR(p, 1, 1e-3, 8))
	for _, s := range solve.All() {
		if !serves(p, s) {
			continue
		}
		opts := solve.RunOptions{Cond: c, Space: threeNodes, Noise: ito.Seed(5)}
		x := start.Clone()
		for i := range x.X {
			x.X[i] += float64(i % 3) // no legal start
		}
		if _, err := solve.Run(ctx, p, drifting{graphScore(p)}, x, g, s, opts); err != nil {
			t.Errorf("%s: %v", s.Info().Name, err)
			continue
		}
		y := x.Clone()
		if err := threeNodes.Project(y, c); err != nil {
			t.Fatal(err)
		}
		closeTo(t, s.Info().Name, x, y, 1e-12)
		one := start.Slice(1, 2).Clone()
		for i := range one.X {
			one.X[i] += float64((15 + i) % 3)
		}
		opts.Cond = c.Slice(1, 2)
		if _, err := solve.Run(ctx, p, drifting{graphScore(p)}, one, g, s, opts); err != nil || !slices.Equal(one.X,
			x.Row(1)) {
			t.Errorf("%s: a row alone is %v, %v", s.Info().Name, one.X, err)
		}
	}
}

// With the exact score the flow is the map between the two normal laws, x_lo = x_hi √(v_lo/v_hi) with v = α²s²+σ²,
// and what noise drives has their law: 30 second moments within 5 standard errors of 3,000 draws and 1 % for the
// bias of the steps (false alarm 2e-5).
func TestGraphsHaveTheirLaw(t *testing.T) {
	p := path.VP{}
	const n = 6000
	start, c := graphs(t, p, n)
	scale := func(k int, at float64) float64 {
		var a, σ [1]float64
		p.Schedule(at, a[:], σ[:], nil, nil)
		if k < 6 {
			return a[0]*a[0]*featureVar + σ[0]*σ[0]
		}
		return a[0]*a[0]*pairVar + σ[0]*σ[0]
	}
	x := start.Slice(0, 8).Clone()
	g := must(solve.LogSNR(p, 1, 1e-3, 60))
	opts := solve.RunOptions{Cond: c.Slice(0, 8), Space: threeNodes}
	must(solve.Run(ctx, p, graphScore(p), x, g, solve.UniPC{Order: 3}, opts))
	for i, v := range x.X {
		if want := start.X[i] * math.Sqrt(scale(i%15, 1e-3)/scale(i%15, 1)); math.Abs(v-want) > 2e-4 {
			t.Errorf("value %d of graph %d is %g, want %g", i%15, i/15, v, want)
		}
	}
	x = start.Clone()
	opts = solve.RunOptions{Cond: c, Space: threeNodes, Noise: ito.Seed(6)}
	must(solve.Run(ctx, p, graphScore(p), x, must(solve.LogSNR(p, 1, 1e-3, 100)), solve.SDEDPMpp{Order: 2}, opts))
	for kind := range 2 {
		for k := range 15 {
			// the projector's diagonal: features lose their mean over the nodes that are there, pairs are halves of two
			nodes, there, want := 3-float64(1-kind), true, .5
			if k < 6 {
				there, want = kind == 1 || k/2 != 1, 1-1/nodes
			} else {
				a, b := (k-6)/3, (k-6)%3
				there = a != b && (kind == 1 || a != 1 && b != 1)
			}
			if want *= scale(k, 1e-3); !there {
				want = 0
			}
			got := 0.
			for i := kind; i < n; i += 2 {
				got += x.Row(i)[k] * x.Row(i)[k] / (n / 2)
			}
			if math.Abs(got-want) > want*(5*math.Sqrt(2./(n/2))+.01) {
				t.Errorf("%g nodes: value %d has the second moment %g, want %g", nodes, k, got, want)
			}
		}
	}
}

func TestSpaceOfARunRefusals(t *testing.T) {
	p := path.VP{}
	x, c := graphs(t, p, 2)
	tokens := ito.Space{Parts: []ito.Part{{Name: "k", Shape: []int{6}, Levels: 5}}}
	text := tokenPaths(5)[0]
	logits := must(field.NewMarkovLogits(text, fiveTokens))
	y := ito.NewStates(1, 6, 0)
	for what, err := range map[string]error{
		"no mask": second1(solve.Run(ctx, p, graphScore(p), x.Clone(), ito.Grid{1, .1}, solve.DDIM{},
			solve.RunOptions{Space: threeNodes})),
		"another size": second1(solve.Run(ctx, p, graphScore(p), x.Clone(), ito.Grid{1, .1}, solve.DDIM{},
			solve.RunOptions{Cond: c, Space: ito.FlatSpace(3)})),
		"numbers": second1(solve.Run(ctx, text, logits, y.Clone(), ito.Grid{1, 0}, solve.Ancestral{},
			solve.RunOptions{Space: ito.FlatSpace(6)})),
		"tokens": second1(solve.Run(ctx, p, oneNormal(p, ito.PredX0), ito.NewStates(1, 6, 0), ito.Grid{1, .1},
			solve.DDIM{}, solve.RunOptions{Space: tokens})),
		"part of no shape": second1(solve.Run(ctx, p, graphScore(p), x.Clone(), ito.Grid{1, .1}, solve.DDIM{},
			solve.RunOptions{Space: ito.Space{Parts: []ito.Part{{}}}})),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := text.Prior(y, ito.Cond{}, ito.Seed(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := solve.Run(ctx, text, logits, y, ito.Grid{1, .5, 0}, solve.Ancestral{},
		solve.RunOptions{Space: tokens}); err != nil {
		t.Errorf("a text in its space: %v", err)
	}
}
