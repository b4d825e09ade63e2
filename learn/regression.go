package learn

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// regression is the loss of predictions on paths from one end,
//
//	E_t Σ_k w_k ((QᵀF(x̃,c))_k − F*_k)²/D,   x_t = μ + Qα Qᵀ(x_0−μ) + Qσ Qᵀε,
//
// with F what the network writes, F* and w the target and weight that the wrapping makes of x_0, ε and t for the
// error of a kind of prediction, and Q the basis of the wrapping. On a momentum path it is hybrid score matching, E
// ‖ε̂_v − ε_v‖² with v_0 integrated out. On a [path.Noisy] path ε is its own noise (x_t−x_0)/σ, so that the network
// is the denoiser of that kernel, x̂_0 = x − σε̂.
type regression struct {
	path  ito.Path
	kind  ito.Prediction
	wrap  wrap.Trainable
	clock clock
	turns bool          // the program takes a basis
	tails path.NoiseLaw // nil: normal
	holes *holes        // of a source that may have some; nil: of others
	means ito.RowMean   // where rows count from means of their own
	μ     ito.States

	rows     *batch
	in       *wrap.Batch
	t        ito.Times
	together []int // bounds of the groups of rows that share a time; nil: each has its own
	scale    [1]float32
	basis    []float32
	parts    parts
}

// regress makes the loss of a kind of prediction in a wrapping.
func regress(p ito.Path, w wrap.Trainable, kind ito.Prediction, pr Setup, levels *levels) (*regression, error) {
	d, sizes := pr.Source.Space().Dim(), w.Sizes()
	r := &regression{path: p, kind: kind, wrap: w, clock: newClock(p, pr.Times), rows: newBatch(pr),
		t: make(ito.Times, pr.Batch)}
	r.clock.levels = levels
	r.together = sharedTimes(pr.Batch, d)
	r.in = wrap.NewBatch(pr.Batch, d)
	if sizes.Reads > d {
		r.in = wrap.NewMomentumBatch(pr.Batch, d)
	}
	r.turns = w.Basis() != nil
	if diagonal, ok := p.(ito.Diagonal); ok && diagonal.Modes() > 1 && d <= fullMoments {
		r.turns = true // a path of modes may have a basis later
	}
	if r.turns {
		r.basis = make([]float32, d*d)
		for i := range d {
			r.basis[i*d+i] = 1
		}
		for i, v := range w.Basis() {
			r.basis[i] = float32(v)
		}
	}
	if n, ok := p.(path.Noisy); ok {
		r.tails = n.Law()
	}
	var err error
	if r.holes, err = newHoles(pr, w, r.turns); err != nil {
		return nil, err
	}
	return r, r.setScale()
}

// Rows of more than [ito.DefaultFull] columns have a time together with up to sharedTime−1 neighbours, so long as a
// batch has leastTimes: what a wrapping computes of a time is done once for all of them. A row's time has the same law,
// and those of a batch cover the path evenly.
const sharedTime, leastTimes = 8, 32

// sharedTimes are the bounds of the groups of n rows of d columns that share a time; nil: each has its own.
func sharedTimes(n, d int) []int {
	if size := min(sharedTime, n/leastTimes); d > fullMoments && size > 1 {
		return together(n, size)
	}
	return nil
}

// setScale divides the loss by the mean of its weights where they are not at most 1, as those of a velocity
// in the user's units are not: clipping then means the same for every path. The minimiser is the same.
func (r *regression) setScale() error {
	r.scale[0] = 1
	if r.kind == ito.PredEps || r.clock.levels != nil {
		return nil
	}
	const n = 64
	d := r.rows.x0.D
	b, x := wrap.NewBatch(n, d), ito.NewStates(n, d, 0)
	times := make(ito.Times, n)
	for i := range times {
		times[i] = r.clock.at((float64(i) + .5) / n)
	}
	if err := r.wrap.Prepare(b, x, x, times, r.kind); err != nil {
		return err
	}
	sum := 0.0
	for _, w := range b.Weight {
		sum += float64(w)
	}
	if mean := sum / float64(len(b.Weight)); mean > 0 && !math.IsInf(mean, 0) {
		r.scale[0] = float32(1 / mean)
	}
	return nil
}

// Rows implements Loss.
func (r *regression) Rows() int { return r.in.N }

// Noise implements Random: a network may have layers that draw in training.
func (r *regression) Noise() (uint64, rng.Purpose) { return r.rows.seed, rng.PurposeProgram }

// regressionPorts are the inputs of the loss.
type regressionPorts struct{ x, time, target, weight, cond, scale, basis ad.Value }

// declare declares them.
func (r *regression) declare(g *ad.Graph) (p regressionPorts) {
	d := r.in.D
	p.x, p.time = g.Input("x", ad.F32, r.in.In), g.Input("time", ad.F32, 1)
	p.target, p.weight = g.Input("target", ad.F32, d), g.Input("weight", ad.F32, d)
	if c := r.rows.source.CondWidth(); c > 0 {
		p.cond = g.Input("condition", ad.F32, c)
	}
	p.scale = g.Shared("scale", ad.F32)
	if r.turns {
		p.basis = g.Shared("basis", ad.F32, d, d)
	}
	return p
}

// error is the loss of out, what the network wrote.
func (r *regression) error(p regressionPorts, out ad.Value) ad.Value {
	if r.turns {
		out = ad.MatMul(out, p.basis)
	}
	return ad.Mul(p.scale, ad.BatchMean(ad.Mean(ad.Mul(p.weight, ad.Square(ad.Sub(out, p.target))))))
}

// Trace implements Loss.
func (r *regression) Trace(g *ad.Graph, nets []Apply) ad.Value {
	p := r.declare(g)
	return r.error(p, nets[0](p.x, p.time, p.cond))
}

// Inputs implements Loss.
func (r *regression) Inputs() []ad.Array {
	in := []ad.Array{ad.F32s(r.in.X), ad.F32s(r.in.Feat), ad.F32s(r.in.Target), ad.F32s(r.in.Weight)}
	if len(r.rows.cond) > 0 {
		in = append(in, ad.F32s(r.rows.cond))
	}
	in = append(in, ad.F32s(r.scale[:]))
	if r.turns {
		in = append(in, ad.F32s(r.basis))
	}
	return in
}

// Outputs implements Loss.
func (*regression) Outputs() []ad.Array { return nil }

// SameProgram implements Retraced.
func (r *regression) SameProgram(old Loss) bool {
	o, ok := old.(*regression)
	return ok && o.turns == r.turns && o.in.N == r.in.N && o.in.In == r.in.In && o.in.D == r.in.D &&
		len(o.rows.cond) == len(r.rows.cond)
}

// Field implements Bound.
func (r *regression) Field(net *nn.Weights) (*field.Net, error) {
	kind := r.kind
	if _, moves := r.path.(path.Hybrid); moves {
		kind = ito.PredScore
	}
	return field.NewNet(r.wrap, net, kind)
}

// rowPorts are the ports of objectives on rows of one end.
func rowPorts(s ito.Space, cond int, velocities bool) nn.Ports {
	if velocities {
		return PortsOf(s, cond, 2, 1)
	}
	return PortsOf(s, cond, 1, 1)
}

// bindRows is the loss of one kind of prediction on rows of one end.
func bindRows(o Objective, p ito.Path, pr Setup) (*regression, error) {
	refuse := func(why, nearest string) (*regression, error) {
		return nil, &ito.UnsupportedError{What: "training on path " + p.Name(), Why: why, Nearest: nearest}
	}
	space := pr.Source.Space()
	if !space.Real() {
		return nil, &ito.UnsupportedError{What: "objective " + o.Name() + " on tokens", Why: "it adds noise to numbers",
			Nearest: CrossEntropy{}.Name()}
	}
	if m, ok := p.(path.Hybrid); ok {
		switch {
		case p.Dim() != 2*space.Dim():
			return refuse(fmt.Sprintf("its states have dimension %d and the data %d", p.Dim(), space.Dim()),
				"a path of twice the dimension of the data")
		case o.Predicts() != ito.PredEps:
			return refuse("a network there learns the score of the velocity, not a "+o.Predicts().String(),
				ScoreMatching{}.Name())
		case !space.Free():
			return refuse("velocities have no rules of a space", "vp")
		}
		if err := ownWrapping(o, p, pr, wrap.MomentumMaker{}.Kind()); err != nil {
			return nil, err
		}
		w, err := wrap.NewMomentum(m, pr.Moments)
		if err != nil {
			return nil, err
		}
		return regress(p, w, o.Predicts(), pr, nil)
	}
	if c, ok := p.(ito.RowMean); ok {
		return bindCentred(o, c, pr)
	}
	d, ok := p.(ito.Diagonal)
	_, ends := p.(ito.TwoEnded)
	switch {
	case !ok && ends:
		return refuse("it lies between two ends, and "+o.Name()+" begins at one", "b+eta")
	case !ok:
		return refuse("it is neither diagonal nor a momentum path", "vp")
	case !ito.Has(p, ito.CapGaussian) && !heavyTailed(p):
		return refuse("the trainer does not know how to draw its noise, which is not Gaussian", "edm")
	case heavyTailed(p) && !space.Free():
		return refuse("its noise has no rules of a space", "edm")
	}
	levels, err := newLevels(o, p, pr.Moments)
	if err != nil {
		return nil, err
	}
	w, err := wrapped(d, o, pr)
	if err != nil {
		return nil, err
	}
	return regress(p, w, o.Predicts(), pr, levels)
}

// wrapped is the wrapping that a setup asks for, of rows of one end, or that of the moments of the data.
func wrapped(p ito.Diagonal, o Objective, pr Setup) (wrap.Trainable, error) {
	if pr.Wrapping == nil {
		return wrap.NewMoments(p, pr.Moments)
	}
	d := pr.Source.Space().Dim()
	made, err := pr.Wrapping.Wrap(p, wrap.Setting{Moments: pr.Moments, Dim: d})
	if err != nil {
		return nil, err
	}
	w, ok := made.(wrap.Trainable)
	if s := made.Sizes(); !ok || s != (wrap.Sizes{State: d, Reads: d, Writes: d}) {
		return nil, &ito.UnsupportedError{What: "training in wrapping " + pr.Wrapping.Kind(),
			Why:     o.Name() + " needs one that prepares its targets, a number for each of a state",
			Nearest: wrap.MomentsMaker{}.Kind()}
	}
	return w, nil
}

// ownWrapping refuses the choice of another wrapping than kind where there is none.
func ownWrapping(o Objective, p ito.Path, pr Setup, kind string) error {
	if pr.Wrapping == nil {
		return nil
	}
	if pr.Wrapping.Kind() == kind { // as the objective makes it, of the data
		if w, err := wrap.Word(pr.Wrapping); err != nil || w == kind {
			return err
		}
	}
	return &ito.UnsupportedError{What: "wrapping " + pr.Wrapping.Kind() + " with objective " + o.Name() + " on path " +
		p.Name(), Why: "there the wrapping is the objective's own", Nearest: "wrapping " + kind}
}

// heavyTailed reports a path whose noise is not Gaussian and can be drawn.
func heavyTailed(p ito.Path) bool { _, ok := p.(path.Noisy); return ok }
