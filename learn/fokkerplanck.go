package learn

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/wrap"
)

// FokkerPlanck is denoising score matching of a potential u_θ, whose score is ∇u_θ, with a penalty on the residual
// r of the Fokker–Planck equation of its log density (see [wrap.Potential.Residual]),
//
//	E ‖ε̂_θ − ε‖²/D + Weight · E_t (σ²/s) Var_x(r | t)/D,   s = α²s_0 + σ².
//
// Where r is the same for all x of a time, the flow and the SDE of the score carry the same marginals: their gap is
// what the penalty closes (Lai et al. 2023, arXiv:2210.04296, for the score; Deveney et al. 2023, arXiv:2311.15996,
// for the potential and the gap). A potential is known up to a function of time and so is its residual: its
// variance over x is taken over the rows of a batch that share a time, [Rows] of each, with the divisor n−1. r is
// in units of a log density per unit of log(σ²/α²), which moves mass over distances of the order of σ: hence σ²/s,
// the mean over the modes, without which the least noise would outweigh everything.
//
// The network has one output, the path one mode. In the plane a step costs about four times one without the penalty.
type FokkerPlanck struct {
	// 0: plain score matching of a potential
	Weight float64 `min:"0" help:"Weight of the residual; 0: plain score matching."`
	// of a batch with one time, at least 2 of them; 0: 8. Some groups have more where it does not divide the batch
	Rows int `min:"0" help:"Rows of a batch with one time; 0: 8."`
}

// Name returns "fokker-planck".
func (FokkerPlanck) Name() string { return "fokker-planck" }

// Predicts returns ε.
func (FokkerPlanck) Predicts() ito.Prediction { return ito.PredEps }

// group is the number of rows with one time in batches of n.
func (o FokkerPlanck) group(n int) int {
	if o.Rows == 0 {
		return min(8, n)
	}
	return o.Rows
}

func (o FokkerPlanck) check(batch int) error {
	g := o.group(batch)
	if !(o.Weight >= 0) || math.IsInf(o.Weight, 0) || g < 2 || batch < g {
		return &ito.InputError{Where: "objective fokker-planck",
			What: fmt.Sprintf("weight %g on groups of %d in batches of %d rows", o.Weight, g, batch),
			Do:   "give a weight that is not negative, and batches of at least one group of 2"}
	}
	return nil
}

// Ports implements Objective: the network is a potential, one number.
func (FokkerPlanck) Ports(s ito.Space, cond int, velocities bool) nn.Ports {
	p := rowPorts(s, cond, velocities)
	p.Out = []nn.Port{{Name: "out", Shape: []int{1}}}
	return p
}

// Moments implements Objective: of the rows.
func (o FokkerPlanck) Moments(pr Setup) (ito.Gaussian, error) {
	if err := o.check(pr.Batch); err != nil {
		return ito.Gaussian{}, err
	}
	return momentsOf(pr.Source)
}

// Bind implements Objective.
func (o FokkerPlanck) Bind(p ito.Path, pr Setup) (Bound, error) {
	space := pr.Source.Space()
	d, diagonal := p.(ito.Diagonal)
	switch {
	case heavyTailed(p):
		return nil, &ito.UnsupportedError{What: "training on path " + p.Name(),
			Why: "its noise is not Gaussian, and the Fokker–Planck equation is that of Gaussian noise", Nearest: "edm"}
	case !diagonal || d.Modes() != 1 || !ito.Has(p, ito.CapGaussian):
		return nil, &ito.UnsupportedError{What: "a potential on path " + p.Name(),
			Why: "it has no one clock for all modes", Nearest: "vp"}
	case !space.Real() || !space.Free():
		return nil, &ito.UnsupportedError{What: "a potential of states with rules", Why: "its gradient leaves them",
			Nearest: ScoreMatching{}.Name()}
	case space.Dim() > fullMoments:
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("a potential of %d columns", space.Dim()),
			Why: "it turns its gradient by a matrix of their square", Nearest: ScoreMatching{}.Name()}
	}
	if err := ownWrapping(o, p, pr, wrap.PotentialMaker{}.Kind()); err != nil {
		return nil, err
	}
	w, err := wrap.NewPotential(d, pr.Moments)
	if err != nil {
		return nil, err
	}
	r, err := regress(p, w, ito.PredEps, pr, nil)
	if err != nil {
		return nil, err
	}
	r.together = together(pr.Batch, o.group(pr.Batch))
	l := newPenalty(o, pr.Batch, space.Dim())
	l.regression, l.potential = r, w
	return l, nil
}

// penalised is the loss of a potential, with the residual where it has a weight.
type penalised struct {
	*regression
	o             FokkerPlanck
	potential     *wrap.Potential
	rho, k, slope []float32 // [N,D], [N], [N]: see wrap.Moments.Clock
	bounds        []int     // of the groups
	member        []float32 // [N,G] of which group a row is, one-hot
	rhoWide       []float64 // [D], of a row
}

func newPenalty(o FokkerPlanck, n, d int) *penalised {
	p := &penalised{o: o, rho: make([]float32, n*d), k: make([]float32, n), slope: make([]float32, n),
		bounds: together(n, o.group(n)), rhoWide: make([]float64, d)}
	groups := len(p.bounds) - 1
	p.member = make([]float32, n*groups)
	for g := range groups {
		for i := p.bounds[g]; i < p.bounds[g+1]; i++ {
			p.member[i*groups+g] = 1
		}
	}
	return p
}

// Trace implements Loss.
func (p *penalised) Trace(g *ad.Graph, nets []Apply) ad.Value {
	in := p.declare(g)
	net := func(x, time ad.Value) ad.Value { return nets[0](x, time, in.cond) }
	var penalty func() ad.Value
	if p.o.Weight > 0 {
		penalty = p.residual(g, net, in.x, in.time)
	}
	loss := p.error(in, p.potential.Output(g, net(in.x, in.time), in.x))
	if penalty != nil {
		loss = ad.Add(loss, penalty())
	}
	return loss
}

// Inputs implements Loss.
func (p *penalised) Inputs() []ad.Array {
	in := p.regression.Inputs()
	if p.o.Weight > 0 {
		in = append(in, ad.F32s(p.rho), ad.F32s(p.k), ad.F32s(p.slope), ad.F32s(p.member))
	}
	return in
}

// SameProgram implements Retraced: the scaling is part of the program.
func (p *penalised) SameProgram(Loss) bool { return false }

// Draw implements Loss.
func (p *penalised) Draw(ctx context.Context, step uint32, pool *ad.Pool) error {
	err := p.regression.Draw(ctx, step, pool)
	if err == nil && p.o.Weight > 0 {
		p.fill(p.t)
	}
	return err
}

// fill writes the scales of the rows, whose times stand in groups.
func (p *penalised) fill(t ito.Times) {
	d := len(p.rhoWide)
	var k, slope float64
	for i, at := range t {
		if i == 0 || at != t[i-1] {
			k, slope = p.potential.Clock(at, p.rhoWide)
		}
		for j, v := range p.rhoWide {
			p.rho[i*d+j] = float32(v)
		}
		p.k[i], p.slope[i] = float32(k), float32(slope)
	}
}

// residual declares the inputs of the penalty and returns it, for a network n at x and feat.
func (p *penalised) residual(g *ad.Graph, n func(x, feat ad.Value) ad.Value, x, feat ad.Value) func() ad.Value {
	batch, groups := len(p.k), len(p.bounds)-1
	rows, d := float64(batch)/float64(groups), len(p.rhoWide) // rows a group, on average
	// of a group: its rows, and rows/(rows−1), in units of the average's
	mean, spread := make([]float64, groups), make([]float64, groups)
	for g := range groups {
		own := float64(p.bounds[g+1] - p.bounds[g])
		mean[g], spread[g] = rows/own, own/(own-1)*(rows-1)/rows
	}
	rho, k, slope := g.Input("rho", ad.F32, d), g.Input("k", ad.F32, 1), g.Input("slope", ad.F32, 1)
	member := g.Input("group", ad.F32, groups)
	return func() ad.Value {
		r := p.potential.Residual(g, n, x, feat, rho, k, slope)
		// Σ(r−r̄)² has the same gradient whether r̄ moves with r or not.
		at := ad.StopGradient(ad.Scale(ad.BatchSum(ad.Mul(member, r)), 1/rows))
		weight := ad.Mean(rho)
		if batch%groups != 0 {
			at = ad.Mul(at, g.Const(ad.F32, mean, groups))
			weight = ad.Mul(weight, ad.Dot(member, g.Const(ad.F32, spread, groups)))
		}
		off := ad.Sub(r, ad.Dot(member, at))
		return ad.Scale(ad.BatchMean(ad.Mul(weight, ad.Square(off))), p.o.Weight*rows/(rows-1)/float64(d))
	}
}
