package pathspace

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
)

// LearnedPotential is the potential of [PDDS] that [PotentialTraining] fits,
//
//	log ĝ(λ, x) = r(λ)⟨NN(λ, x), x⟩ + (1−r(λ)) log g_0(√(1−λ) x),  r(λ) = S(λ) − S(0).
//
// NN and S begin at zero, so that it begins as [Naive], and ĝ at λ = 0 is g_0 whatever they are. One gradient.
type LearnedPotential struct {
	D      int
	Params []float32 // both networks, one behind the other

	main, scale *nn.Weights
	value       *ad.Program
}

// NewLearnedPotential makes the potential in dimension d with initial weights of the seed. The zero Shape is 64
// wide and, as in the authors' code, 2 deep.
func NewLearnedPotential(d int, shape NetworkShape, seed uint64) (*LearnedPotential, error) {
	main, err := nn.New(nn.MLP{Width: cmp.Or(shape.Width, 64), Depth: cmp.Or(shape.Depth, 2), Activation: "gelu"},
		nn.Flat(d, d, 0), seed)
	if err != nil {
		return nil, err
	}
	scale, err := nn.New(nn.MLP{Width: 32, Depth: 2, Activation: "gelu"}, nn.Flat(1, 1, 0), seed+1)
	if err != nil {
		return nil, err
	}
	n := len(main.Params)
	l := &LearnedPotential{D: d, Params: slices.Concat(main.Params, scale.Params)}
	if l.main, err = main.With(l.Params[:n:n]); err != nil {
		return nil, err
	}
	if l.scale, err = scale.With(l.Params[n:]); err != nil {
		return nil, err
	}
	l.value, err = ad.Compile(func(g *ad.Graph) {
		x, feat := g.Input("x", ad.F32, d), g.Input("feat", ad.F32, 1)
		nets, _ := applies(g, l.networks(), ad.F32)
		r, product, slope := potential(g, nets, x, feat)
		g.Output("r", r)
		g.Output("product", product)
		g.Output("slope", slope)
	})
	return l, err
}

func (l *LearnedPotential) networks() []*nn.Weights { return []*nn.Weights{l.main, l.scale} }

// potential is r, ⟨NN, x⟩ and the gradient of that with respect to x, of one row.
func potential(g *ad.Graph, nets []learn.Apply, x, feat ad.Value) (r, product, slope ad.Value) {
	product = ad.Dot(nets[0](x, feat, ad.Value{}), x)
	clean := g.Const(ad.F32, []float64{0}, 1)
	r = ad.Sub(nets[1](feat, feat, ad.Value{}), nets[1](clean, clean, ad.Value{}))
	return r, product, ad.Grad(product, x)[0]
}

// levelFeature is the networks' view of λ: 0 at 0 and 10 at 1, the time of the cosine schedule.
func levelFeature(λ float64) float32 { return float32(20 / math.Pi * math.Asin(math.Sqrt(λ))) }

func (l *LearnedPotential) inputs(x, feat []float32) []ad.Array {
	n := len(l.main.Params)
	in := []ad.Array{ad.F32s(x), ad.F32s(feat)}
	return append(append(in, l.main.Arrays(l.Params[:n])...), l.scale.Arrays(l.Params[n:])...)
}

// Log implements Potential.
func (l *LearnedPotential) Log(ctx context.Context, p infer.SeededTarget, s *infer.State, λ, σ float64, logg, grad,
	x []float64) error {
	if l.D != s.D {
		return &ito.InputError{Where: "pdds", What: "the learned potential has another dimension than the target"}
	}
	if err := (Naive{}).Log(ctx, p, s, λ, σ, logg, grad, x); err != nil || λ == 0 {
		return err
	}
	d := s.D
	n := len(x) / d
	feat := make([]float32, n)
	for i := range feat {
		feat[i] = levelFeature(λ)
	}
	r, a, slope := make([]float32, n), make([]float32, n), make([]float32, n*d)
	if err := l.value.Run(ctx, ad.Call{N: n, In: l.inputs(narrow(x), feat), Out: []ad.Array{ad.F32s(r), ad.F32s(a),
		ad.F32s(slope)}}); err != nil {
		return err
	}
	for i := range n {
		r := float64(r[i])
		if r == 0 {
			continue // where log g_0 is −∞ or not a number, too
		}
		logg[i] = r*float64(a[i]) + (1-r)*logg[i]
		for j := i * d; j < (i+1)*d; j++ {
			grad[j] = r*float64(slope[j]) + (1-r)*grad[j]
		}
	}
	return nil
}
