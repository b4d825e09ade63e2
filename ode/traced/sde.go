package traced

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// NoisyField is the right-hand side of dx = f(t, x)dt + g(t, x)dW. It returns f and g of every part; the zero Value is
// zero. A g of its part's shape is diagonal noise: element e of the part has a Brownian motion of its own. With one
// axis more, of length m, it is a matrix that multiplies m motions, the same for all parts; then every part's g is such
// a matrix, or zero.
type NoisyField func(t ad.Value, x []ad.Value) (drift, diffusion []ad.Value)

// Scheme is a rule that carries a stochastic equation over a step.
type Scheme uint8

// The schemes. Strong and weak order are those of the ends.
const (
	// EulerMaruyama is x' = x + f h + g ΔW, for the equation of Itô: strong order ½, 1 where g does not depend on x,
	// weak order 1. One evaluation a step. (Maruyama 1955.)
	EulerMaruyama Scheme = iota
	// Milstein adds ½ g ∂g (ΔW² − h), with the derivative by forward mode: Itô, strong and weak order 1. It needs
	// diagonal noise whose g_e depends on x_e and t alone, which is not checked. (Milstein 1974.)
	Milstein
	// ReversibleHeun carries x with an auxiliary state x̂,
	//
	//	x̂' = 2x − x̂ + f h + g ΔW,   x' = x + ½(f + f')h + ½(g + g')ΔW,   f = f(t, x̂), f' = f(t', x̂'), g alike,
	//
	// for the equation of Stratonovich: strong order ½, 1 for one motion or g that do not depend on x. One evaluation a
	// step and one at the start. Each step can be undone, so that the reverse pass keeps nothing and runs as many
	// evaluations again; it is as exact as the rounding of that, and as stable: the scheme is not for equations that
	// contract fast within a step. (Kidger, Foster, Li and Lyons 2021, arXiv:2105.13493, algorithms 1 and 2.)
	ReversibleHeun
)

func (s Scheme) String() string {
	names := [...]string{"euler-maruyama", "milstein", "reversible-heun"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("scheme %d", s)
}

// SDE integrates a stochastic equation on the steps of a grid. The zero scheme is Euler–Maruyama.
type SDE struct {
	Scheme Scheme
	Noise  Noise
	ReverseOptions
}

// Integrate carries the parts of x from the first of times [K+1] to the last. Times that fall run backward, with
// increments of |h|.
func (m SDE) Integrate(f NoisyField, times ad.Value, x ...ad.Value) Solution {
	op := m.Scheme.String()
	if m.Noise == nil {
		fail(op, "there is no noise")
	}
	k := steps(times)
	if len(x) == 0 {
		fail(op, "a state has one part or more")
	}
	// One evaluation says what form the noise has.
	drift, diffusion := noisy(op, f, ad.At(times, 0, 0), x)
	form := formOf(op, m.Scheme, diffusion, x)
	in := m.Noise.tables(k)
	e := noisyEquation{op, f, m.Noise, form, m.KeepAll}
	switch m.Scheme {
	case EulerMaruyama:
		return March(m.ReverseOptions, times, x, in, e.euler)
	case Milstein:
		return March(m.ReverseOptions, times, x, in, e.milstein)
	case ReversibleHeun:
		n := len(x)
		carry := slices.Concat(x, x, filled(drift, x), present(diffusion))
		s := march(m.ReverseOptions, e.undo, times, carry, in, e.heun)
		return Solution{X: s.X[:n], start: x, after: s.after[:n]}
	}
	fail(op, "there is no such scheme")
	return Solution{}
}

// noisyEquation is an equation with its noise.
type noisyEquation struct {
	op    string
	f     NoisyField
	noise Noise
	form  noiseForm
	keep  bool // increments
}

// noiseForm is the form of the diffusion.
type noiseForm struct {
	matrix bool
	parts  []bool  // has noise
	shapes [][]int // of the increments: one for every part that has noise, or one for all matrices
}

// formOf finds the form of a diffusion.
func formOf(op string, s Scheme, g, x []ad.Value) noiseForm {
	var n noiseForm
	for c, v := range g {
		n.parts = append(n.parts, !v.IsZero())
		if v.IsZero() {
			continue
		}
		diagonal := sameShape(v, x[c])
		if !diagonal && (v.Rank() != x[c].Rank()+1 || !slices.Equal(v.Shape()[:x[c].Rank()], x[c].Shape())) {
			fail(op, "part %d of the diffusion is %s, the state's is %s", c, v, x[c])
		}
		shape := v.Shape()
		if !diagonal {
			shape = shape[len(shape)-1:]
		}
		switch {
		case len(n.shapes) == 0:
			n.matrix = !diagonal
		case n.matrix == diagonal:
			fail(op, "one part of the diffusion is diagonal, another is a matrix")
		case n.matrix && !slices.Equal(shape, n.shapes[0]):
			fail(op, "the diffusion multiplies %d motions in one part and %d in another", n.shapes[0][0], shape[0])
		}
		if !n.matrix || len(n.shapes) == 0 {
			n.shapes = append(n.shapes, shape)
		}
	}
	if n.matrix && s == Milstein {
		fail(op, "it needs diagonal noise, got a matrix")
	}
	return n
}

// noisy evaluates a right-hand side and checks it.
func noisy(op string, f NoisyField, t ad.Value, x []ad.Value) (drift, diffusion []ad.Value) {
	drift, diffusion = f(t, x)
	evaluated(op, drift, x)
	if len(diffusion) != len(x) {
		fail(op, "the diffusion has %d parts, the state %d", len(diffusion), len(x))
	}
	return drift, diffusion
}

// increments are those of the motions that the diffusion meets, one for every part that has noise.
func (e noisyEquation) increments(at At, x []ad.Value) []ad.Value {
	out := make([]ad.Value, len(x))
	if len(e.form.shapes) == 0 {
		return out
	}
	dw := e.noise.increments(at, e.form.shapes)
	next := 0
	for c, has := range e.form.parts {
		if !has {
			continue
		}
		out[c] = ad.Cast(dw[next], x[c].DType())
		if e.keep {
			out[c] = ad.Keep(out[c])
		}
		if !e.form.matrix {
			next++
		}
	}
	return out
}

// times is g·dw of a part.
func (e noisyEquation) times(g, dw ad.Value) ad.Value {
	if e.form.matrix {
		return ad.Dot(g, dw)
	}
	return ad.Mul(g, dw)
}

// moved is x + f h + g dw.
func (e noisyEquation) moved(x, f, g []ad.Value, h ad.Value, dw []ad.Value) []ad.Value {
	out := make([]ad.Value, len(x))
	for c := range x {
		out[c] = along(x[c], h, f[c])
		if e.form.parts[c] {
			out[c] = ad.Add(out[c], e.times(g[c], dw[c]))
		}
	}
	return out
}

func (e noisyEquation) euler(at At, x []ad.Value) []ad.Value {
	f, g := noisy(e.op, e.f, at.T, x)
	return e.moved(x, f, g, at.H, e.increments(at, x))
}

func (e noisyEquation) milstein(at At, x []ad.Value) []ad.Value {
	f, g := noisy(e.op, e.f, at.T, x)
	dw := e.increments(at, x)
	out := e.moved(x, f, g, at.H, dw)
	// The derivative of g along g is g ∂g where the noise is diagonal.
	along := ad.JVP(present(g), x, g)
	for c := range out {
		if !e.form.parts[c] {
			continue
		}
		excess := ad.Sub(ad.Square(dw[c]), ad.Cast(ad.Abs(at.H), x[c].DType()))
		out[c] = ad.Add(out[c], ad.Scale(ad.Mul(along[0], excess), .5))
		along = along[1:]
	}
	return out
}

// heun is a step of the reversible Heun method; its carry is [x…, x̂…, f…, g…], with the g of the parts that have
// noise.
func (e noisyEquation) heun(at At, carry []ad.Value) []ad.Value {
	x, hat, f, g := e.split(carry)
	dw := e.increments(at, x)
	hat1 := e.moved(reflected(x, hat), f, g, at.H, dw)
	f1, g1 := noisy(e.op, e.f, at.T1, hat1)
	f1 = filled(f1, x)
	return slices.Concat(e.moved(x, halves(f, f1), halves(g, g1), at.H, dw), hat1, f1, present(g1))
}

// undo is the inverse of heun.
func (e noisyEquation) undo(at At, carry []ad.Value) []ad.Value {
	x, hat, f, g := e.split(carry)
	dw := e.increments(at, x)
	back := ad.Neg(at.H)
	for c, v := range dw {
		if !v.IsZero() {
			dw[c] = ad.Neg(v)
		}
	}
	hat0 := e.moved(reflected(x, hat), f, g, back, dw)
	f0, g0 := noisy(e.op, e.f, at.T, hat0)
	f0 = filled(f0, x)
	return slices.Concat(e.moved(x, halves(f0, f), halves(g0, g), back, dw), hat0, f0, present(g0))
}

func (e noisyEquation) split(carry []ad.Value) (x, hat, f, g []ad.Value) {
	n := len(e.form.parts)
	x, hat, f = carry[:n], carry[n:2*n], carry[2*n:3*n]
	g = make([]ad.Value, n)
	rest := carry[3*n:]
	for c, has := range e.form.parts {
		if has {
			g[c], rest = rest[0], rest[1:]
		}
	}
	return x, hat, f, g
}

// reflected is 2x − x̂.
func reflected(x, hat []ad.Value) []ad.Value {
	out := make([]ad.Value, len(x))
	for c := range x {
		out[c] = ad.Sub(ad.Scale(x[c], 2), hat[c])
	}
	return out
}

// halves is ½(a + b), nothing where both are.
func halves(a, b []ad.Value) []ad.Value {
	out := make([]ad.Value, len(a))
	for c := range a {
		if !a[c].IsZero() {
			out[c] = ad.Scale(ad.Add(a[c], b[c]), .5)
		}
	}
	return out
}

// filled has zeros like x for zero Values.
func filled(v, x []ad.Value) []ad.Value {
	out := slices.Clone(v)
	for c := range out {
		if out[c].IsZero() {
			out[c] = ad.Zeros(x[c])
		}
	}
	return out
}

// present are the values that are not zero Values.
func present(v []ad.Value) []ad.Value {
	return slices.DeleteFunc(slices.Clone(v), ad.Value.IsZero)
}

func sameShape(a, b ad.Value) bool { return slices.Equal(a.Shape(), b.Shape()) }
