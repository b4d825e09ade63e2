package advise

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	_ "github.com/seed9a7962a8/ito/infer/methods" // registers the methods
)

// wide has four modes far from zero and from one another: 97 % of its mass is more than 30 away from the origin.
func wide() infer.NormalMixture {
	return infer.NormalMixture{Weights: []float64{.03, .27, .3, .4}, Means: [][]float64{{0, 0}, {60, -35}, {-45, 70},
		{80, 80}}, Vars: [][]float64{{1, 1}, {4, 1}, {1, 9}, {2, 2}}}
}

// Without a scale smc finds all of a wide mixture: its log Z, 0, and its shares, within .1. From N(0, I) it holds
// one mode, and log Z is log .03.
func TestSMCCoversAWideMixture(t *testing.T) {
	target := wide()
	m, err := infer.FindMethod("smc")
	if err != nil {
		t.Fatal(err)
	}
	run := func(s infer.Settings) (logZ float64, shares []float64) {
		p, err := m.Plan(target, s)
		if err != nil {
			t.Fatal(err)
		}
		r, state, err := p.Run(t.Context(), target, infer.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		x := state.Particles()
		shares = make([]float64, 4)
		for i := range x.N {
			best, near := 0, math.Inf(1)
			for k, c := range target.Means {
				if q := math.Hypot(x.Row(i)[0]-c[0], x.Row(i)[1]-c[1]); q < near {
					best, near = k, q
				}
			}
			shares[best] += 1 / float64(x.N)
		}
		return r.Evidence().LogZ, shares
	}
	s := infer.DefaultSettings()
	s.Seed, s.Draws = 1, 1000
	if z, _ := run(s); z > -3 {
		t.Errorf("log Z %.3f from N(0, I): the test tests nothing", z)
	}
	b, err := Cover(t.Context(), m, target, &s)
	if err != nil || b.Extent.Modes != 4 || s.Reference == nil || !b.Extent.Covered(*s.Reference) ||
		!strings.Contains(b.Why, "4 modes") || b.Warning != "" {
		t.Fatalf("%+v, %v", b, err)
	}
	z, shares := run(s)
	if math.Abs(z) > .15 {
		t.Errorf("log Z %.3f, want 0", z)
	}
	for k, w := range target.Weights {
		if math.Abs(shares[k]-w) > .1 {
			t.Errorf("shares %.3f, want %v", shares, target.Weights)
			break
		}
	}
}

// The reference stays N(0, I) where that has mass, and where modes that it does not cover hold none; else it covers
// coordinate by coordinate.
func TestSurvey(t *testing.T) {
	funnel := infertest.NewDensity(10, func(x, g []float64) float64 { // its mode is at −40.5, without mass
		v := x[0]
		l := -v*v/18 - 4.5*v
		if g != nil {
			g[0] = -v/9 - 4.5
		}
		for j, y := range x[1:] {
			q := y * y * math.Exp(-v)
			l -= q / 2
			if g != nil {
				g[0] += q / 2
				g[j+1] = -y * math.Exp(-v)
			}
		}
		return l
	})
	for what, c := range map[string]struct {
		target   infertest.Density
		mean, sd []float64 // nil: N(0, I)
	}{
		"normal":         {infertest.Normal(0, []float64{1, -2}, []float64{.1, 1}), nil, nil},
		"many wells":     {infertest.ManyWell(2), nil, nil},
		"funnel":         {funnel, nil, nil},
		"far":            {infertest.Normal(3, []float64{0, 40}, []float64{1, 10}), []float64{0, 40}, []float64{1, 16}},
		"narrow and far": {infertest.Normal(0, []float64{-300}, []float64{.01}), []float64{-300}, []float64{1}},
		"very far": {infertest.Normal(0, []float64{0, 4000}, []float64{1, 1}), []float64{0, 4000}, []float64{1,
			1.6}},
		"wide":     {infertest.Normal(0, []float64{0, 0}, []float64{1, 50}), []float64{0, 0}, []float64{1, 80}},
		"ring":     {ring(2), nil, nil},
		"far ring": {ring(40), []float64{0, 0}, nil},
		"many dimensions": {infertest.Normal(0, slices.Repeat([]float64{9}, 100), slices.Repeat([]float64{2}, 100)),
			slices.Repeat([]float64{9}, 100), slices.Repeat([]float64{3.2}, 100)},
	} {
		e, err := Survey(t.Context(), c.target, 4)
		if err != nil || e.Modes < 1 && c.mean != nil {
			t.Errorf("%s: %+v, %v", what, e, err)
			continue
		}
		r := e.Reference()
		if c.mean == nil {
			if r.Mean != nil || r.SD != nil || e.Scale() != 0 {
				t.Errorf("%s: %v instead of N(0, I)", what, r)
			}
			continue
		}
		for j := range c.mean {
			if c.sd == nil { // between the radius and twice that
				if s := r.SD[j]; math.Abs(r.Mean[j]) > 10 || s < 25 || s > 80 {
					t.Errorf("%s: %v", what, r)
				}
				continue
			}
			if math.Abs(r.Mean[j]-c.mean[j]) > .02*(1+c.sd[j]) || math.Abs(r.SD[j]/c.sd[j]-1) > .02 {
				t.Errorf("%s: coordinate %d from N(%v, %v²), want N(%v, %v²)", what, j, r.Mean[j], r.SD[j], c.mean[j],
					c.sd[j])
				break
			}
		}
		if again, _ := Survey(t.Context(), c.target, 4); !slices.Equal(again.Low, e.Low) {
			t.Errorf("%s: another survey with the same seed differs", what)
		}
	}
}

// ring is a ridge without ends, of radius r and width .3.
func ring(r float64) infertest.Density {
	return infertest.NewDensity(2, func(x, g []float64) float64 {
		q := math.Hypot(x[0], x[1])
		z := (q - r) / .3
		if g != nil {
			g[0], g[1] = -z/.3*x[0]/q, -z/.3*x[1]/q
		}
		return -z * z / 2
	})
}

// near has nine modes that are a tenth as wide as all together.
func near() infer.NormalMixture {
	var m infer.NormalMixture
	for i := range 9 {
		m.Means = append(m.Means, []float64{float64(i%3-1) * 5, float64(i/3-1) * 5})
		m.Vars, m.Weights = append(m.Vars, []float64{.5, 1}), append(m.Weights, float64(i+1)/45)
	}
	return m
}

// What is given stays; methods that cannot be told, or had better not be, warn, and name a wide normal only where
// they can follow from it. Only methods that begin from a normal look at all.
func TestCoverWarns(t *testing.T) {
	for name, want := range map[string][2]string{"smc": {"leave `scale` out", ""}, "pdds": {"use smc or pt",
		"`scale=5.6` with `potential=learned`"}, "dds": {"use smc or pt", "`scale=5.6` covers"},
		"pis": {"use smc or pt", "`scale=2.5` covers"},
		"dis": {"use smc", "use smc"}, "geometric": {"use smc", "use smc"}, "nuts": {}, "dilation": {}, "pt": {}} {
		m, err := infer.FindMethod(name)
		if err != nil {
			t.Fatal(err)
		}
		for k, target := range []infer.NormalMixture{wide(), near()} {
			s := infer.DefaultSettings()
			if name == "smc" {
				s.Scale = 2.5
			}
			before := s
			b, err := Cover(t.Context(), m, target, &s)
			if err != nil || s != before || (b.Warning != "") != (want[k] != "") || !strings.Contains(b.Warning,
				want[k]) {
				t.Errorf("%s: %q, %v", name, b.Warning, err)
			}
			s = infer.DefaultSettings()
			s.Scale = []float64{60, 5.6}[k]
			narrow := k == 0 && m.Start == infer.ScaleNormal // whose warning says so
			if name == "pis" {
				s.Scale /= 2
			}
			if b, err := Cover(t.Context(), m, target, &s); err != nil || (b.Warning != "") != narrow &&
				m.Start != infer.UnitNormal || narrow && !strings.Contains(b.Warning, "too narrow") {
				t.Errorf("%s with a scale of %v: %q, %v", name, s.Scale, b.Warning, err)
			}
		}
	}
}

// What the warnings say of nine modes is so, where log Z is 0: with the named scale pdds by its learned potential
// is within .1, and by the naive one far off.
func TestCoverRemedy(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	m, _ := infer.FindMethod("pdds")
	run := func(potential string) infer.Evidence {
		s := infer.DefaultSettings()
		s.Seed, s.Scale, s.Potential, s.Iterations, s.Draws = 1, 5.6, potential, 800, 1000
		p, err := m.Plan(near(), s)
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := p.Run(t.Context(), near(), infer.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Evidence()
	}
	if e := run("naive"); e.LogZ > -1 {
		t.Errorf("naive: log Z %.3f ± %.3f, not so far off", e.LogZ, e.SD)
	}
	if e := run("learned"); math.Abs(e.LogZ) > .1 {
		t.Errorf("learned: log Z %.3f ± %.3f, want 0", e.LogZ, e.SD)
	}
}

// Of one mode, near or far, pdds begins from a mean-field fit, unless a scale or the coordinates are given; the
// others that can be told are sent to it.
func TestCoverWhitens(t *testing.T) {
	far := infertest.Normal(3, []float64{0, 40}, []float64{1, 10})
	for name, want := range map[string]string{"pdds": "", "dds": "`whiten=meanfield`", "pis": "`whiten=meanfield`"} {
		m, _ := infer.FindMethod(name)
		s := infer.DefaultSettings()
		s.Seed, s.WhitenIterations = 1, 2000
		b, err := Cover(t.Context(), m, far, &s)
		if err != nil || !strings.Contains(b.Warning, want) || (b.Warning == "") != (want == "") ||
			(s.Whiten == "meanfield") != (name == "pdds") {
			t.Errorf("%s: %q, %q, %v", name, s.Whiten, b.Warning, err)
		}
		if name != "pdds" {
			continue
		}
		p, err := m.Plan(far, s)
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := p.Run(t.Context(), far, infer.RunOptions{})
		if e := r.Evidence(); err != nil || math.Abs(e.LogZ-3) > .05 {
			t.Errorf("log Z %.3f ± %.3f, want 3; %v", e.LogZ, e.SD, err)
		}
		for _, word := range []string{"none", "meanfield"} {
			s := infer.DefaultSettings()
			s.Whiten = word
			if _, err := Cover(t.Context(), m, far, &s); err != nil || s.Whiten != word {
				t.Errorf("whiten %s became %s: %v", word, s.Whiten, err)
			}
		}
	}
}

// A mean-field fit decides where a whitened sampler begins; of several modes it holds few.
func TestCoverLeavesWhitening(t *testing.T) {
	m, _ := infer.FindMethod("smc")
	s := infer.DefaultSettings()
	s.Whiten = "meanfield"
	for what, c := range map[string]struct {
		target ito.Target
		warns  bool
	}{"several": {wide(), true}, "one": {infertest.Normal(0, []float64{90}, []float64{1}), false}} {
		if b, err := Cover(t.Context(), m, c.target, &s); err != nil || (b.Warning != "") != c.warns ||
			s.Reference != nil {
			t.Errorf("%s: %q, %v", what, b.Warning, err)
		}
	}
}

// A method that was asked for is warned about modes between which it cannot cross.
func TestCrossing(t *testing.T) {
	target := infertest.Mixture([]float64{.1, .9}, [][]float64{{-5}, {5}}, 1)
	for name, want := range map[string]string{"hmc": "a chain of hmc", "nuts": "2 separate modes", "pt": "",
		"smc": ""} {
		m, _ := infer.FindMethod(name)
		if w, err := Crossing(t.Context(), target, 0, m); err != nil || (w != "") != (want != "") ||
			!strings.Contains(w, want) {
			t.Errorf("%s: %q, %v", name, w, err)
		}
	}
	m, _ := infer.FindMethod("nuts")
	if w, err := Crossing(t.Context(), infertest.Correlated(.9), 0, m); err != nil || w != "" {
		t.Errorf("one mode: %q, %v", w, err)
	}
}
