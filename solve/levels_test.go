package solve_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// A named grid that is listed in any of the units is that grid again, on paths with one schedule, with many and
// with none.
func TestLevels(t *testing.T) {
	for _, pr := range problems() {
		g := must(solve.Uniform(pr.p, pr.from, pr.to, 6))
		for unit := solve.LevelSigma; unit <= solve.LevelLambda; unit++ {
			l := solve.Levels{Unit: unit}
			d, diagonal := pr.p.(ito.Diagonal)
			if !diagonal && unit != solve.LevelTime {
				if _, err := (solve.Levels{Unit: unit, Values: []float64{2, 1}}).Times(pr.p, pr.from,
					pr.to); err == nil {
					t.Errorf("%s has levels of σ/α", pr.name)
				}
				continue
			}
			for _, at := range g {
				switch unit {
				case solve.LevelTime:
					l.Values = append(l.Values, at)
				case solve.LevelSigma:
					l.Values = append(l.Values, math.Exp(-meanLambda(d, at)))
				case solve.LevelLambda:
					l.Values = append(l.Values, meanLambda(d, at))
				}
			}
			got := must(must(solve.GridByName(l.String()))(pr.p, pr.from, pr.to, 6))
			for i, at := range g {
				if math.Abs(got[i]-at) > 1e-9*pr.from {
					t.Errorf("%s in %s: node %d is %g, want %g", pr.name, l, i, got[i], at)
				}
			}
			if got[0] != g[0] || got[6] != g[6] {
				t.Errorf("%s: the ends are %g and %g", pr.name, got[0], got[6])
			}
		}
	}
}

func meanLambda(d ito.Diagonal, t float64) (λ float64) {
	α, σ := make([]float64, d.Modes()), make([]float64, d.Modes())
	d.Schedule(t, α, σ, nil, nil)
	for i := range α {
		λ += math.Log(α[i]/σ[i]) / float64(len(α))
	}
	return λ
}

func TestListedWords(t *testing.T) {
	edm := path.EDM{}
	lo, hi := edm.Span()
	for _, word := range []string{"80,10,1,0", "sigmas:80 10, 1\n0", "times:80,10,1,0"} {
		l, ok, err := solve.ParseLevels(word)
		if g, err2 := l.Times(edm, hi, lo); !ok || err != nil || err2 != nil ||
			!slices.Equal(g, ito.Grid{80, 10, 1, 0}) {
			t.Errorf("%s: %v, %v, %v", word, g, err, err2)
		}
	}
	if l, _, _ := solve.ParseLevels("80,1,0.002"); !slices.Equal(must(l.Times(edm, hi, lo)), ito.Grid{80, 1, .002}) {
		t.Error("the ends are not those of the path")
	}
	vp := path.VP{}
	if g := must(must3(solve.ParseLevels("lambdas:-5.0249784,0,4.557715")).Times(vp, 1, 1e-3)); g[0] != 1 ||
		g[2] != 1e-3 {
		t.Errorf("VP's ends by their λ: %v", g)
	}
	for word, want := range map[string]string{
		"80,x,1": "level 1 of the grid is \"x\"; give finite numbers between commas",
		"80":     "a grid of 1 levels; list at least its start and its end",
		"times:": "a grid of 0 levels; list at least its start and its end",
		"80,1,2": "level 2 of the grid is 2 after 1; levels must go one way without repeats",
		"80,-1":  "σ/α is -1 at level 1 of the grid; give none below 0",
		"kerras:rho=3": "unknown grid \"kerras\"; did you mean \"karras\"? There are uniform, quadratic, " +
			"logsnr, unmasking, karras, ends, polyexponential, halves, sigmas:, times:, lambdas:",
		"karras:rho=0": "grid karras takes no rho of \"0\" (column 12); give rho=above 0; the nearest that " +
			"works is rho=7",
		"polyexponential:r=two": "grid polyexponential has no setting \"r=two\" (column 17); did you mean \"rho\"? " +
			"It has rho=above 0",
	} {
		if _, err := solve.GridByName(word); err == nil || err.Error() != want {
			t.Errorf("%s: %v", word, err)
		}
	}
	for word, want := range map[string]string{
		"40,1,0":       "the grid begins at σ/α = 40, and samples start at 80; begin it with 80",
		"80,90,100":    "the grid has σ/α = 90, and path edm goes from 80 to 0; give levels between",
		"times:80,0.5": "grid: it ends at t=0.5 instead of 0.002; list the end of the run",
	} {
		l := must3(solve.ParseLevels(word))
		_, err := must(solve.GridByName(word))(edm, hi, lo, len(l.Values)-1)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", word, err)
		}
	}
	if _, err := must(solve.GridByName("80,1,0.002"))(edm, hi, lo, 3); err == nil {
		t.Error("three levels serve three steps")
	}
}

func must3(l solve.Levels, ok bool, err error) solve.Levels {
	if !ok || err != nil {
		panic(err)
	}
	return l
}

// An exponent of its own: the default is the named grid, and polyexponential with 1 is even in log(σ/α).
func TestGridExponents(t *testing.T) {
	p := path.VP{}
	for word, same := range map[string]string{"karras:rho=7": "karras", "ends:rho=3": "ends",
		"polyexponential:rho=1": "logsnr", "polyexponential": "logsnr"} {
		a, b := must(must(solve.GridByName(word))(p, 1, 1e-3, 9)), must(must(solve.GridByName(same))(p, 1, 1e-3, 9))
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-12 {
				t.Errorf("%s: node %d is %g, of %s %g", word, i, a[i], same, b[i])
			}
		}
	}
	g := must(must(solve.GridByName("karras:rho=2"))(path.EDM{}, 16, 4, 2))
	if math.Abs(g[1]-9) > 1e-12 {
		t.Errorf("halfway in √σ from 16 to 4 is %g", g[1])
	}
}
