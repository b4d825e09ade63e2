package ad

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The incomplete functions and their slopes against mpmath (testdata/tails.py).
func TestTails(t *testing.T) {
	b, err := os.ReadFile("testdata/tails.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][][]float64
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	worst := map[string]float64{}
	check := func(name string, row []float64, got ...float64) {
		t.Helper()
		for i, g := range got {
			w := row[len(row)-len(got)+i]
			e := math.Abs(g-w) / max(math.Abs(w), 1e-3)
			if math.Abs(w) < 1e-300 {
				e = math.Abs(g - w)
			}
			if worst[name] = max(worst[name], e); !(e < 2e-12) {
				t.Errorf("%s of %v: number %d is %.16g, want %.16g", name, row, i, g, w)
			}
		}
	}
	for _, r := range want["gamma"] {
		p, q, pa, qa := logGammaTails(r[0], r[1])
		check("gamma", r, p, q, pa, qa)
	}
	for _, r := range want["beta"] {
		p, q := logBetaTails(r[0], r[1], r[2])
		check("beta", r, p.v, q.v, p.a, p.b, q.a, q.b)
	}
	for _, r := range want["bessel"] {
		l, ratio := besselI0(r[0])
		check("bessel", r, l+r[0], ratio)
	}
	for _, r := range want["ndtri"] {
		check("ndtri", r, ndtri(r[0]))
	}
	if len(want["gamma"]) < 30 || len(want["beta"]) < 25 {
		t.Errorf("only %d and %d rows", len(want["gamma"]), len(want["beta"]))
	}
	t.Log(worst)
}

// Derivatives of the operations, and that a quantile undoes its function.
func TestTailDerivatives(t *testing.T) {
	for _, p := range []problem{
		{"gamma p", [][]int{{3}, {3}}, nil, .4, 3, func(_ *Graph, x, _ []Value) Value {
			p, _ := LogGammaTails(x[0], x[1])
			return p
		}},
		{"gamma q", [][]int{{3}, {3}}, nil, .4, 3, func(_ *Graph, x, _ []Value) Value {
			_, q := LogGammaTails(x[0], x[1])
			return q
		}},
		{"beta", [][]int{{3}, {3}, {3}}, nil, .4, 3, func(_ *Graph, x, _ []Value) Value {
			p, q := LogBetaTails(x[0], x[1], x[2])
			return Add(p, Scale(q, 2))
		}},
		{"bessel", [][]int{{4}}, nil, .1, 40, func(_ *Graph, x, _ []Value) Value { return LogBesselI0(x[0]) }},
		{"atan", [][]int{{4}}, nil, -3, 3, func(_ *Graph, x, _ []Value) Value { return Atan(x[0]) }},
		{"ndtri", [][]int{{4}}, nil, .01, .99, func(_ *Graph, x, _ []Value) Value { return Ndtri(x[0]) }},
		{"gamma quantile", [][]int{{2}, {2}}, nil, .2, .8, func(_ *Graph, x, _ []Value) Value {
			return GammaQuantile(x[0], Scale(x[1], 4))
		}},
		{"beta quantile", [][]int{{2}, {2}, {2}}, nil, .2, .8, func(_ *Graph, x, _ []Value) Value {
			return BetaQuantile(x[0], Scale(x[1], 4), Shift(x[2], 1))
		}},
	} {
		checkGradient(t, p, func(g *Graph, x, w []Value) Value { return scalar(g, p.f(g, x, w)) }, 3, 2e-7)
		checkTangent(t, p, p.f, 3, 2e-7)
	}
}
