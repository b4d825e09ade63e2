package solve_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// end runs a solver a few steps and returns where it ends.
func end(t *testing.T, s ito.Solver) []float64 {
	t.Helper()
	pr := problems()[0]
	if !serves(pr.p, s) {
		pr = problems()[9]
	}
	x := noise(pr, 3)
	if _, err := solve.Run(ctx, pr.p, exact(pr), x, must(solve.Uniform(pr.p, pr.from, pr.to, 4)), s,
		solve.RunOptions{Noise: ito.Seed(3)}); err != nil {
		t.Fatalf("%s: %v", s.Info().Name, err)
	}
	return x.X
}

// The name of every solver with every setting is a word that means it: the same name, and the same samples.
func TestEveryNameIsAWord(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range append(solve.Every(), variants(4)...) {
		name := s.Info().Name
		switch s.(type) {
		case tune.USF: // their decisions are no words
			continue
		// no setting
		case solve.InterpolantSDE, solve.EMAdaptive, solve.DPMAdaptive, solve.Dopri5, solve.Tsit5, solve.Ancestral,
			solve.TauLeaping, solve.Mixed, solve.Mixed2M:
		default:
			if got := must(solve.ByName(name)); !slices.Equal(end(t, got), end(t, s)) {
				t.Errorf("%s is not %+v but %+v", name, s, got)
			}
		}
		got, err := solve.ByName(name)
		if err != nil || got.Info().Name != name {
			t.Errorf("%s: %v", name, err)
		}
		seen[name] = true
	}
	for _, name := range []string{"ddim:eta=0.5", "ddim:eta=1", "unipc-3:b=vary,lower-final=0",
		"unipc-2:b=bh1,predict=eps", "pc:predictor=em,corrector=none,keep-noise=yes", "deis-rho-2", "deis-rho-4",
		"deis-logrho-3", "ipndm-2", "dpm-3m",
		"dpmpp-2m+denoise", "dopri5+denoise"} {
		if !seen[name] {
			if _, err := solve.ByName(name); err != nil {
				t.Errorf("%s is missing: %v", name, err)
			}
		}
	}
}

// Every setting of every solver takes what it says, one at a time, and a word that it does not take is refused with
// one that it does.
func TestSettingWords(t *testing.T) {
	for _, s := range solve.Every() {
		name := s.Info().Name
		for _, c := range solve.Settings(s) {
			if got, err := solve.ByName(name + ":" + c.Name + "=" + c.Default); name != "edm-churn" &&
				(err != nil || got.Info().Name != name) {
				t.Errorf("%s with its default %s=%s: %v", name, c.Name, c.Default, err)
			}
			if strings.Contains(c.Values, "|") {
				for _, v := range strings.Split(c.Values, "|") {
					got, err := solve.ByName(name + ":" + c.Name + "=" + v)
					// auto is one of the two
					if err != nil || v != c.Default && got.Info().Name == name && c.Name != "second" {
						t.Errorf("%s:%s=%s: %v", name, c.Name, v, err)
					}
				}
			}
			for _, bad := range []string{"", "NaN", "-1", "x1", "1e999"} {
				_, err := solve.ByName(name + ":" + c.Name + "=" + bad)
				var in *ito.InputError
				if !errors.As(err, &in) {
					t.Fatalf("%s:%s=%s: %v", name, c.Name, bad, err)
				}
				_, near, ok := strings.Cut(in.Do, "the nearest that works is ")
				if _, err := solve.ByName(name + ":" + near); !ok || err != nil {
					t.Errorf("%s:%s=%s is refused with %q: %v", name, c.Name, bad, in.Do, err)
				}
			}
		}
	}
	for word, want := range map[string]string{
		"ddim:eta=1.5": "solver ddim takes no eta of \"1.5\" (column 10); give eta=0…1; the nearest that " +
			"works is eta=1",
		"ddim:eto=1": "solver ddim has no setting \"eto=1\" (column 6); did you mean \"eta\"? It has " +
			"eta=0…1",
		"ddim:0.5":           "solver ddim has no setting \"0.5\" (column 6); it has eta=0…1",
		"ddim:eta=0.5:eta=1": "eta is set twice in \"ddim:eta=0.5:eta=1\", again in column 14; set it once",
		"heun:eta=0":         "solver heun has no settings, and \"eta=0\" is given; give its name alone",
		"unipc-3:b=bh3": "solver unipc-3 takes no b of \"bh3\" (column 11); give b=bh2|bh1|vary; the " +
			"nearest that works is b=bh2",
		"unipc-3:lower-final=-1": "solver unipc-3 takes no lower-final of \"-1\" (column 21); give lower-final=0…, " +
			"always; the nearest that works is lower-final=15",
		"ddim+denose": "unknown final action \"denose\"; did you mean \"denoise\"? There are stop, " +
			"denoise, euler",
		"deis-7": "unknown solver \"deis-7\"; did you mean \"deis-2\"?",
		"pc:predictor=ancestrale": "solver pc takes no predictor of \"ancestrale\" (column 14); give " +
			"predictor=reverse-diffusion|ancestral|em|none; the nearest that works is predictor=ancestral",
		"pc:steps=3,snr=1": "solver pc takes no snr of \"1\" (column 16); give snr=above 0 to 0.5; the " +
			"nearest that works is snr=0.5",
		"edm:max=0": "solver edm takes no max of \"0\" (column 9); give max=above 0; the nearest that " +
			"works is max=inf",
	} {
		if _, err := solve.ByName(word); err == nil || err.Error() != want {
			t.Errorf("%s: %v", word, err)
		}
	}
	// Colons between settings were the only way once, and names have commas.
	for word, want := range map[string]string{"edm:churn=5:max=1e+30+denoise": "edm:churn=5,max=1e+30+denoise",
		"unipc-3:predict=eps:b=bh1":         "unipc-3:b=bh1,predict=eps",
		"pc:corrector=ald:steps=2,snr=0.16": "pc:steps=2", "deis-3:lower-final=0": "deis-3",
		"unipc-3:lower-final=15": "unipc-3", "edm-churn": "edm-churn",
		"pc:predictor=ancestral": "pc-ancestral-ald"} {
		if got := must(solve.ByName(word)).Info().Name; got != want {
			t.Errorf("%s is %s", word, got)
		}
	}
}

// Some steps with every setting of a choice and at the ends of every range: eight rows are eight runs of one.
func TestSettingsAreRowByRow(t *testing.T) {
	p := path.VP{}
	f := exact(problems()[0])
	g := must(solve.LogSNR(p, 1, 1e-2, 3))
	x := noise(problems()[0], 8)
	for _, s := range solve.Every() {
		for _, c := range solve.Settings(s) {
			values := []string{c.Default, "0", "0.3", "1", "2"}
			if strings.Contains(c.Values, "|") {
				values = strings.Split(c.Values, "|")
			}
			for _, v := range values {
				o, err := solve.ByName(s.Info().Name + ":" + c.Name + "=" + v)
				if err != nil {
					continue
				}
				if _, err := o.Plan(p, g, f.Kind()); err != nil { // em-step without the predictor em, say
					if !errors.Is(err, ito.ErrInput) {
						t.Errorf("%s: %v", o.Info().Name, err)
					}
					continue
				}
				whole := x.Clone()
				if _, err := solve.Run(ctx, p, f, whole, g, o, solve.RunOptions{Noise: ito.Seed(3)}); err != nil {
					t.Fatalf("%s: %v", o.Info().Name, err)
				}
				for i := range x.N {
					one := x.Slice(i, i+1).Clone()
					if _, err := solve.Run(ctx, p, f, one, g, o, solve.RunOptions{Noise: ito.Seed(3)}); err != nil ||
						!slices.Equal(one.X, whole.Row(i)) {
						t.Fatalf("%s: row %d alone is %v, in its batch %v (%v)", o.Info().Name, i, one.X, whole.Row(i),
							err)
					}
				}
			}
		}
	}
}

// steps is a solver of another module.
type steps struct {
	solve.Heun `config:"-"`
	Length     float64 `default:"1" above:"0" help:"of a step"`
	Kind       uint8   `enum:"short,long"`
}

func (s steps) Info() ito.SolverInfo {
	info := s.Heun.Info()
	info.Name = solve.Word("steps", s)
	return info
}

func init() { solve.Register(func() ito.Solver { return steps{} }) }

func TestRegister(t *testing.T) {
	s := must(solve.ByName("steps:kind=long:length=2+denoise"))
	if s.Info().Name != "steps:length=2,kind=long+denoise" || s.(solve.Finish).Solver.(steps).Length != 2 {
		t.Errorf("%+v is called %s", s, s.Info().Name)
	}
	if got := solve.Settings(steps{Length: 3}); len(got) != 2 || got[0] != (solve.Setting{Name: "length",
		Values: "above 0", Default: "1", Value: "3", Help: "of a step"}) {
		t.Errorf("%+v", got)
	}
	if !slices.ContainsFunc(solve.Every(), func(s ito.Solver) bool { return s.Info().Name == "steps" }) {
		t.Error("it is not listed")
	}
}
