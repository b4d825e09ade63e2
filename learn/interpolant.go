package learn

import (
	"context"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// Interpolation is the regression of one or two fields of a stochastic interpolant by one network,
//
//	Σ E[|f̂|² − 2T·f̂],   T = İ + γ̇z for b,  İ for v,  z for η,  −z/γ for s,
//
// at f̂(x_t,t): E‖f̂ − T‖² without E|T|², which for b and s is not finite. It has the conditional expectations as
// its minimiser (Albergo, Boffi & Vanden-Eijnden 2023, arXiv:2303.08797, §2). With the regression T̄ of T on x_t
// that [wrap.Pairs] takes out, f̂ = T̄ + out·F, the loss of F is E[out²|F|² − 2 out F·(T−T̄)]: 0 at the start and
// negative then, as what F explains. Each term is divided by the mean over time of out², so that two of them count
// alike. Where T has 1/γ or γ̇ in it, which is b and s, every pair is used twice, with z and −z: the variance of
// the gradient is then bounded at the ends.
//
// b or v drives the ODE; one of them with η or s drives the SDE of every ε.
type Interpolation struct {
	Targets []path.InterpolantTarget `config:"-"` // what the name says
}

// interpolations are the choices that make sense: a velocity, a score, or both.
var interpolations = []Interpolation{
	{[]path.InterpolantTarget{path.TargetB}}, {[]path.InterpolantTarget{path.TargetV}},
	{[]path.InterpolantTarget{path.TargetEta}}, {[]path.InterpolantTarget{path.TargetS}},
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

// Ports implements Objective: an output of the width of a state for each target.
func (o Interpolation) Ports(s ito.Space, cond int, _ bool) nn.Ports {
	return PortsOf(s, cond, 1, len(o.Targets))
}

// Moments implements Objective: of pairs of ends (x_0,x_1), of 2D dimensions, as far as they do not depend on the
// path. Those of a mirror, whose drawn end is the sampled one, are made by Bind.
func (o Interpolation) Moments(pr Setup) (ito.Gaussian, error) {
	if err := pr.Drawn.check(pr.Source); err != nil {
		return ito.Gaussian{}, err
	}
	return pr.Drawn.moments(pr.Source, false)
}

// Bind implements Objective. Targets that the path does not have are an [ito.InputError].
func (o Interpolation) Bind(p ito.Path, pr Setup) (Bound, error) {
	two, ok := p.(ito.TwoEnded)
	space := pr.Source.Space()
	switch {
	case !ok:
		return nil, &ito.UnsupportedError{What: "training by " + o.Name() + " on path " + p.Name(),
			Why: "it has one end, and an interpolant two", Nearest: "interpolant"}
	case len(o.Targets) == 0 || len(o.Targets) > 2:
		return nil, &ito.UnsupportedError{What: "training an interpolant by " + o.Name(),
			Why: "it regresses one or two of b, v, η and s", Nearest: "b+eta"}
	case !space.Real() || !space.Free():
		return nil, &ito.UnsupportedError{What: "an interpolant of states with rules",
			Why: "its ends and its noise leave them", Nearest: ScoreMatching{}.Name()}
	}
	if err := pr.Drawn.check(pr.Source); err != nil {
		return nil, err
	}
	mirror := path.SameEnds(p)
	m, err := pr.Drawn.moments(pr.Source, mirror)
	if err != nil {
		return nil, err
	}
	if err := ownWrapping(o, p, pr, wrap.PairsMaker{}.Kind()); err != nil {
		return nil, err
	}
	cross, err := pr.Drawn.columnCross(pr.Source, m, mirror)
	if err != nil {
		return nil, err
	}
	w, err := wrap.NewCoupledPairs(two, m, cross, o.Targets...)
	if err != nil {
		return nil, err
	}
	lo, hi := w.Span()
	b := &interpolating{o: o, path: two, wrap: w, mirror: mirror, drawn: pr.Drawn, clock: clock{lo: lo, hi: hi,
		n: pr.Times},
		rows: newBatch(pr), scale: make([]float32, len(o.Targets)), t: make(ito.Times, pr.Batch)}
	b.in = wrap.NewPairBatch(pr.Batch, space.Dim(), len(o.Targets))
	b.x1, b.z = b.rows.x0.Like(space.Dim()), b.rows.x0.Like(space.Dim())
	b.together = sharedTimes(pr.Batch, space.Dim())
	return b, b.setScale()
}

// interpolating is the loss of an Interpolation on a path.
type interpolating struct {
	o      Interpolation
	path   ito.TwoEnded
	wrap   *wrap.Pairs
	mirror bool
	drawn  Drawn
	clock  clock
	rows   *batch
	in     *wrap.PairBatch
	x1, z  ito.States
	t      ito.Times
	scale  []float32 // [H]

	together []int // see [regression]
}

// Noise implements Random: a network may have layers that draw in training.
func (b *interpolating) Noise() (uint64, rng.Purpose) { return b.rows.seed, rng.PurposeProgram }

// setScale divides every target's term by the mean of its weights over time.
func (b *interpolating) setScale() error {
	const n = 256
	d, heads := b.rows.x0.D, len(b.scale)
	in, x := wrap.NewPairBatch(n, d, heads), ito.NewStates(n, d, 0)
	times := make(ito.Times, n)
	for i := range times {
		times[i] = b.clock.at((float64(i) + .5) / n)
	}
	if err := b.wrap.Prepare(in, x, x, x, times); err != nil {
		return err
	}
	for h := range heads {
		sum := 0.0
		for i := range n {
			for k := range d {
				sum += float64(in.Weight[(i*heads+h)*d+k])
			}
		}
		b.scale[h] = 1
		if sum > 0 {
			b.scale[h] = float32(n * float64(d) / sum)
		}
	}
	return nil
}

// Rows implements Loss.
func (b *interpolating) Rows() int { return b.in.N }

// Trace implements Loss.
func (b *interpolating) Trace(g *ad.Graph, nets []Apply) ad.Value {
	d, h := b.in.D, b.in.H
	x, feat := g.Input("x", ad.F32, d), g.Input("time", ad.F32, 1)
	target, weight := g.Input("target", ad.F32, h, d), g.Input("weight", ad.F32, h, d)
	var cond ad.Value
	if c := b.rows.source.CondWidth(); c > 0 {
		cond = g.Input("condition", ad.F32, c)
	}
	scale := g.Shared("scale", ad.F32, h)
	out := ad.Reshape(nets[0](x, feat, cond), h, d)
	each := ad.Mean(ad.Mul(weight, ad.Mul(out, ad.Sub(out, ad.Scale(target, 2)))), 1)
	return ad.BatchMean(ad.Sum(ad.Mul(scale, each)))
}

// Inputs implements Loss.
func (b *interpolating) Inputs() []ad.Array {
	in := []ad.Array{ad.F32s(b.in.X), ad.F32s(b.in.Feat), ad.F32s(b.in.Target), ad.F32s(b.in.Weight)}
	if len(b.rows.cond) > 0 {
		in = append(in, ad.F32s(b.rows.cond))
	}
	return append(in, ad.F32s(b.scale))
}

// Outputs implements Loss.
func (*interpolating) Outputs() []ad.Array { return nil }

// SameProgram implements Retraced.
func (b *interpolating) SameProgram(old Loss) bool {
	o, ok := old.(*interpolating)
	return ok && o.in.N == b.in.N && o.in.D == b.in.D && o.in.H == b.in.H && len(o.rows.cond) == len(b.rows.cond)
}

// Draw implements Loss: rows of both ends, noise, times and dropped conditions of a step, as the wrapping prepares
// them. With antithetic targets every second row is the one before with the noise's sign turned.
func (b *interpolating) Draw(_ context.Context, step uint32, _ *ad.Pool) error {
	r := b.rows
	if err := r.fill(step); err != nil {
		return err
	}
	ids, seed := r.x0.ID, r.seed
	if err := b.drawn.fill(b.x1, r, step, b.mirror); err != nil {
		return err
	}
	rng.NewKey(seed, rng.PurposePath, step, 0).Normals64(b.z.X, b.z.D, ids)
	if b.together != nil {
		b.clock.drawTogether(b.t, ids, b.together, seed, step)
	} else {
		b.clock.draw(b.t, ids, seed, step)
	}
	if b.o.antithetic() {
		c := r.source.CondWidth()
		for i := 1; i < len(ids); i += 2 {
			copy(r.x0.Row(i), r.x0.Row(i-1))
			copy(b.x1.Row(i), b.x1.Row(i-1))
			copy(r.cond[i*c:(i+1)*c], r.cond[(i-1)*c:i*c])
			b.t[i] = b.t[i-1]
			for k, z := range b.z.Row(i - 1) {
				b.z.Row(i)[k] = -z
			}
		}
	}
	return b.wrap.Prepare(b.in, r.x0, b.x1, b.z, b.t)
}

// Field implements Bound.
func (b *interpolating) Field(net *nn.Weights) (*field.Net, error) {
	kind := b.o.Predicts()
	if kind == path.PredReduced && b.path.Interpolation(.5).Gamma == 0 {
		kind = ito.PredVelocity // without noise v is b
	}
	return field.NewNet(b.wrap, net, kind)
}
