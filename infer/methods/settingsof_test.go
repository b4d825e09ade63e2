package methods

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/path"
)

// tiny are settings under which every method runs in milliseconds, and under which it has every setting that it
// ever has.
func tiny(name string) infer.Settings {
	s := infer.DefaultSettings()
	s.Seed, s.Draws, s.Chains, s.Warmup, s.Steps, s.Finish = 5, 24, 2, 20, 6, 6
	s.Iterations, s.Batch, s.Width, s.WhitenIterations = 4, 8, 4, 3
	s.Scale = 1.5
	switch name {
	case "smc", "ais", "pis", "dds", "dis", "bridge":
		s.Whiten = "meanfield"
	case "pdds":
		s.Whiten, s.Potential, s.Rounds, s.Refresh, s.RefreshDraws = "meanfield", "learned", 1, 2, 8
	case "dmcmc":
		s.Thin, s.LearningRate = 10, .1
	case "nuts":
		s.MaxDepth = 2
	case "map", "laplace", "pathfinder":
		s.Iterations = 0
	}
	return s
}

// outcome is a digest of all that comes of a method under settings: its draws, its last state, weights, evidence
// and cost.
func outcome(t *testing.T, m infer.Method, target ito.Target, s infer.Settings) uint64 {
	t.Helper()
	p, err := m.Build(target, s) // not by Plan: ignored settings are ignored here too
	if err != nil {
		return math.MaxUint64 // a refusal is an effect
	}
	p.Method, p.Seed, p.Thin = m, s.Seed, max(p.Thin, 1)
	if _, ends := p.Kernel.(infer.Ender); !ends {
		p.Radius = cmp.Or(s.Radius, 2)
	}
	h := fnv.New64a()
	put := func(x []float64) { _ = binary.Write(h, binary.LittleEndian, x) }
	r, state, err := p.Run(t.Context(), target, infer.RunOptions{Sink: func(d infer.Draw) error {
		put(d.State.X)
		return nil
	}})
	if err != nil {
		return math.MaxUint64
	}
	put([]float64{r.Gradients, r.Evaluations, float64(r.Draws), float64(p.Chains)})
	put(state.X)
	put(state.LogP)
	put(state.Var("logw"))
	put(state.Var("logz"))
	return h.Sum64()
}

// others are legal values of a field besides its own. Of a word they are all others: one of them may mean the same,
// as auto does.
func others(name string, f reflect.StructField, v reflect.Value) []reflect.Value {
	switch f.Type.Kind() {
	case reflect.Bool:
		return []reflect.Value{reflect.ValueOf(!v.Bool())}
	case reflect.Int:
		step := int64(2)
		if f.Name == "Thin" && name == "dmcmc" {
			step = 10
		}
		return []reflect.Value{reflect.ValueOf(v.Int() + step).Convert(f.Type)}
	case reflect.Uint64:
		return []reflect.Value{reflect.ValueOf(v.Uint() + 2)}
	case reflect.Float64:
		x := v.Float() / 2
		if x <= 0 {
			x = .37
		}
		return []reflect.Value{reflect.ValueOf(x)}
	}
	var words []reflect.Value
	for w := range strings.SplitSeq(f.Tag.Get("enum"), ",") {
		if w != v.String() {
			words = append(words, reflect.ValueOf(w))
		}
	}
	return words
}

// Over all settings and all methods: a setting that the table gives a method changes what it does, and one that the
// table does not give it changes nothing.
func TestSettingsOfMethods(t *testing.T) {
	mixed := infer.NormalMixture{Weights: []float64{.6, .9}, Means: [][]float64{{.4, -.3}, {-1, 1}},
		Vars: [][]float64{{1, .7}, {.5, 1.2}}}
	edm, err := path.EDM{}.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	exact, err := field.NewGaussian(edm, ito.Gaussian{Mean: []float64{0, 1}, Cov: []float64{1, .3, .3, 1}})
	if err != nil {
		t.Fatal(err)
	}
	score, err := mcmc.NewFieldScore(exact, edm, 2)
	if err != nil {
		t.Fatal(err)
	}
	rows := ito.NewStates(40, 2, 0)
	infer.PriorKey(3, 0).Normals64(rows.X, 2, rows.ID)
	led, err := mcmc.NewFieldTarget(score, rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range infer.Methods() {
		targets := []ito.Target{mixed}
		if m.Name == "dmcmc" {
			targets = append(targets, led)
		}
		for _, target := range targets {
			full := tiny(m.Name)
			bare := full // the circumstances in which the conditional settings are not there
			bare.Warmup, bare.Potential, bare.Whiten = 0, "naive", "none"
			for _, base := range []infer.Settings{full, bare} {
				checkSettings(t, m, target, base)
			}
		}
	}
}

func checkSettings(t *testing.T, m infer.Method, target ito.Target, base infer.Settings) {
	t.Helper()
	was := outcome(t, m, target, base)
	if was == math.MaxUint64 {
		t.Fatalf("%s does not run under %+v", m.Name, base)
	}
	if again := outcome(t, m, target, base); again != was {
		t.Fatalf("%s: two runs differ", m.Name)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[infer.Settings]()) {
		if f.Tag.Get("kong") == "-" {
			continue
		}
		has, when := m.Has(f.Name, target, base)
		if listed := slices.Contains(m.Settings(), f.Name) && slices.Contains(infer.MethodsWith(f.Name),
			m.Name); listed != (has || when != "") {
			t.Errorf("%s %s: has %v %q, listed %v", m.Name, f.Name, has, when, listed)
		}
		changes := false
		for _, x := range others(m.Name, f, reflect.ValueOf(base).FieldByName(f.Name)) {
			s := base
			reflect.ValueOf(&s).Elem().FieldByName(f.Name).Set(x)
			changes = changes || outcome(t, m, target, s) != was
		}
		if changes != has {
			t.Errorf("%s on %T with warm-up %d, potential %s, whitening %s: the table gives it %s: %v; a change of "+
				"it changes the run: %v", m.Name, target, base.Warmup, base.Potential, base.Whiten, f.Name, has,
				changes)
		}
	}
}
