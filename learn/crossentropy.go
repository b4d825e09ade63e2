package learn

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// CrossEntropy trains logits of tokens on a jump path that replaces tokens (see [path.Replacing]). Its loss is the
// negative evidence lower bound of the reverse process in continuous time, in nats a token. On a path with a mask,
//
//	∫ −α̇/(1−α) E Σ_{x_t,j masked} −log p(x_0,j | x_t) dt / D
//
// (Sahoo et al. 2024, arXiv:2406.07524, eq. 10; Shi et al. 2024, arXiv:2406.04329, eq. 4), and on others, with R the
// true and S the learnt reverse rates of a jump from b = x_t,j to a,
//
//	∫ −α̇/(α(1−α)) E Σ_j Σ_{a≠b} (S_a − R_a + R_a log(R_a/S_a)) dt / D,
//
//	S_a = α p_a + (1−α)π_a W,   W = 1 − p_b α/(α+(1−α)π_b),
//
// R being S for p the point mass at x_0,j (Campbell et al. 2022, arXiv:2205.14987, proposition 3; Schiff et al. 2024,
// arXiv:2412.10193, eq. 13). Times are continuous, a stratum for each row, whatever [Config.Times] is, and stay
// a thousandth of the span away from its ends.
//
// The minimiser is P(x_0,j = v | x_t), and of a path with a mask the bound is then the entropy of the data: every
// order of the tokens is as good as any other.
type CrossEntropy struct {
	// Weights of the times: bound, as above, or even, 1 for every masked token, which has the same minimiser and less
	// variance, and needs a path with a mask; "" means bound.
	Weights string `json:"weights" default:"bound" enum:"bound,even" help:"Weights of the times: bound, those of the evidence lower bound, or even, for a path with a mask."`
}

// Name returns "cross-entropy".
func (CrossEntropy) Name() string { return "cross-entropy" }

// Predicts returns logits.
func (CrossEntropy) Predicts() ito.Prediction { return ito.PredLogits }

// Ports implements Objective. Tokens are read with a level more than the data have, the mask.
func (CrossEntropy) Ports(s ito.Space, cond int, _ bool) nn.Ports {
	p := PortsOf(s, cond, 1, 1)
	for i := range p.X {
		if p.X[i].Levels > 0 {
			p.X[i].Levels++
		}
	}
	return p
}

// Moments implements Objective: tokens have none.
func (o CrossEntropy) Moments(pr Setup) (ito.Gaussian, error) {
	if !pr.Source.Space().Tokens() {
		return ito.Gaussian{}, &ito.UnsupportedError{What: "objective " + o.Name() + " on numbers",
			Why: "it is for tokens", Nearest: ScoreMatching{}.Name()}
	}
	return ito.Gaussian{}, nil
}

// Bind implements Objective.
func (o CrossEntropy) Bind(p ito.Path, pr Setup) (Bound, error) { return bound(bindTokens(o, p, pr)) }

// tokenLoss is the loss of [CrossEntropy].
type tokenLoss struct {
	path path.Replacing
	wrap *wrap.Tokens
	even bool
	mask int       // −1: none
	π    []float64 // [V] where there is no mask

	clock  clock
	rows   *batch
	xt     ito.States
	t      ito.Times
	x      []float32 // [N,D] x_t
	at, to []int32   // [N,D] x_t and x_0
	feat   []float32 // [N]
	weight []float32 // [N,D] of the tokens where there is a mask, else [N] of the rows
	α      []float32 // [N], and 1−α
	rest   []float32
}

func bindTokens(o CrossEntropy, p ito.Path, pr Setup) (*tokenLoss, error) {
	space := pr.Source.Space()
	refuse := func(what, why, nearest string) (*tokenLoss, error) {
		return nil, &ito.UnsupportedError{What: what, Why: why, Nearest: nearest}
	}
	j, ok := p.(path.Replacing)
	switch {
	case !space.Tokens():
		return refuse("objective "+o.Name()+" on numbers", "it is for tokens", ScoreMatching{}.Name())
	case !ok:
		return refuse("objective "+o.Name()+" on path "+p.Name(), "the path does not replace tokens", "path absorbing")
	}
	for _, part := range space.Parts {
		if part.Levels != j.Data() || part.Symmetric || part.Hollow || part.Nodes > 0 && space.Mask != nil {
			return refuse("part "+part.Name+" on path "+p.Name(), "every token jumps by itself among the same levels",
				"a part of as many levels as the path, without symmetry")
		}
	}
	d, n := space.Dim(), pr.Batch
	if err := ownWrapping(o, p, pr, wrap.TokensMaker{}.Kind()); err != nil {
		return nil, err
	}
	w, err := wrap.NewTokens(j, d)
	if err != nil {
		return nil, err
	}
	l := &tokenLoss{path: j, wrap: w, even: o.Weights == "even", mask: path.Mask(j), clock: newClock(p, 0),
		rows: newBatch(pr), t: make(ito.Times, n), x: make([]float32, n*d), at: make([]int32, n*d),
		to: make([]int32, n*d), feat: make([]float32, n), weight: make([]float32, n*d)}
	l.xt = l.rows.x0.Like(d)
	if l.mask >= 0 {
		return l, nil
	}
	if l.even {
		return refuse("even weights on path "+p.Name(), "it has no mask, and every token counts at all times", "bound")
	}
	l.weight, l.α, l.rest = make([]float32, n), make([]float32, n), make([]float32, n)
	l.π = make([]float64, j.Levels())
	j.Limit(l.π)
	for _, π := range l.π {
		if !(π > 0) || j.Levels() != j.Data() {
			return refuse("objective "+o.Name()+" on path "+p.Name(), "its prior has neither a mask nor every level",
				"path uniform")
		}
	}
	return l, nil
}

// Rows implements Loss.
func (l *tokenLoss) Rows() int { return len(l.t) }

// Trace implements Loss.
func (l *tokenLoss) Trace(g *ad.Graph, nets []Apply) ad.Value {
	d, v := l.xt.D, l.path.Data()
	x, time := g.Input("x", ad.F32, d), g.Input("time", ad.F32, 1)
	var cond ad.Value
	if c := l.rows.source.CondWidth(); c > 0 {
		cond = g.Input("condition", ad.F32, c)
	}
	to := ad.Reshape(g.Input("target", ad.I32, d), d, 1)
	logp := ad.LogSoftmax(ad.Reshape(nets[0](x, time, cond), d, v), 1)
	if l.mask >= 0 {
		weight := g.Input("weight", ad.F32, d)
		hit := ad.Reshape(ad.TakeAlong(logp, to, 1), d)
		return ad.Neg(ad.BatchMean(ad.Mean(ad.Mul(weight, hit))))
	}
	at := ad.Reshape(g.Input("at", ad.I32, d), d, 1)
	weight, α, rest := g.Input("weight", ad.F32, 1), g.Input("alpha", ad.F32, 1), g.Input("rest", ad.F32, 1)
	rates := l.rates(g, ad.Exp(logp), at, to, α, rest)
	return ad.BatchMean(ad.Mean(ad.Mul(weight, rates)))
}

// rates is Σ_{a≠b} (S_a − R_a + R_a log(R_a/S_a)) of every token, [D].
func (l *tokenLoss) rates(g *ad.Graph, p, at, to, α, rest ad.Value) ad.Value {
	d, v := l.xt.D, l.path.Data()
	levels := make([]float64, v)
	for i := range levels {
		levels[i] = float64(i)
	}
	wide := func(x ad.Value) ad.Value { return ad.BroadcastTo(x, d, v) }
	each := wide(ad.Reshape(g.Const(ad.I32, levels, v), 1, v))
	isB, isTo := ad.Equal(wide(at), each), ad.Equal(wide(to), each)
	none := ad.Zeros(p)
	pick := func(x ad.Value) ad.Value { return ad.Reshape(ad.Sum(ad.Select(isB, x, none), 1), d, 1) }
	others := func(x ad.Value) ad.Value { return ad.Reshape(ad.Sum(ad.Select(isB, none, x), 1), d, 1) }
	e := wide(ad.Reshape(ad.Mul(rest, g.Const(ad.F32, l.π, v)), 1, v)) // (1−α)π
	eb := pick(e)
	kept := ad.Div(eb, ad.Add(eb, α)) // of the weight of b
	w := ad.Add(others(p), ad.Mul(pick(p), kept))
	s := ad.Add(ad.Mul(α, p), ad.Mul(e, w))
	moved := ad.Add(e, ad.Mul(α, ad.Select(isTo, ad.Shift(none, 1), none))) // R where x_0 is not b
	r := ad.Select(wide(ad.Equal(at, to)), ad.Mul(e, kept), moved)
	term := ad.Add(ad.Sub(s, r), ad.Mul(r, ad.Sub(ad.Log(r), ad.Log(s))))
	return ad.Reshape(others(term), d)
}

// Inputs implements Loss.
func (l *tokenLoss) Inputs() []ad.Array {
	in := []ad.Array{ad.F32s(l.x), ad.F32s(l.feat)}
	if len(l.rows.cond) > 0 {
		in = append(in, ad.F32s(l.rows.cond))
	}
	in = append(in, ad.I32s(l.to))
	if l.mask < 0 {
		in = append(in, ad.I32s(l.at))
	}
	in = append(in, ad.F32s(l.weight))
	if l.mask < 0 {
		in = append(in, ad.F32s(l.α), ad.F32s(l.rest))
	}
	return in
}

// Outputs implements Loss.
func (*tokenLoss) Outputs() []ad.Array { return nil }

// tokenEnds is the part of the span that times stay away from its ends.
const tokenEnds = 1e-3

// Draw implements Loss.
func (l *tokenLoss) Draw(_ context.Context, step uint32, _ *ad.Pool) error {
	b := l.rows
	if err := b.fill(step); err != nil {
		return err
	}
	l.clock.draw(l.t, b.x0.ID, b.seed, step)
	lo, hi := l.path.Span()
	for i, t := range l.t {
		l.t[i] = math.Min(math.Max(lo+(hi-lo)*tokenEnds+(t-lo)*(1-2*tokenEnds), lo), hi)
	}
	if err := l.path.Perturb(l.xt, b.x0, l.t, b.conditions(), stepNoise{b.seed, step}); err != nil {
		return err
	}
	d := l.xt.D
	for i, t := range l.t {
		α, dα := l.path.Keep(t)
		l.feat[i] = float32(l.wrap.Feature(t))
		if l.mask < 0 {
			l.α[i], l.rest[i], l.weight[i] = float32(α), float32(1-α), float32(-dα/(α*(1-α)))
		}
		for k := i * d; k < (i+1)*d; k++ {
			v := l.xt.X[k]
			l.x[k], l.at[k], l.to[k] = float32(v), int32(v), int32(b.x0.X[k])
			if l.mask < 0 {
				continue
			}
			switch {
			case int(v) != l.mask:
				l.weight[k] = 0
			case l.even:
				l.weight[k] = 1
			default:
				l.weight[k] = float32(-dα / (1 - α))
			}
		}
	}
	return nil
}

// Field implements Bound.
func (l *tokenLoss) Field(net *nn.Weights) (*field.Net, error) {
	return field.NewNet(l.wrap, net, ito.PredLogits)
}
