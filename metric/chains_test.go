package metric

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// Everything that is said of chains equals, to 1e-8, what the definitions of the package posterior give for two
// real chains that mix badly: all 1000 draws, an odd number, and draws rounded until most are tied. See
// testdata/diagnostics/make.py.
func TestChainsAgainstPosterior(t *testing.T) {
	f, err := os.Open("testdata/diagnostics/blocker.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("testdata/diagnostics/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string]*float64
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for j, name := range rows[0] {
		x := make([]float64, len(rows)-1)
		for i, r := range rows[1:] {
			if x[i], err = strconv.ParseFloat(r[j], 64); err != nil {
				t.Fatal(err)
			}
		}
		whole := [][]float64{x[:1000], x[1000:]}
		for kind, chains := range map[string][][]float64{
			"":         whole,
			" odd":     {x[:333], x[1000:1333]},
			" rounded": each(whole, func(v float64) float64 { return math.RoundToEven(v*10) / 10 }),
		} {
			// out of memory, in runs and windows
			in, err := (&Summariser{Scratch: &memory{}, Held: 300, Lags: 64}).Summarise(name, InMemory(chains))
			if err != nil {
				t.Fatal(err)
			}
			for what, got := range map[string]float64{
				"rhat": in.RHat, "ess_bulk": in.ESSBulk, "ess_tail": in.ESSTail, "mcse_mean": in.MCSEMean,
				"mcse_sd": in.MCSESD,
			} {
				if w := want[name+kind][what]; w == nil && !math.IsNaN(got) || w != nil &&
					!(math.Abs(got-*w) <= 1e-8*max(1, math.Abs(*w))) {
					t.Errorf("%s%s, in bounded memory: %s is %.12g", name, kind, what, got)
				}
			}
			for what, got := range map[string]float64{
				"rhat": RHat(chains), "rhat_basic": RHatBasic(chains), "ess_bulk": ESSBulk(chains),
				"ess_tail": ESSTail(chains),
				"ess_mean": ESSMean(chains), "ess_sd": ESSSD(chains), "ess_quantile10": ESSQuantile(chains, .1),
				"mcse_mean": MCSEMean(chains), "mcse_sd": MCSESD(chains), "mcse_quantile10": MCSEQuantile(chains, .1),
				"mcse_quantile50": MCSEQuantile(chains, .5), "khat": KHat(flat(chains), 1),
			} {
				w, ok := want[name+kind][what]
				if !ok {
					t.Fatalf("%s%s: no expected %s", name, kind, what)
				}
				if w == nil {
					if !math.IsNaN(got) {
						t.Errorf("%s%s: %s is %v, want none", name, kind, what, got)
					}
				} else if !(math.Abs(got-*w) <= 1e-8*max(1, math.Abs(*w))) {
					t.Errorf("%s%s: %s is %.12g, want %.12g", name, kind, what, got, *w)
				}
				checked++
			}
		}
	}
	if checked != 5*3*12 {
		t.Errorf("%d values were checked", checked)
	}
}

// autoregression draws x_t = φx_{t−1} + √(1−φ²)z_t.
func autoregression(seed uint64, chain uint64, n int, φ float64) []float64 {
	z := make([]float64, n)
	rng.NewKey(seed, rng.PurposeUser, 0, 0).Normals64(z, n, []uint64{chain})
	for t := 1; t < n; t++ {
		z[t] = φ*z[t-1] + math.Sqrt(1-φ*φ)*z[t]
	}
	return z
}

// The effective size of an autoregression is n(1−φ)/(1+φ), within 10 % for four chains of 10 000 (the estimate's sd
// is 1–3 %), and an antithetic chain of 1000 is capped at n·log₁₀n = 3000.
func TestESSOfAutoregression(t *testing.T) {
	for _, φ := range []float64{-.5, 0, .5, .9} {
		var chains [][]float64
		for c := range uint64(4) {
			chains = append(chains, autoregression(3, c, 10_000, φ))
		}
		want := 40_000 * (1 - φ) / (1 + φ)
		for what, got := range map[string]float64{"mean": ESSMean(chains), "bulk": ESSBulk(chains)} {
			if math.Abs(got/want-1) > .1 {
				t.Errorf("φ=%v: %s ESS %.0f, want %.0f", φ, what, got, want)
			}
		}
		if r := RHat(chains); math.Abs(r-1) > .01 {
			t.Errorf("φ=%v: R̂ = %v of chains that mix", φ, r)
		}
	}
	if got := ESSMean([][]float64{autoregression(1, 0, 1000, -.9)}); math.Abs(got-3000) > 1e-9 {
		t.Errorf("φ=−.9: ESS %v, want the cap 3000", got)
	}
}

// Chains at different places, and chains of different width, are seen; what is not defined is NaN.
func TestChainsThatDoNotMix(t *testing.T) {
	a, b := autoregression(1, 0, 500, 0), autoregression(1, 1, 500, 0)
	shifted := each([][]float64{b}, func(v float64) float64 { return v + 3 })[0]
	wide := each([][]float64{b}, func(v float64) float64 { return 5 * v })[0]
	if r := RHat([][]float64{a, shifted}); r < 1.5 {
		t.Errorf("shifted chains: R̂ = %v", r)
	}
	if r := RHat([][]float64{a, wide}); r < 1.1 {
		t.Errorf("chains of different width: R̂ = %v", r)
	}
	if r := RHatBasic([][]float64{a, wide}); r > 1.05 {
		t.Errorf("chains of different width: the basic R̂ = %v should not see it", r)
	}
	constant := make([]float64, 500)
	for what, chains := range map[string][][]float64{
		"none": nil, "empty": {{}}, "constant": {constant}, "unequal": {a, b[:10]},
		"NaN":      {append(a[:499:499], math.NaN())},
		"infinite": {append(a[:499:499], math.Inf(1))}, "two draws": {{1, 2}},
	} {
		for f, v := range map[string]float64{"ESSBulk": ESSBulk(chains), "ESSTail": ESSTail(chains),
			"ESSSD": ESSSD(chains), "MCSEMean": MCSEMean(chains), "MCSEQuantile": MCSEQuantile(chains, .5)} {
			if !math.IsNaN(v) {
				t.Errorf("%s: %s = %v", what, f, v)
			}
		}
	}
}

// The energies 1, 2, 3, 4 have Σ(ΔE)² = 3 and Σ(E−Ē)² = 5.
func TestEBFMI(t *testing.T) {
	if v := EBFMI([]float64{1, 2, 3, 4}); math.Abs(v-.6) > 1e-15 {
		t.Errorf("E-BFMI = %v, want .6", v)
	}
}

// The weights u^{−k} of uniforms u have tails of shape k; k̂ of 20 000 has sd ≈ (1+k)/√m with m = 424 in the tail,
// and is drawn towards ½ a little.
func TestKHat(t *testing.T) {
	n := 20_000
	u := make([]float64, n)
	rng.NewKey(9, rng.PurposeUser, 0, 0).Uniforms64(u, n, []uint64{0})
	for _, k := range []float64{.2, .5, .9, 1.5} {
		w := make([]float64, n)
		for i := range w {
			w[i] = -k * math.Log(u[i])
		}
		if got := KHat(w, 1); math.Abs(got-k) > 4*(1+k)/math.Sqrt(424) {
			t.Errorf("k̂ = %v, want %v", got, k)
		}
	}
	if e := ESSWeights([]float64{1000, 1000, math.Inf(-1), 1000}); math.Abs(e-3) > 1e-12 {
		t.Errorf("three equal weights: ESS %v", e)
	}
	if e := ESSWeights([]float64{math.Inf(-1)}); e != 0 {
		t.Errorf("no weight: ESS %v", e)
	}
}

// Four chains that mix converge, one that wandered off does not, and no draws have no summary.
func TestSummary(t *testing.T) {
	var chains [][]float64
	for c := range uint64(4) {
		chains = append(chains, autoregression(7, c, 1000, .3))
	}
	s := Summarise("x", chains)
	if !s.Converged(4) || math.Abs(s.Mean) > 5*s.MCSEMean || math.Abs(s.SD-1) > 5*s.MCSESD ||
		math.Abs(s.Q95-1.645) > .2 {
		t.Errorf("%+v", s)
	}
	for i := range chains[3] {
		chains[3][i] += 2
	}
	if s := Summarise("x", chains); s.Converged(4) {
		t.Errorf("a chain apart: %+v", s)
	}
	if s := Summarise("x", nil); s.Name != "x" || !math.IsNaN(s.Mean) || s.Converged(0) {
		t.Errorf("no draws: %+v", s)
	}
}

// What is said of chains does not depend on their unit: times a power of two, R̂ and effective sizes are the same
// numbers, and standard errors are times that power, from the smallest float64 whose squares vanish to the largest
// whose squares overflow. Four chains apart are apart at 1e-17, and rounding of a constant is none at 1e17.
func TestDiagnosticsHaveNoUnit(t *testing.T) {
	var apart [][]float64
	for c := range uint64(4) {
		apart = append(apart, each([][]float64{autoregression(5, c, 500, .3)},
			func(v float64) float64 { return v + 3*float64(c) })[0])
	}
	want := Summarise("x", apart)
	if want.RHat < 1.5 {
		t.Fatalf("chains apart have R̂ = %v", want.RHat)
	}
	for _, e := range []int{-1000, -600, -57, 1, 57, 600, 1000} {
		chains := each(apart, func(v float64) float64 { return math.Ldexp(v, e) })
		back := func(s Summary) Summary {
			for _, v := range []*float64{&s.Mean, &s.Median, &s.SD, &s.Q5, &s.Q95, &s.MCSEMean, &s.MCSESD} {
				*v = math.Ldexp(*v, -e)
			}
			return s
		}
		if d := differences(back(Summarise("x", chains)), want); d != nil {
			t.Errorf("times 2^%d: %v", e, d)
		}
		for _, w := range []*Summariser{{}, {Scratch: &memory{}, Held: 300, Lags: 64}} {
			got, err := w.Summarise("x", InMemory(chains))
			if err != nil {
				t.Fatal(err)
			}
			if d := differences(back(got), want); d != nil {
				t.Errorf("times 2^%d, %d held: %v", e, w.Held, d)
			}
		}
		for name, f := range map[string]func([][]float64) float64{"RHatBasic": RHatBasic, "ESSMean": ESSMean,
			"ESSSD": ESSSD} {
			if got, want := f(chains), f(apart); math.Abs(got/want-1) > 1e-11 {
				t.Errorf("times 2^%d: %s is %v, want %v", e, name, got, want)
			}
		}
	}
	for _, one := range []float64{1, 1e17, 1e-17, -3e200} {
		rounded := each(apart, func(v float64) float64 {
			if v > 3 {
				return math.Nextafter(one, 0)
			}
			return one
		})
		if r := RHat(rounded); !math.IsNaN(r) {
			t.Errorf("the rounding of %v has R̂ = %v", one, r)
		}
	}
}
