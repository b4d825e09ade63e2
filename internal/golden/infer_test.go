package golden_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/advise"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	_ "github.com/seed9a7962a8/ito/infer/methods" // registers the methods
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// peaks are two normals of unequal weight in the plane, and one in three dimensions.
var (
	peaks = infer.NormalMixture{Weights: []float64{1, 2}, Means: [][]float64{{-1, .5}, {1.2, -.4}},
		Vars: [][]float64{{.5, .8}, {1, .3}}}
	solid = infer.NormalMixture{Weights: []float64{math.E}, Means: [][]float64{{.4, -.3, 2}},
		Vars: [][]float64{{1, .7, .2}}}
)

// brief are settings under which every method takes some milliseconds.
func brief(name string) infer.Settings {
	s := infer.DefaultSettings()
	s.Seed, s.Draws, s.Chains, s.Warmup = 5, 20, 2, 40
	s.Iterations, s.Batch, s.Width, s.Steps, s.Finish, s.WhitenIterations = 6, 16, 8, 8, 5, 20
	switch name {
	case "ula":
		s.StepSize = .05
	case "ess", "pcn":
		s.Scale, s.Beta = 1.5, .6
	case "stretch":
		s.Walkers, s.Chains = 8, 1
	case "pt":
		s.Temperatures = 3
	}
	return s
}

// variants are changes of the settings, by the methods that hear them and their words.
var variants = map[string]map[string]func(*infer.Settings){
	"nuts": {
		"diagonal metric": func(s *infer.Settings) { s.Metric = "diagonal" },
		"unit metric":     func(s *infer.Settings) { s.Metric = "unit" },
		"dense metric":    func(s *infer.Settings) { s.Metric = "dense" },
		"fixed step":      func(s *infer.Settings) { s.StepSize, s.Warmup = .3, 0 },
		"thinned":         func(s *infer.Settings) { s.Thin = 3 },
		"shallow":         func(s *infer.Settings) { s.MaxDepth = 2 },
		"accept .95":      func(s *infer.Settings) { s.Accept = .95 },
		"near start":      func(s *infer.Settings) { s.Radius = .1 },
		"no warm-up":      func(s *infer.Settings) { s.Warmup = 0 },
		"long warm-up":    func(s *infer.Settings) { s.Warmup = 200 },
	},
	"hmc": {"unit metric": func(s *infer.Settings) { s.Metric = "unit" },
		"short": func(s *infer.Settings) { s.Leapfrogs = 3 }},
	"mala": {"accept .8": func(s *infer.Settings) { s.Accept = .8 },
		"fixed step": func(s *infer.Settings) { s.StepSize, s.Warmup = .2, 0 }},
	"pt": {"scale 3": func(s *infer.Settings) { s.Scale = 3 },
		"least beta": func(s *infer.Settings) { s.LeastBeta = .1 }},
	"smc": {"diagonal": func(s *infer.Settings) { s.Metric = "diagonal" },
		"scale 3": func(s *infer.Settings) { s.Scale = 3 }, "moves": func(s *infer.Settings) { s.Moves = 2 },
		"half":       func(s *infer.Settings) { s.ESS = .5 },
		"mean field": func(s *infer.Settings) { s.Whiten = "meanfield" },
		"reference": func(s *infer.Settings) {
			s.Reference = &infer.Reference{Mean: []float64{.5, 0},
				SD: []float64{2, 1}}
		}},
	"ais": {"scale 3": func(s *infer.Settings) { s.Scale = 3 },
		"mean field": func(s *infer.Settings) { s.Whiten = "meanfield" }},
	"dilation": {"fixed": func(s *infer.Settings) { s.Rule, s.StepSize = "fixed", .1 },
		"scaled":    func(s *infer.Settings) { s.Rule, s.StepSize = "scaled", .1 },
		"no finish": func(s *infer.Settings) { s.Finish = 0 }},
	"geometric": {"fixed": func(s *infer.Settings) { s.Rule, s.StepSize = "fixed", .1 }},
	"pdds": {"moves": func(s *infer.Settings) { s.Moves = 2 }, "scale 2": func(s *infer.Settings) { s.Scale = 2 },
		"mean field": func(s *infer.Settings) { s.Whiten = "meanfield" },
		"learned":    func(s *infer.Settings) { s.Potential, s.Refresh = "learned", 3 },
		"learned, 3 rounds": func(s *infer.Settings) {
			s.Potential, s.Rounds, s.RefreshDraws, s.Decay = "learned", 3,
				30, .5
		},
		"learned mean field": func(s *infer.Settings) { s.Potential, s.Whiten, s.Moves = "learned", "meanfield", 1 }},
	"pis": {"kl": kl, "scale 1": func(s *infer.Settings) { s.Scale = 1 },
		"mean field":       func(s *infer.Settings) { s.Whiten = "meanfield" },
		"mean field by kl": func(s *infer.Settings) { s.Whiten, s.Loss = "meanfield", "kl" }},
	"dds": {"kl": kl, "scale 2": func(s *infer.Settings) { s.Scale = 2 },
		"mean field": func(s *infer.Settings) { s.Whiten = "meanfield" },
		"rate":       func(s *infer.Settings) { s.LearningRate = .05 }},
	"dis":    {"kl": kl, "mean field": func(s *infer.Settings) { s.Whiten = "meanfield" }},
	"bridge": {"kl": kl, "mean field": func(s *infer.Settings) { s.Whiten = "meanfield" }},
	"dmcmc": {"unadjusted": func(s *infer.Settings) { s.Adjust = "no" },
		"scale 4": func(s *infer.Settings) { s.Scale = 4 },
		"step .3": func(s *infer.Settings) { s.StepSize = .3 }},
	"pcn": {"beta .1": func(s *infer.Settings) { s.Beta = .1 }},
}

func kl(s *infer.Settings) { s.Loss = "kl" }

// inferences are all methods on small targets, with what their settings change.
func inferences() []group {
	var out []group
	for _, m := range infer.Methods() {
		out = append(out, group{"infer " + m.Name, func(_ *testing.T, workers int) cases {
			out := cases{}
			for name, target := range map[string]ito.Target{"two peaks": peaks, "one peak of three dimensions": solid} {
				d, err := inferred(m, target, brief(m.Name), workers)
				out.set(name, d, err)
			}
			for words, change := range variants[m.Name] {
				s := brief(m.Name)
				change(&s)
				d, err := inferred(m, peaks, s, workers)
				out.set("two peaks, "+words, d, err)
			}
			for _, name := range []string{"rings", "moons", "eight_schools"} {
				if m.Trained || m.Name == "convolutional" {
					continue
				}
				d, err := inferred(m, must(zoo.Open(name, nil)), brief(m.Name), workers)
				out.set(name, d, err)
			}
			return out
		}})
	}
	return append(out, group{"infer besides", besides})
}

// inferred runs a method and is the digest of its draws, weights, evidence and cost.
func inferred(m infer.Method, target ito.Target, s infer.Settings, workers int) (string, error) {
	s.Pool = ad.NewPool(workers)
	defer s.Pool.Close()
	p, err := m.Plan(target, s)
	if err != nil {
		return "", err
	}
	numbers := newSum()
	r, state, err := p.Run(ctx, target, infer.RunOptions{Workers: workers, Sink: func(d infer.Draw) error {
		for g := range d.State.Groups {
			x := d.State.Group(g)
			numbers.floats(x.X[:d.Drawn*x.D]...)
		}
		return nil
	}})
	if err != nil {
		return "", err
	}
	return numbers.floats(state.X...).floats(state.LogP...).floats(state.Var("logw")...).floats(r.LogZ...).floats(
		r.Gradients, r.Accept, float64(r.Divergent)).text(), nil
}

// besides are a mean-field fit, a chain led by a field with trained noise levels, and what chooses for those who
// say nothing.
func besides(_ *testing.T, workers int) cases {
	out := cases{}
	pool := ad.NewPool(workers)
	defer pool.Close()
	fit := infer.NewMeanField(solid, 3)
	fit.Iterations, fit.Batch = 40, 8
	var failed error
	for done, of := fit.Progress(); done < of && failed == nil; done++ {
		_, failed = fit.Step(ctx)
	}
	out.set("mean field", digest(append(append([]float64{}, fit.Mean...), fit.SD...)...), failed)

	p := path.EDM{SigmaMax: 10}
	score := must(mcmc.NewFieldScore(must(field.NewMixture(p, two)), p, 2))
	rows := ito.NewStates(60, 2, 0)
	must(0, two.Draw(rows, ito.Seed(2)))
	led := must(mcmc.NewFieldTarget(score, rows))
	s := brief("dmcmc")
	s.StepSize = .5
	d, err := inferred(must(infer.FindMethod("dmcmc")), led, s, workers)
	out.set("dmcmc led by a field", d, err)

	levels, err := mcmc.TrainNoiseLevels(ctx, rows, mcmc.LevelTraining{Levels: []float64{.1, .5, 2}, Width: 8,
		Iterations: 10, Batch: 16, Pool: pool}, nil)
	logp := make([]float64, 3*rows.N)
	if err == nil {
		err = levels.Levels(ctx, logp, rows)
	}
	out.set("noise levels", digest(logp...), err)

	e, err := advise.Survey(ctx, peaks, 1)
	out.set("survey", newSum().floats(float64(e.Modes), float64(e.Starts), e.Least).floats(e.Lo...).floats(
		e.Hi...).floats(e.Low...).floats(e.High...).text(), err)
	a, err := advise.Advise(ctx, peaks, 1)
	out.set("advice", digest(float64(a.Modes), float64(a.Starts)), err)
	for _, name := range []string{"smc", "pdds", "dds"} {
		s := brief(name)
		b, err := advise.Cover(ctx, must(infer.FindMethod(name)), must(zoo.Open("grid9", nil)), &s)
		out.set("cover of "+name, digest(append(append([]float64{float64(b.Extent.Modes)}, b.Reference.Mean...),
			b.Reference.SD...)...), err)
	}
	return out
}
