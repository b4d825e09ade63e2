package model

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// gammaTries is the number of proposals of logGamma. The least probable of them is accepted with .951, so all fail
// once in 10^15.
const gammaTries = 12

// logGamma draws log X for X of a gamma with shape alpha and rate 1 (Marsaglia and Tsang, ACM TOMS 26, 2000): with
// d = α−1/3 and N normal, X = d(1+N/√(9d))³ is accepted with probability min(1, e^{N²/2 + d − X + d log(X/d)});
// below α = 1 it is a draw of α+1 times U^{1/α}. The number of proposals is fixed, so that every draw reads the
// same addresses. The logarithm keeps tiny shapes, whose draws are below the smallest float64.
func logGamma(g *ad.Graph, alpha ad.Value) ad.Value {
	shape := alpha.Shape()
	small := ad.Less(alpha, ad.Shift(ad.Zeros(alpha), 1))
	d := ad.Shift(ad.Add(alpha, ad.Cast(small, ad.F64)), -1./3)
	all := append([]int{gammaTries}, shape...)
	n, logU := g.Normal(ad.F64, all...), ad.Log(g.Uniform(ad.F64, all...))
	root := ad.Shift(ad.Div(n, ad.Scale(ad.Sqrt(d), 3)), 1)
	positive := ad.Less(ad.Zeros(root), root)
	root = ad.Select(positive, root, ad.Shift(ad.Zeros(root), 1))
	logV := ad.Scale(ad.Log(root), 3)
	v := ad.Mul(root, ad.Square(root))
	bound := ad.Add(ad.Scale(ad.Square(n), .5), ad.Mul(d, ad.Add(ad.Shift(ad.Neg(v), 1), logV)))
	taken := ad.And(positive, ad.Less(logU, bound))
	first := ad.At(logV, 0, gammaTries-1)
	for i := gammaTries - 2; i >= 0; i-- {
		first = ad.Select(ad.At(taken, 0, i), ad.At(logV, 0, i), first)
	}
	boost := ad.Div(ad.Log(g.Uniform(ad.F64, shape...)), alpha)
	return ad.Add(ad.Add(ad.Log(d), first), ad.Select(small, boost, ad.Zeros(boost)))
}

// spread repeats a parameter to the shape of the draws, element by element its own numbers.
func spread(x ad.Value, shape []int) ad.Value { return ad.BroadcastTo(x, shape...) }

func drawGamma(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
	return ad.Div(ad.Exp(logGamma(g, spread(a[0], shape))), a[1])
}

func drawInverseGamma(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
	return ad.Mul(a[1], ad.Exp(ad.Neg(logGamma(g, spread(a[0], shape)))))
}

// drawBeta is X/(X+Y) of two gammas.
func drawBeta(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
	return ad.Sigmoid(ad.Sub(logGamma(g, spread(a[0], shape)), logGamma(g, spread(a[1], shape))))
}

// drawStudentT is μ + σN√(ν/2)/√G with G a gamma of shape ν/2.
func drawStudentT(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
	half := ad.Scale(spread(a[0], shape), .5)
	wide := ad.Exp(ad.Scale(ad.Sub(ad.Log(half), logGamma(g, half)), .5))
	return ad.Add(a[1], ad.Mul(a[2], ad.Mul(wide, g.Normal(ad.F64, shape...))))
}

func drawPoisson(g *ad.Graph, shape []int, mean ad.Value) ad.Value {
	return ad.PoissonQuantile(g.Uniform(ad.F64, shape...), mean)
}

func drawBinomial(g *ad.Graph, shape []int, n, p ad.Value) ad.Value {
	return ad.BinomialQuantile(g.Uniform(ad.F64, shape...), n, p)
}

// drawMixed is a Poisson count whose mean is a gamma of the given shape and rate: a negative binomial.
func drawMixed(g *ad.Graph, shape []int, alpha, rate ad.Value) ad.Value {
	return drawPoisson(g, shape, ad.Exp(ad.Sub(logGamma(g, spread(alpha, shape)), ad.Log(rate))))
}

// drawNormals is μ + LN; every vector of means [m…, n] has its own N.
func drawNormals(g *ad.Graph, mean, l ad.Value, n int) ad.Value {
	if mean.Rank() < 2 {
		return ad.Add(mean, ad.MatMul(l, g.Normal(ad.F64, n)))
	}
	z := g.Normal(ad.F64, mean.Size()/n, n)
	return ad.Add(mean, ad.Reshape(ad.MatMul(z, ad.Transpose(l, 1, 0)), mean.Shape()...))
}

// drawDirichlet is the softmax of log gammas.
func drawDirichlet(g *ad.Graph, _ []int, a []ad.Value) ad.Value {
	return ad.Softmax(logGamma(g, a[0]), -1)
}

// drawCategory is the number of cumulated probabilities, but the last, that a uniform passes. Probabilities have
// shape [m…, k], draws [m…].
func drawCategory(g *ad.Graph, p ad.Value, lead []int) ad.Value {
	k := p.Shape()[p.Rank()-1]
	if k == 1 {
		return ad.BroadcastTo(ad.Zeros(ad.At(p, p.Rank()-1, 0)), lead...)
	}
	c := ad.CumSum(p, -1)
	u := ad.Mul(g.Uniform(ad.F64, append(slices.Clone(lead), 1)...), ad.Slice(c, -1, k-1, k))
	return ad.Sum(ad.Cast(ad.LessEqual(ad.Slice(c, -1, 0, k-1), u), ad.F64), -1)
}

// sample traces a draw for generated quantities.
func (d *distribution) sample() (*tensor, error) {
	if err := d.drawable(); err != nil {
		return nil, err
	}
	var v ad.Value
	err := ad.Try(func() { v = d.traceDraw() })
	if err != nil {
		return nil, tidy(d.name, err)
	}
	return &tensor{t: d.t, v: v, shape: v.Shape()}, nil
}

func (d *distribution) drawable() error {
	for _, p := range d.parts {
		if err := p.drawable(); err != nil {
			return err
		}
	}
	if d.draw == nil && len(d.parts) == 0 {
		return fmt.Errorf("%s has no draws for generated quantities", d.name)
	}
	return nil
}

// traceDraw has the shape to which all parameters broadcast.
func (d *distribution) traceDraw() ad.Value {
	if len(d.parts) > 0 {
		return d.drawPart()
	}
	vs := make([]ad.Value, len(d.args))
	var common ad.Value
	for i := range d.args {
		vs[i] = d.argument(i)
		if d.axes == 0 && (common.IsZero() || !slices.Equal(common.Shape(), vs[i].Shape())) {
			if common.IsZero() {
				common = ad.Zeros(vs[i])
			} else {
				common = ad.Add(common, ad.Zeros(vs[i]))
			}
		}
	}
	var shape []int
	if d.axes == 0 {
		shape = common.Shape()
	}
	return d.draw(d.t.g, shape, vs)
}

func (d *distribution) argument(i int) ad.Value {
	b, err := d.t.tensor(d.args[i])
	if err != nil {
		raise("%s: %v", d.name, err)
	}
	return number(d.t.lift(b))
}

// drawPart draws every component of a mixture, and the one to keep.
func (d *distribution) drawPart() ad.Value {
	w := d.argument(0)
	parts := make([]ad.Value, len(d.parts))
	lead := ad.Zeros(ad.At(w, w.Rank()-1, 0)) // of the shape of the choices
	for i, p := range d.parts {
		parts[i] = p.traceDraw()
		one := ad.Zeros(parts[i])
		for range d.axes {
			one = ad.At(one, one.Rank()-1, 0)
		}
		lead = ad.Add(lead, one)
	}
	which := drawCategory(d.t.g, w, lead.Shape())
	for range d.axes {
		which = ad.Reshape(which, append(slices.Clone(which.Shape()), 1)...)
	}
	out := parts[len(parts)-1]
	for i := len(parts) - 2; i >= 0; i-- {
		here := ad.Equal(which, ad.Shift(ad.Zeros(which), float64(i)))
		out = ad.Select(here, parts[i], out)
	}
	if len(parts) == 1 {
		out = ad.Add(out, ad.Zeros(which))
	}
	return out
}
