package draws

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
)

// independent is a set of n independent normal draws in each of four chains of parameters a and b.
func independent(n int) *Set {
	s := newSet(Meta{Columns: []string{Divergent, Depth, Energy, "a", "b"}, Stats: 3, Chains: 4, Model: "two normals",
		Method: "nuts", MaxDepth: 10}, n)
	for c := range s.Chains {
		for k := 2; k < 5; k++ {
			rng.NewKey(3, rng.PurposeSolver, uint32(k), 0).Normals64(s.Chain(k, c), n, []uint64{uint64(c)})
		}
		for i := range n {
			s.Chain(1, c)[i] = 3
		}
	}
	return s
}

func TestSummariseGoodDraws(t *testing.T) {
	s := independent(1000)
	u := Summarise(s)
	if len(u.Warnings) != 0 || !strings.HasPrefix(u.Advice, "Nothing here speaks against these draws") {
		t.Errorf("independent draws: %q, %q", u.Warnings, u.Advice)
	}
	// Of 4000 independent draws: the error of the mean is sd/√4000, to the ±10 % that the ESS is known to.
	if r := u.Parameters[0]; math.Abs(r.MCSE*math.Sqrt(4000)-1) > .1 || math.Abs(r.Mean) > 4*r.MCSE || r.Name != "a" {
		t.Errorf("%+v", r)
	}
	m := metric.Summarise("b", s.Column(4))
	if r := u.Parameters[1]; math.Abs(r.RHat-m.RHat) > 1e-12 || math.Abs(r.ESSTail/m.ESSTail-1) > 1e-12 ||
		r.Q5 != m.Q5 {
		t.Errorf("%+v is not %+v", r, m)
	}
}

func TestSummariseWarns(t *testing.T) {
	for _, c := range []struct {
		name          string
		spoil         func(s *Set)
		warning, then string
	}{
		{"divergences", func(s *Set) { s.Chain(0, 1)[7], s.Chain(0, 3)[9] = 1, 1 }, "2 trajectories of 4000 diverged",
			"Raise the target acceptance"},
		{"depth", func(s *Set) { s.Chain(1, 2)[0] = 10 }, "1 trajectory of 4000 had the greatest tree depth, 10",
			"Rescale the parameters"},
		{"energy", func(s *Set) { ramp(s.Chain(2, 0)) }, "E-BFMI is below 0.3 in chain 1 (0.00)",
			"Write the model with lighter tails"},
		{"another place", func(s *Set) { shift(s.Chain(3, 2), 5) }, "R̂ is above 1.01 for 1 of 2 parameters (a)",
			"Run the chains longer"},
		{"ladders apart", func(s *Set) { shift(s.Chain(3, 2), 5); s.Method = "pt" },
			"R̂ is above 1.01 for 1 of 2 parameters (a)", "Draw several times as long, with a longer warm-up"},
		{"slow", func(s *Set) { walk(s) }, "the effective sample size is below 100 a chain for 1 of 2 parameters (b)",
			"Run the chains longer"},
		{"stuck", func(s *Set) { clear(s.Chain(3, 1)); clear(s.Chain(4, 1)) }, "chain 2 never moved",
			"Start again from other points"},
		{"equal", func(s *Set) { copy(s.Chain(3, 3), s.Chain(3, 1)); copy(s.Chain(4, 3), s.Chain(4, 1)) },
			"chains 2 and 4 are the same draws", "Give every chain its own seed"},
		{"NaN", func(s *Set) { s.Chain(4, 0)[5] = math.NaN() }, "b has draws that are not finite",
			"Do not use the parameters"},
	} {
		s := independent(1000)
		c.spoil(s)
		u := Summarise(s)
		if all := strings.Join(u.Warnings, "\n"); !strings.Contains(all, c.warning) || !strings.HasPrefix(u.Advice,
			c.then) {
			t.Errorf("%s: %q, %q", c.name, u.Warnings, u.Advice)
		}
		if s.Method == "pt" && strings.Contains(u.Advice, "parallel tempering") {
			t.Errorf("parallel tempering is told to use itself: %q", u.Advice)
		}
	}
	u := Summarise(independent(1000))
	u.Warn("two basins")
	if len(u.Warnings) != 1 || !strings.HasPrefix(u.Advice, "Heed the warnings") {
		t.Errorf("%q, %q", u.Warnings, u.Advice)
	}
}

func ramp(x []float64) {
	for i := range x {
		x[i] = float64(i)
	}
}

func shift(x []float64, by float64) {
	for i := range x {
		x[i] += by
	}
}

// walk makes each chain's b a slow autoregression: ESS about 4000·(1−.99)/(1+.99) = 20.
func walk(s *Set) {
	for c := range s.Chains {
		x := s.Chain(4, c)
		for i := range x[1:] {
			x[i+1] = .99*x[i] + math.Sqrt(1-.99*.99)*x[i+1]
		}
	}
}

// A constant is no reason to warn, and neither table nor JSON break on what is not defined.
func TestSummariseConstantParameter(t *testing.T) {
	s := independent(500)
	for c := range s.Chains {
		for i := range s.Chain(4, c) {
			s.Chain(4, c)[i] = 1
		}
	}
	u := Summarise(s)
	if len(u.Warnings) != 0 {
		t.Errorf("%q", u.Warnings)
	}
	b, err := json.Marshal(u)
	if err != nil || !strings.Contains(string(b), `"rhat":null`) {
		t.Errorf("%s, %v", b, err)
	}
	var text strings.Builder
	if err := (Text{}).Write(&text, &u); err != nil || !strings.Contains(text.String(), "b                 1") {
		t.Errorf("%s, %v", text.String(), err)
	}
}

// Particles of weights 1 and 3 at 0 and 1: mean 3/4, variance 3/16, and the quantiles jump at 1/4.
func TestSummariseParticles(t *testing.T) {
	const n = 400
	s := newSet(Meta{Columns: []string{LogWeight, Ancestor, "x"}, Stats: 2, Chains: 4}, n)
	for g := range s.Chains {
		for i := range n {
			s.Chain(1, g)[i] = float64(i)
			if i%2 == 1 {
				s.Chain(0, g)[i], s.Chain(2, g)[i] = math.Log(3), 1
			}
		}
	}
	u := Summarise(s)
	r := u.Parameters[0]
	if math.Abs(r.Mean-.75) > 1e-12 || math.Abs(r.SD-math.Sqrt(3./16)) > 1e-12 || r.Q5 != 0 || r.Median != 1 ||
		r.Q95 != 1 || r.MCSE > 1e-12 {
		t.Errorf("%+v", r)
	}
	// (Σw)²/Σw² of n/2 ones and n/2 threes is .8n.
	if p := u.Particles; math.Abs(p.ESS[2]-.8*n) > 1e-9 || p.Ancestors[3] != n || len(u.Warnings) != 0 {
		t.Errorf("%+v, %q", p, u.Warnings)
	}
	if math.Abs(u.Particles.Weight[3]-.25) > 1e-12 {
		t.Errorf("weights %v", u.Particles.Weight)
	}
	u.Particles.Before([]float64{1, 2, 3, 4}, []float64{.1, .2, .3, .4})
	var text strings.Builder
	if err := (Text{}).Write(&text, &u); err != nil || !strings.Contains(text.String(),
		"weight ESS before resampling      1      2      3      4\n") {
		t.Errorf("%s, %v", text.String(), err)
	}
	for i := range n {
		s.Chain(1, 1)[i] = 5
		s.Chain(0, 2)[i] = -float64(i)
	}
	all := strings.Join(Summarise(s).Warnings, "\n")
	for _, want := range []string{"few particles of 400 at the start have descendants in group 2 (1)",
		"the weights are worth few particles of 400 in group 3 (2)", "Pareto k̂ is above 0.7 in group 3"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

// Log weights hold each group's log Z: of groups 3 and −3 with evidences 1 and 3 the mean is −3/2. The two others
// are as good as empty, so that the groups' weights are worth 1.6 groups. Particles that were resampled are of
// equal weight, which says nothing of how many they are worth: their ancestors do.
func TestSummariseResampledParticles(t *testing.T) {
	s := newSet(Meta{Columns: []string{LogWeight, Ancestor, "x"}, Stats: 2, Chains: 2}, 200)
	for g := range s.Chains {
		for i := range s.Draws {
			s.Chain(0, g)[i], s.Chain(1, g)[i], s.Chain(2, g)[i] = -float64(g)/3-math.Log(200), float64(i%(50+g)),
				float64(i)
		}
	}
	u := Summarise(s)
	if p := u.Particles; !math.IsNaN(p.ESS[0]) || !math.IsNaN(p.KHat[1]) || p.Ancestors[1] != 51 ||
		!math.IsNaN(u.Parameters[0].ESSBulk) {
		t.Errorf("%+v", p)
	}
	var text strings.Builder
	if err := (Text{}).Write(&text, &u); err != nil || strings.Contains(text.String(), "ESS") ||
		!strings.Contains(text.String(), "unique ancestors     50     51\n") {
		t.Errorf("%s, %v", text.String(), err)
	}
}

func TestSummariseGroupsOfDifferentEvidence(t *testing.T) {
	s := newSet(Meta{Columns: []string{LogWeight, "x"}, Stats: 1, Chains: 4}, 10)
	for i := range 10 {
		for g, w := range []float64{0, math.Log(3), -800, math.Inf(-1)} {
			s.Chain(0, g)[i] = w
			s.Chain(1, g)[i] = []float64{3, -3, 7, math.NaN()}[g]
		}
	}
	u := Summarise(s)
	r := u.Parameters[0]
	// W = ¼, ¾: √(4/3 (¼²·4.5² + ¾²·1.5²)).
	if math.Abs(r.Mean+1.5) > 1e-12 || math.Abs(r.MCSE-math.Sqrt(4./3*(1.125*1.125*2))) > 1e-12 {
		t.Errorf("%+v", r)
	}
	if all := strings.Join(u.Warnings, "\n"); !strings.Contains(all, "the groups' weights are worth 1.6 of 4 groups") {
		t.Errorf("%q", u.Warnings)
	}
}

// Resampling takes particles as often as their weights say, from all groups.
func TestResampled(t *testing.T) {
	s := newSet(Meta{Columns: []string{LogWeight, "x"}, Stats: 1, Chains: 2}, 4)
	copy(s.X, []float64{0, math.Log(3), math.Inf(-1), math.Log(2), 1, 2, 3, 4, 0, 0, math.Inf(-1), math.Inf(-1), 5, 6,
		7, 8})
	if diff := cmp.Diff([]float64{1, 2, 2, 2, 4, 4, 5, 6}, s.Resampled(100).Chain(1, 0)); diff != "" {
		t.Error(diff)
	}
	if x := s.Resampled(2).Chain(1, 0); len(x) != 2 || x[0] != 2 || x[1] != 5 {
		t.Error(x)
	}
	if c := independent(5); c.Resampled(3) != c {
		t.Error("chains were resampled")
	}
}

// Of many parameters the numbers and the worst are shown, in their order.
func TestTextShowsTheWorst(t *testing.T) {
	x := newSet(Meta{Columns: append(Names("x", 50), "mu"), Chains: 4}, 300)
	for k := range x.Columns {
		for c := range x.Chains {
			rng.NewKey(9, rng.PurposeSolver, uint32(k), 0).Normals64(x.Chain(k, c), 300, []uint64{uint64(c)})
		}
	}
	shift(x.Chain(x.Find("x.30"), 0), 9)
	u := Summarise(x)
	var b strings.Builder
	if err := (Text{Most: 3}).Write(&b, &u); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if strings.Count(got, "\nx[") != 2 || !strings.Contains(got, "\nx[30]") || !strings.Contains(got, "\nmu ") ||
		!strings.Contains(got, "and 48 parameters more") {
		t.Error(got)
	}
}

// Of two draws a chain nothing can be said, and that is said.
func TestSummariseFewDraws(t *testing.T) {
	if u := Summarise(independent(2)); len(u.Warnings) == 0 || !strings.Contains(u.Warnings[0],
		"2 draws a chain are too few") {
		t.Errorf("%q, %q", u.Warnings, u.Advice)
	}
}
