package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// Interpolation is the regression of one or two fields of a stochastic interpolant by one network,
//
//	Σ E[|f̂|² − 2T·f̂],   T = İ + γ̇z for b,  İ for v,  z for η,  −z/γ for s,
//
// at f̂(x_t,t): E‖f̂ − T‖² without E|T|², which for b and s is not finite. It has the conditional expectations as its minimiser
// (Albergo, Boffi & Vanden-Eijnden 2023, arXiv:2303.08797, §2). With the regression T̄ of T on x_t
// that [wrap.Pairs] takes out, f̂ = T̄ + out·F, the loss of F is E[out²|F|² − 2 out F·(T−T̄)]: 0 at the start and negative
// then, as what F explains. Each term is divided by the mean over time of out², so that two of them count alike. Where T has 1/γ or γ̇ in it,
// which is b and s, every pair is used twice, with z and −z: the variance of the gradient is then bounded at the ends.
//
// b or v drives the ODE; one of them with η or s drives the SDE of every ε.
type Interpolation struct {
	Targets []path.InterpolantTarget `config:"-"` // what the name says
}

// interpolations are the choices that make sense: a velocity, a score, or both.
var interpolations = []Interpolation{
	{[]path.InterpolantTarget{path.TargetB}}, {[]path.InterpolantTarget{path.TargetV}}, {[]path.InterpolantTarget{path.TargetEta}}, {[]path.InterpolantTarget{path.TargetS}},
	{[]path.InterpolantTarget{path.TargetB, path.TargetEta}}, {[]path.InterpolantTarget{path.TargetB, path.TargetS}},
	{[]path.InterpolantTarget{path.TargetV, path.TargetEta}}, {[]path.InterpolantTarget{path.TargetV, path.TargetS}},
}

// Name returns the targets with a plus between them: b, v, eta, s, b+eta, b+s, v+eta or v+s.
func (o Interpolation) Name() string {
	var names []string
	for _, t := range o.Targets {
		names = append(names, t.String())
	}
	return strings.Join(names, "+")
}

// Predicts returns the velocity, or what v, η or s alone give.
func (o Interpolation) Predicts() ito.Prediction {
	if len(o.Targets) == 1 {
		switch o.Targets[0] {
		case path.TargetV:
			return path.PredReduced
		case path.TargetEta:
			return ito.PredEps
		case path.TargetS:
			return ito.PredScore
		}
	}
	return ito.PredVelocity
}

// antithetic reports a target with 1/γ or γ̇ in it.
func (o Interpolation) antithetic() bool {
	return slices.Contains(o.Targets, path.TargetB) || slices.Contains(o.Targets, path.TargetS)
}

// InterpolantTrainer fits one network to the fields of an interpolant. It is not for concurrent use.
type InterpolantTrainer struct {
	loop
	objective Interpolation
	pairs     Pairs
	batch     *pairBatch
	scale     []float32 // [H]

	path    ito.TwoEnded
	moments ito.Gaussian
}

// NewInterpolantTrainer plans the training of net, which it copies, between two ends. The objective of cfg is an
// [Interpolation]; the network reads D numbers and writes D for each of its targets.
func NewInterpolantTrainer(cfg Config, net *nn.Weights, pairs Pairs) (*InterpolantTrainer, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := pairs.check(); err != nil {
		return nil, err
	}
	o, ok := cfg.Objective.(Interpolation)
	if !ok || len(o.Targets) == 0 || len(o.Targets) > 2 {
		return nil, &ito.UnsupportedError{What: "training an interpolant by " + cfg.Objective.Name(), Why: "it regresses one or two of b, v, η and s", Nearest: "b+eta"}
	}
	d, p := pairs.X0.D, net.Ports
	if p.Reads() != d || p.Writes() != d*len(o.Targets) || p.CondWidth() != pairs.Cond.C {
		return nil, &ito.InputError{Where: "training", What: fmt.Sprintf("a network from %d to %d with %d conditions for %d targets of dimension %d with %d", p.Reads(), p.Writes(), p.CondWidth(), len(o.Targets), d, pairs.Cond.C)}
	}
	t := &InterpolantTrainer{loop: newLoop(cfg, net), objective: o, pairs: pairs, batch: newPairBatch(cfg.Batch, pairs, len(o.Targets)), scale: make([]float32, len(o.Targets))}
	return t, t.compile()
}

// compile traces the loss of one sample and its gradient.
func (t *InterpolantTrainer) compile() error {
	d, h, b := t.pairs.X0.D, len(t.objective.Targets), t.batch
	prog, err := ad.Compile(func(g *ad.Graph) {
		x, feat := g.Input("x", ad.F32, d), g.Input("time", ad.F32, 1)
		target, weight := g.Input("target", ad.F32, h, d), g.Input("weight", ad.F32, h, d)
		var cond ad.Value
		if t.pairs.Cond.C > 0 {
			cond = g.Input("condition", ad.F32, t.pairs.Cond.C)
		}
		scale := g.Shared("scale", ad.F32, h)
		params := t.net.Declare(g, ad.F32)
		out := ad.Reshape(t.net.Apply(g, params, x, feat, cond), h, d)
		each := ad.Mean(ad.Mul(weight, ad.Mul(out, ad.Sub(out, ad.Scale(target, 2)))), 1)
		t.outputs(g, ad.BatchMean(ad.Sum(ad.Mul(scale, each))), params)
	})
	if err != nil {
		return err
	}
	in := []ad.Array{ad.F32s(b.X), ad.F32s(b.Feat), ad.F32s(b.Target), ad.F32s(b.Weight)}
	if t.pairs.Cond.C > 0 {
		in = append(in, ad.F32s(b.cond))
	}
	t.plan(prog, append(in, ad.F32s(t.scale))...)
	return nil
}

// Bind puts the network on a path. Targets that the path does not have are an [ito.InputError].
func (t *InterpolantTrainer) Bind(p ito.TwoEnded) error {
	i, _ := p.(path.Interpolant)
	mirror := i.Family == path.Mirror
	m, err := t.pairs.moments(mirror)
	if err != nil {
		return err
	}
	s, err := wrap.NewPairs(p, m, t.objective.Targets...)
	if err != nil {
		return err
	}
	lo, hi := s.Span()
	clock := clock{lo: lo, hi: hi, n: t.cfg.Times}
	t.path, t.moments = p, m
	antithetic := t.objective.antithetic()
	t.fill = func(step uint32) error {
		return t.batch.fill(t.pairs, s, clock, antithetic, mirror, t.cfg.Seed, step, t.cfg.Dropout)
	}
	return t.setScale(s, clock)
}

// setScale divides every target's term by the mean of its weights over time.
func (t *InterpolantTrainer) setScale(s *wrap.Pairs, clock clock) error {
	const n = 256
	d, heads := t.pairs.X0.D, len(t.scale)
	b, x := wrap.NewPairBatch(n, d, heads), ito.NewStates(n, d, 0)
	times := make(ito.Times, n)
	for i := range times {
		times[i] = clock.at((float64(i) + .5) / n)
	}
	if err := s.Prepare(b, x, x, x, times); err != nil {
		return err
	}
	for h := range heads {
		sum := 0.0
		for i := range n {
			for k := range d {
				sum += float64(b.Weight[(i*heads+h)*d+k])
			}
		}
		t.scale[h] = 1
		if sum > 0 {
			t.scale[h] = float32(n * float64(d) / sum)
		}
	}
	return nil
}

// Moments are those of the pairs, which scale the network.
func (t *InterpolantTrainer) Moments() ito.Gaussian { return t.moments }

// Field is the field of the moving average of the weights on the path that the network is bound to. It is a copy.
func (t *InterpolantTrainer) Field() (*field.Net, error) {
	if t.path == nil {
		return nil, errUnbound
	}
	net, err := t.average()
	if err != nil {
		return nil, err
	}
	kind := t.objective.Predicts()
	if kind == path.PredReduced && t.path.Interpolation(.5).Gamma == 0 {
		kind = ito.PredVelocity // without noise v is b
	}
	return field.NewBetween(t.path, net, t.moments, t.objective.Targets, kind)
}
