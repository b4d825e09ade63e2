package golden_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// problem is a path with the exact field of a small mixture, from its noisy end to its sampled one.
type problem struct {
	name     string
	path     ito.Path
	field    ito.Field
	from, to float64
	cond     []float64 // of every row; nil: none
	deep     bool      // hooks, settings of solvers and other predictions are tried on it
}

// three is the mixture that the fields know, two the one at the other end of an interpolant.
var (
	three = field.Mixture{D: 2, Weights: []float64{1, 2, 1}, Means: []float64{1, 0, -.7, .8, .2, -1.1},
		Cov: []float64{.3, .1, .1, .4}}
	two = field.Mixture{D: 2, Means: []float64{-.6, .4, .9, -.3}, Cov: []float64{.2, -.05, -.05, .3}}
)

func problems() []problem {
	a, mean := []float64{-.34, .074, .074, -.05}, []float64{.3, -.2}
	exact := func(name string, p ito.Path, from, to float64, deep bool) problem {
		m := three
		if _, ok := p.(*path.Momentum); ok {
			m = field.Mixture{D: 1, Means: []float64{-.7, .8}, Var: []float64{.3, .4}}
		}
		return problem{name: name, path: p, field: must(field.NewMixture(p, m)), from: from, to: to, deep: deep}
	}
	vp := path.VP{}
	reverting := must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta, SigmaInf: .3}))
	centred := must(path.NewRowMean(reverting, 0))
	around := must(field.NewMixture(reverting, three))
	pfgm := path.PFGM{Aug: 4, SigmaMax: 5}
	out := []problem{
		exact("vp", vp, 1, 1e-2, true),
		exact("ve", path.VE{SigmaMax: 5}, 1, .1, false),
		exact("subvp", path.SubVP{}, 1, 5e-2, false),
		exact("edm", path.EDM{SigmaMax: 5}, 5, .02, true),
		exact("flow", path.Flow{}, .95, 1e-2, true),
		exact("flow from its end", path.Flow{}, 1, 0, false),
		exact("cosine", path.Cosine{}, .95, 2e-2, false),
		exact("discrete", must(path.NewDiscrete(path.DiscreteConfig{N: 100})), 1, .02, false),
		exact("reverting", must(path.NewReverting(path.RevertingConfig{Mean: mean})), 1, .05, false),
		exact("kinetic", must(path.NewKinetic(path.KineticConfig{Gamma: []float64{.5, .7, .6, .8}, Mean: mean})), .95,
			2e-2, false),
		exact("vsdm", must(path.NewVSDM(path.VSDMConfig{A: a, Mean: mean})), 1, 1e-2, true),
		exact("vsdm diagonal", must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, A: []float64{-.3, .1},
			Mean: mean})), 1, 1e-2, false),
		exact("vsdm logistic", must(path.NewVSDM(path.VSDMConfig{Variant: path.Logistic, A: a})), 1, 1e-2, false),
		exact("piecewise", must(path.NewPiecewise(path.PiecewiseConfig{Grid: []float64{0, .4, 1},
			A: [][]float64{{.1, .2, 0, -.3}, {-.1, .05, .1, 0}}, Mean: mean})), 1, 5e-2, true),
		exact("cld", must(path.NewCLD(path.CLDConfig{D: 1})), 1, 1e-1, true),
		exact("vsmd", must(path.NewVSMD(path.VSMDConfig{D: 1, Av: []float64{-.2}})), 1, 1e-1, false),
		exact("onesided", path.OneSided{}, .95, 1e-2, false),
		exact("onesided trig", path.OneSided{Family: path.TrigFamily}, .95, 1e-2, false),
		{name: "pfgm", path: pfgm, field: must(field.NewPFGM(pfgm, ito.States{N: 3, D: 2, X: three.Means,
			ID: []uint64{0, 1, 2}})), from: 5, to: .05},
		{name: "centred", path: centred, field: shifted{around}, from: 1, to: .05, cond: []float64{.4, -.6}},
	}
	for _, p := range []path.Interpolant{{}, {Family: path.TrigFamily}, {Family: path.EncDec}, {Family: path.Mirror},
		{Family: path.Schrodinger}, {Noise: path.QuadraticNoise}, {Noise: path.SineNoise}, {Noise: path.NoNoise}} {
		pairs := must(field.Independent(three, two))
		if p.Family == path.Mirror {
			pairs = must(field.Same(three))
		}
		out = append(out, problem{name: "interpolant " + p.Family + p.Noise, path: p,
			field: must(field.NewInterpolant(p, pairs)), from: .97, to: .03, deep: p == path.Interpolant{}})
	}
	return out
}

// shifted is the field around a centre that the condition says.
type shifted struct{ *field.Exact }

func (shifted) from(x ito.States, c ito.Cond) ito.States {
	y := x.Clone()
	for i := range y.N {
		for j, m := range c.Row(i) {
			y.Row(i)[j] -= m
		}
	}
	return y
}

func (f shifted) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	return f.Exact.Predict(ctx, dst, f.from(x, c), t, ito.Cond{})
}

func (f shifted) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	return f.Exact.Divergence(ctx, div, f.from(x, c), t, ito.Cond{})
}

func (f shifted) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	return f.Exact.VJP(ctx, dx, f.from(x, c), t, ito.Cond{}, cotangent)
}

// steered is a field that a condition of two numbers moves, so that guidance has something to do.
type steered struct {
	ito.Field
}

func (f steered) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if err := f.Field.Predict(ctx, dst, x, t, ito.Cond{}); err != nil || c.None() {
		return err
	}
	for i := range dst.N {
		for j, v := range c.Row(i) {
			dst.Row(i)[j] += float64(.2 * v)
		}
	}
	return nil
}

// hooks are what may stand around a step, by their words; some paths or predictions refuse some.
func hooks() map[string][]ito.Hook {
	known := ito.States{N: 1, D: 2, X: []float64{.5, -.25}, ID: []uint64{0}}
	pull := func(_ context.Context, dst, x ito.States, _ ito.Times, _ ito.Cond) error {
		for i, v := range x.X {
			dst.X[i] = .3 - v
		}
		return nil
	}
	near := func(i int, x0 []float64) float64 {
		return 1 / (1 + math.Abs(x0[0]-float64(2*i-1)))
	}
	one, other := []float64{1, -.5}, []float64{-1, .5}
	return map[string][]ito.Hook{
		"guide":              {solve.Guide{W: 2}},
		"guide on interval":  {solve.Guide{W: 3, Lo: .2, Hi: 2}},
		"guide rescaled":     {solve.Guide{W: 4, Rescale: .7}},
		"inpaint":            {solve.Inpaint{Mask: []bool{true, false}, Known: known}},
		"threshold":          {solve.Threshold{}},
		"dynamic threshold":  {solve.Threshold{Quantile: .9, Max: 3}},
		"classifier":         {solve.Classifier{Scale: .5, Gradient: pull}},
		"condition schedule": {solve.CondSchedule{T: []float64{1, .5, 0}, Cond: [][]float64{one, other, one}}},
		"conditions held": {solve.CondSchedule{T: []float64{1, .5, 0}, Cond: [][]float64{one, other, one},
			Hold: true}},
		"blend": {solve.Blend{Concepts: [][]float64{one, other}, Reward: near, Steps: 5}},
		"project": {solve.Project{A: []float64{math.Sqrt2 / 2, math.Sqrt2 / 2}, Value: ito.States{N: 1, D: 1,
			X: []float64{.2}, ID: []uint64{0}}}},
		"two hooks": {solve.Guide{W: 2}, solve.Threshold{Quantile: .9}},
	}
}

// worded are solvers with settings.
var worded = []string{
	"ddim:eta=0.5", "ddim:eta=1", "dpmpp-2m:second=taylor", "dpmpp-2m:lower-final=0", "dpmpp-3m:second=midpoint",
	"dpmpp-3m:compat=third-order-factor", "dpmpp-3m:lower-final=always",
	"sde-dpmpp-2m:eta=0.5", "sde-dpmpp-3m:compat=sde3-sign", "sde-dpmpp-3m:compat=sde3-factor", "unipc-3:b=bh1",
	"unipc-3:b=vary", "unipc-3:b=vary:compat=vary-coeff-index", "unipc-2:predict=eps", "unip-3:b=bh1",
	"deis-3:lower-final=15", "ipndm-4:lower-final=15", "edm:churn=10", "edm-geometric:churn=10:min=0.1:max=4:noise=1.01",
	"edm-churn:churn=5",
	"pc:predictor=ancestral", "pc:predictor=em", "pc:predictor=none", "pc:corrector=ald", "pc:corrector=none",
	"pc:snr=0.05", "pc:steps=3", "pc:keep-noise=yes", "pc:predictor=em:compat=em-step", "sscs:stages=2",
	"heun+denoise", "heun+euler", "unipc-3+denoise", "dpmpp-2m+euler", "em+denoise",
}

// solvers are all solvers on all paths, with all hooks and settings on one path of every kind.
func solvers() []group {
	var out []group
	for _, p := range problems() {
		out = append(out, group{"solve " + p.name, func(_ *testing.T, workers int) cases {
			out := cases{}
			for _, s := range solve.Every() {
				p.solve(out, s.Info().Name, p.field, p.scored(s), workers)
			}
			p.also(out, workers)
			if p.deep {
				p.deeply(out, workers)
			}
			return out
		}})
	}
	return out
}

// scored gives the SDE of an interpolant its score.
func (p problem) scored(s ito.Solver) ito.Solver {
	if f, ok := p.field.(*field.Interpolant); ok && s.Info().Name == "interpolant-sde" {
		return solve.InterpolantSDE{Score: f.Score(), Epsilon: func(t float64) float64 { return t * (1 - t) }}
	}
	return s
}

// also is what concerns one solver of a path.
func (p problem) also(out cases, workers int) {
	if f, ok := p.field.(*field.Interpolant); ok {
		p.solve(out, "interpolant-sde by both", p.field, solve.InterpolantSDE{Both: f.Both()}, workers)
	}
	for _, name := range solve.GridNames() {
		g, err := must(solve.GridByName(name))(p.path, p.from, p.to, 7)
		out.set("grid "+name, digest(g...), err)
	}
	if p.cond != nil {
		return
	}
	for _, tol := range []float64{1e-2, 1e-6} {
		s := must(solve.WithTolerance(solve.Dopri5{}, tol))
		p.solve(out, map[bool]string{true: "dopri5 to 1e-6", false: "dopri5 to 1e-2"}[tol < 1e-3], p.field, s, workers)
	}
}

// quick are the solvers, those that choose their own steps with a loose tolerance.
func quick() []ito.Solver {
	all := solve.All()
	for i, s := range all {
		if s.Info().Adaptive {
			all[i] = must(solve.WithTolerance(s, .1))
		}
	}
	return all
}

func (p problem) deeply(out cases, workers int) {
	for _, word := range worded {
		p.solve(out, word, p.field, must(solve.ByName(word)), workers)
	}
	for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
		f, err := field.As(p.field, p.path, kind)
		if err != nil {
			out.set("predicting "+kind.String(), "", err)
			continue
		}
		for _, s := range quick() {
			p.solve(out, s.Info().Name+", predicting "+kind.String(), f, p.scored(s), workers)
		}
	}
	p.cond = []float64{1, -.5}
	for name, h := range hooks() {
		for _, s := range quick() {
			p.solve(out, s.Info().Name+" with "+name, steered{p.field}, p.scored(s), workers, h...)
		}
	}
	for _, s := range quick() {
		p.solve(out, s.Info().Name+" guided everywhere", field.Guided{Field: steered{p.field}, W: 2}, p.scored(s),
			workers)
	}
}

// solve carries six rows along five steps, in as many parts as there are workers, and records where they end and the
// evaluations that it took. What solve.Check refuses is left out.
func (p problem) solve(out cases, name string, f ito.Field, s ito.Solver, workers int, hooks ...ito.Hook) {
	if solve.Check(p.path, s) != nil {
		return
	}
	space := solve.Uniform
	if p.path.Name() == "edm" || p.path.Name() == "pfgm" {
		space = solve.Karras
	}
	grid := must(space(p.path, p.from, p.to, 5))
	x := ito.NewStates(6, 2, 3)
	must(0, start(p, x))
	numbers := newSum()
	var failed error
	for rows := range slices.Chunk([]int{0, 1, 2, 3, 4, 5}, 6/workers) {
		part := x.Slice(rows[0], rows[len(rows)-1]+1)
		o := solve.RunOptions{Noise: ito.Seed(3), Hooks: hooks, Cond: p.condition(part.N)}
		info, err := solve.Run(ctx, p.path, f, part, grid, s, o)
		if err != nil {
			failed = err
			break
		}
		for _, n := range info.Evals {
			numbers.floats(float64(n))
		}
	}
	out.set(name, numbers.floats(x.X...).text(), failed)
}

func (p problem) condition(n int) ito.Cond {
	if p.cond == nil {
		return ito.Cond{}
	}
	return ito.Cond{C: len(p.cond), X: slices.Repeat(p.cond, n)}
}

// start draws from the path's prior, or the drawn end of an interpolant.
func start(p problem, x ito.States) error {
	if !ito.Has(p.path, ito.CapTwoEnded) || p.path.Name() == "onesided" {
		return p.path.Prior(x, p.condition(x.N), ito.Seed(7))
	}
	return two.Draw(x, ito.Seed(7))
}

// densities are log densities under the flow of exact fields, by the exact divergence and by probes.
func densities() []group {
	return []group{{"densities", func(_ *testing.T, workers int) cases {
		out := cases{}
		for _, p := range problems() {
			x := ito.NewStates(4, 2, 0)
			must(0, two.Draw(x, ito.Seed(5)))
			l := solve.Likelihood{Span: [2]float64{p.to, p.from}, Cond: p.condition(2), Tol: 1e-4}
			if ito.Has(p.path, ito.CapTwoEnded) && p.path.Name() != "onesided" || p.path.Name() == "pfgm" {
				l.Density = func(ctx context.Context, dst []float64, x ito.States) error {
					for i := range dst {
						dst[i] = float64(-.5*x.Row(i)[0]*x.Row(i)[0]) - float64(.5*x.Row(i)[1]*x.Row(i)[1])
					}
					return nil
				}
			}
			for name, f := range map[string]ito.Field{"by its divergence": p.field, "by probes": hidden{p.field}} {
				l.ExactDim = 0
				if name == "by probes" {
					l.ExactDim = 1
				}
				s := newSum()
				var failed error
				for rows := range slices.Chunk([]int{0, 1, 2, 3}, 2) {
					d, err := l.Rows(ctx, p.path, f, x.Slice(rows[0], rows[1]+1))
					if err != nil {
						failed = err
						break
					}
					s.floats(d.LogP...).floats(d.Err...)
				}
				out.set(p.name+" "+name, s.text(), failed)
			}
		}
		return out
	}}}
}

// hidden hides the divergence of a field and leaves its products.
type hidden struct{ ito.Field }

func (f hidden) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	if v, ok := f.Field.(ito.VJPer); ok {
		return v.VJP(ctx, dx, x, t, c, cotangent)
	}
	return &ito.UnsupportedError{What: "products", Why: "the field has none"}
}
