package model

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/target/model"
)

// wave is [n] numbers between −1 and 1.
func wave(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(1.7 * float64(i*i%101))
	}
	return x
}

// rows is x as n rows.
func rows(x []float64, n int) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		out[i] = x[i*len(x)/n : (i+1)*len(x)/n]
	}
	return out
}

// caseStudy is a model file, data of the size of a test, and the truth: unconstrained parameters at which the model
// itself draws what it observes, or, where data are given, the numbers of some columns.
type caseStudy struct {
	file  string
	loops bool // of a loop of many steps: a chain of 60 draws
	data  model.Data
	truth []float64
	cover map[string]float64
}

func caseStudies() []caseStudy {
	const n = 60
	groups := func(k int) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = float64(i % k)
		}
		return out
	}
	steps := func(n int, by float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = by * float64(i+1)
		}
		return out
	}
	r := rand.New(rand.NewPCG(8, 15))
	normals := func(n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = r.NormFloat64()
		}
		return out
	}
	regimes := normals(100) // two regimes, stays of 25
	for i := range regimes {
		regimes[i] = []float64{-1, 2}[i/25%2] + .6*regimes[i]
	}
	// GARCH with ν = 8: a t is a normal over √(χ²/ν)
	garch := make([]float64, 150)
	mu, w, a, b, nu := .1, .1, .2, .6, 8
	s2 := w / (1 - a - b)
	for i := range garch {
		chi := 0.
		for _, z := range normals(nu) {
			chi += z * z
		}
		e := r.NormFloat64() * math.Sqrt(s2*float64(nu-2)/chi)
		garch[i], s2 = mu+e, w+a*e*e+b*s2
	}
	// a covariate with holes
	x, wc := normals(n), wave(n)
	holes := make([]any, n)
	var missing []float64
	for i := range x {
		x[i] = .5 + .8*wc[i] + .7*x[i]
		if holes[i] = x[i]; i%10 == 3 {
			holes[i] = nil
			missing = append(missing, x[i])
		}
	}
	y := normals(n)
	for i := range y {
		y[i] = 1 + 1.2*x[i] - .5*wc[i] + .5*y[i]
	}
	hidden := map[string]float64{"mx": .5, "bx": .8, "sx": .7, "a": 1, "b.1": 1.2, "b.2": -.5, "sigma": .5}
	for i, v := range missing {
		hidden["x_mis."+string(rune('1'+i))] = v
	}
	grid := make([][]float64, 25) // regions of 5 × 5
	for i := range grid {
		grid[i] = make([]float64, 25)
		for j := range grid {
			if d := max(i-j, j-i); d == 5 || d == 1 && i/5 == j/5 {
				grid[i][j] = 1
			}
		}
	}
	return []caseStudy{
		{"survival.star", false, model.Data{"X": rows(wave(2*n), n), "t": slices.Repeat([]float64{1}, n),
			"censored": make([]float64, n)}, []float64{.5, 1, .4, -.3}, nil},
		{"sir.star", true, model.Data{"times": steps(10, 2), "cases": make([]float64, 10), "n": 1000},
			[]float64{.4, -.8, 2}, nil},
		{"visits.star", false, model.Data{"group": groups(5), "x": wave(n), "y": make([]float64, n)},
			[]float64{-1, .4, 1.2, -.7, .2, .3, -.2, .1}, nil},
		{"regimes.star", true, model.Data{"y": regimes}, nil, map[string]float64{"mu.1": -1, "mu.2": 2, "sigma": .6}},
		{"slopes.star", false, model.Data{"group": groups(6), "x": wave(n), "y": make([]float64, n)},
			slices.Concat([]float64{1, -.5, -.5, -.9, .4}, normals(12), []float64{-.7}), nil},
		{"gp_counts.star", false, model.Data{"x": steps(24, .25), "new": []float64{1.1, 7}, "y": make([]float64, 24)},
			slices.Concat([]float64{-.2, .1, 1.5}, normals(24)), nil},
		{"garch.star", true, model.Data{"y": garch}, nil, map[string]float64{"mu": mu, "w": w, "a": a, "b": b, "nu": 8}},
		{"predators.star", true, model.Data{"t": steps(6, 1.5), "start": []float64{30, 6}, "y": rows(make([]float64, 12), 6)},
			[]float64{.3, -.5, .8, .2, -.4, .6, -1.6}, nil},
		{"kinetics.star", true, model.Data{"t": []float64{.4, 2, 10, 40}, "y": rows(make([]float64, 8), 4)},
			[]float64{.5, -.7, .3, -4}, nil},
		{"ratings.star", false, model.Data{"X": rows(wave(2*n), n), "rater": groups(5), "y": make([]float64, n)},
			slices.Concat([]float64{1, -.6, -2, .1, .2, .3, -.6}, normals(5)), nil},
		{"missing.star", false, model.Data{"x": holes, "w": wc, "y": y}, nil, hidden},
		{"items.star", false, model.Data{"y": rows(make([]float64, 240), 40)},
			slices.Concat(normals(40), []float64{.2, -.3}, normals(6), []float64{.1, -.2, .3, 0, -.1, .2}), nil},
		{"regions.star", false, model.Data{"cases": make([]float64, 25), "expected": slices.Repeat([]float64{12}, 25),
			"x": wave(25), "neighbours": grid}, slices.Concat([]float64{.1, .3, -.7, .8}, normals(25)), nil},
	}
}

// The case studies of examples/models cover the truth that their data were drawn from: nuts puts it within the central
// 99.99 % of every parameter, as a normal, and over all of them at the ranks that draws of a posterior give it.
func TestCaseStudies(t *testing.T) {
	if testing.Short() {
		t.Skip("fifteen seconds of one core")
	}
	var ranks []float64
	cases, ran := caseStudies(), 0
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			ran++
			ranks = append(ranks, c.ranks(t)...)
		})
	}
	half, ends := 0., 0.
	for _, r := range ranks {
		if r > .25 && r < .75 {
			half += 1 / float64(len(ranks))
		}
		if r < .005 || r > .995 {
			ends += 1 / float64(len(ranks))
		}
	}
	t.Logf("%d true values, %.2f in the central half of their draws, %.3f beyond the central 99 %%", len(ranks), half,
		ends)
	if ran < len(cases) {
		return
	}
	if len(ranks) < 150 || half < .35 || half > .65 || ends > .04 {
		t.Errorf("of %d true values %.2f are in the central half of their draws and %.3f beyond the central 99 %%",
			len(ranks), half, ends)
	}
}

// ranks are the shares of draws below the true values.
func (c caseStudy) ranks(t *testing.T) (ranks []float64) {
	src, err := models.Files.ReadFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), "\n"); n > 25 {
		t.Errorf("%d lines", n)
	}
	m, want := c.simulate(t, string(src))
	if m == nil {
		return nil
	}
	fit := c.fit(t, m)
	for name, v := range want {
		x := fit[name]
		mean, ss, below := 0., 0., 0.
		for _, d := range x {
			mean, ss = mean+d/float64(len(x)), ss+d*d/float64(len(x))
			if d < v {
				below += 1 / float64(len(x))
			}
		}
		sd := math.Sqrt(max(ss-mean*mean, 0))
		if sd <= 1e-9 && math.Abs(v-mean) <= 1e-9 { // a constant, as the corner of a correlation factor
			continue
		}
		if !(math.Abs(v-mean) < 3.9*sd) && (below == 0 || below > 1-1e-9) {
			t.Errorf("%s is %.4g, the draws are %.4g ± %.2g", name, v, mean, sd)
		}
		ranks = append(ranks, below)
	}
	return ranks
}

// simulate is the model with the data that it draws at the truth, and the truth by column.
func (c caseStudy) simulate(t *testing.T, src string) (*model.Model, map[string]float64) {
	t.Helper()
	m, err := model.Compile(c.file, src, c.data, model.CompileOptions{})
	if err != nil {
		t.Errorf("%v", err)
		return nil, nil
	}
	if c.truth == nil {
		return m, c.cover
	}
	if len(c.truth) != m.Dim() {
		t.Fatalf("%s: a truth of %d numbers for %d coordinates", c.file, len(c.truth), m.Dim())
	}
	x := ito.NewStates(1, m.Dim(), 0)
	copy(x.X, c.truth)
	y, row := ito.NewStates(1, m.Replicated(), 0), ito.NewStates(1, m.Width(), 0)
	if err := m.Replicate(t.Context(), y, x, 5, 0); err != nil {
		t.Fatalf("%s: %v", c.file, err)
	}
	if err := m.Draw(t.Context(), row, x, 0, 0); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{}
	for k, name := range m.Columns()[:parameters(m)] {
		want[name] = row.X[k]
	}
	terms, err := m.Terms()
	if err != nil {
		t.Fatal(err)
	}
	var replace [][]float64
	at := 0
	for _, term := range terms {
		k := elements(term.YShape)
		replace = append(replace, y.X[at:at+k])
		at += k
	}
	if m, err = model.Compile(c.file, src, c.data, model.CompileOptions{Replace: replace}); err != nil {
		t.Errorf("%v", err)
		return nil, nil
	}
	return m, want
}

// fit is draws of nuts by column.
func (c caseStudy) fit(t *testing.T, m *model.Model) map[string][]float64 {
	t.Helper()
	method, err := infer.FindMethod("nuts")
	if err != nil {
		t.Fatal(err)
	}
	set := infer.DefaultSettings()
	set.Chains, set.Draws, set.Warmup, set.Seed = 2, 100, 120, 1
	if c.loops {
		set.Chains, set.Draws, set.Warmup = 1, 60, 80
	}
	plan, err := method.Plan(m, set)
	if err != nil {
		t.Fatal(err)
	}
	draws := map[string][]float64{}
	_, _, err = plan.Run(t.Context(), m, infer.RunOptions{Sink: func(d infer.Draw) error {
		n := len(d.State.X) / m.Dim()
		row, x := ito.NewStates(n, m.Width(), 0), ito.NewStates(n, m.Dim(), 0)
		copy(x.X, d.State.X)
		if err := m.Draw(t.Context(), row, x, 0, 0); err != nil {
			return err
		}
		for k, name := range m.Columns() {
			for i := range n {
				draws[name] = append(draws[name], row.Row(i)[k])
			}
		}
		return nil
	}})
	if err != nil {
		t.Errorf("%s: %v", c.file, err)
	}
	return draws
}
