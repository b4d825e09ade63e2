package traced_test

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/ode/traced"
)

// swing is a driven oscillator in two parts, q' = p, p' = −w sin q − .3p + cos 2t, with a parameter w.
func swing(w ad.Value) traced.Field {
	return func(t ad.Value, x []ad.Value) []ad.Value {
		q, p := x[0], x[1]
		force := ad.Add(ad.Sub(ad.Neg(ad.Mul(w, ad.Sin(q))), ad.Scale(p, .3)), ad.Cos(ad.Scale(t, 2)))
		return []ad.Value{p, force}
	}
}

// Every tableau, on an uneven grid in both directions, ends where the integrator of package ode ends, and passes
// through the same states.
func TestSameAsFixed(t *testing.T) {
	const n, d = 7, 3
	for _, tb := range append(ode.Tableaux(), nil) {
		for _, ends := range [][2]float64{{.2, 2.4}, {1.5, -.5}} {
			for _, k := range []int{0, 1, 2, 17, 40} {
				grid := uneven(ends[0], ends[1], k)
				if k == 0 {
					grid = grid[:1]
					grid[0] = ends[0]
				}
				r := compiled(t, func(g *ad.Graph) []ad.Value {
					q, p, w := g.Input("q", ad.F64, d), g.Input("p", ad.F64, d), g.Input("w", ad.F64, d)
					s := traced.ODE{Tableau: tb}.Integrate(swing(w), constant(g, grid), q, p)
					return append(s.X, s.Path()...)
				})
				q, p, w := wave(n*d, 1), wave(n*d, 2), wave(n*d, 3)
				got := r.run(n, nil, nil, q, p, w)
				x := make([]float64, 2*n*d)
				for i := range n {
					copy(x[2*i*d:], q[i*d:(i+1)*d])
					copy(x[2*i*d+d:], p[i*d:(i+1)*d])
				}
				f := func(_ context.Context, dst, x, ts []float64, rows []int) error {
					for i, row := range rows {
						for c := range d {
							at := 2*i*d + c
							dst[at], dst[at+d] = x[at+d], -w[row*d+c]*math.Sin(x[at])-.3*x[at+d]+math.Cos(2*ts[i])
						}
					}
					return nil
				}
				for step := 0; ; step++ {
					for i := range n {
						for c := range 2 * d {
							part, at := c/d, i*d+c%d
							want := x[2*i*d+c]
							path := got[2+part][i*(k+1)*d+step*d+c%d]
							if math.Abs(path-want) > 1e-13*(1+math.Abs(want)) || step == k && got[part][at] != path {
								t.Fatalf("%v, step %d/%d: %v and %v, want %v", tb, step, k, path, got[part][at], want)
							}
						}
					}
					if step == k {
						break
					}
					err := (ode.Fixed{Tableau: tb}).Integrate(t.Context(), f, x, 2*d, grid[step:step+2])
					if err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// The error against the closed form of the logistic equation, x' = x(1−x)cos t, falls as the tableau's order says.
func TestOrder(t *testing.T) {
	const end = 2.
	exact := func(x0 float64) float64 {
		e := math.Exp(math.Sin(end))
		return x0 * e / (1 - x0 + x0*e)
	}
	for _, tb := range ode.Tableaux() {
		worst := func(k int) float64 {
			r := compiled(t, func(g *ad.Graph) []ad.Value {
				x := g.Input("x", ad.F64)
				f := func(t ad.Value, x []ad.Value) []ad.Value {
					return []ad.Value{ad.Mul(ad.Mul(x[0], ad.Shift(ad.Neg(x[0]), 1)), ad.Cos(t))}
				}
				return traced.ODE{Tableau: tb}.Integrate(f, constant(g, even(0, end, k)), x).X
			})
			starts := []float64{.1, .3, .8}
			off := 0.
			for i, x := range r.run(3, nil, nil, starts)[0] {
				off = math.Max(off, math.Abs(x-exact(starts[i])))
			}
			return off
		}
		k := 40
		if tb.Order == 1 {
			k = 200
		}
		order := math.Log2(worst(k) / worst(2*k))
		t.Logf("%s: order %.2f", tb.Name, order)
		// The first error terms of the pairs are small.
		if above := order - float64(tb.Order); above < -.1 || above > .6 {
			t.Errorf("%s: measured order %.2f", tb.Name, order)
		}
	}
}

// The gradient of x(T) of x' = a x: e^{aT} with respect to x(0), T x with respect to a, a x to the end and −a x to the
// start; and that of time is zero between.
func TestClosedFormGradient(t *testing.T) {
	const k = 64
	grid := even(.5, 1.7, k)
	r := compiled(t, func(g *ad.Graph) []ad.Value {
		x, a, times := g.Input("x", ad.F64), g.Input("a", ad.F64), g.Shared("times", ad.F64, k+1)
		f := func(_ ad.Value, x []ad.Value) []ad.Value { return []ad.Value{ad.Mul(a, x[0])} }
		end := traced.ODE{Tableau: ode.Tsit5}.Integrate(f, times, x).X[0]
		return append([]ad.Value{end}, ad.Grad(ad.BatchSum(end), x, a, times)...)
	})
	x, a := []float64{1.3}, []float64{-.8}
	got := r.run(1, nil, nil, x, a, grid)
	grow := math.Exp(-.8 * 1.2)
	near := func(what string, got, want, tol float64) {
		t.Helper()
		if math.Abs(got-want) > tol {
			t.Errorf("%s: %.12g, want %.12g", what, got, want)
		}
	}
	near("x(T)", got[0][0], 1.3*grow, 1e-11)
	near("dx(0)", got[1][0], grow, 1e-11)
	near("da", got[2][0], 1.2*1.3*grow, 1e-10)
	near("dT", got[3][k], -.8*1.3*grow, 1e-8)
	near("dt0", got[3][0], .8*1.3*grow, 1e-8)
	for _, v := range got[3][1:k] {
		near("dt between", v, 0, 1e-8)
	}
}

// Gradients through every tableau with respect to both parts, the parameter and the times are differences; so is the
// derivative of the gradient by forward mode.
func TestODEGradients(t *testing.T) {
	const n, d = 3, 2
	for _, tb := range ode.Tableaux() {
		for _, o := range []traced.ReverseOptions{{}, {KeepAll: true}} {
			const k = 19
			build := func(second bool) program {
				return compiled(t, func(g *ad.Graph) []ad.Value {
					in := []ad.Value{g.Input("q", ad.F64, d), g.Input("p", ad.F64, d), g.Shared("w", ad.F64, d),
						g.Shared("times", ad.F64, k+1)}
					s := traced.ODE{Tableau: tb, ReverseOptions: o}.Integrate(swing(in[2]), in[3], in[0], in[1])
					path := s.Path()
					y := ad.Add(ad.Dot(s.X[0], ad.Sin(s.X[1])), ad.Sum(ad.Square(ad.At(path[0], 0, k/2))))
					if second {
						var dirs []ad.Value
						for i, v := range in {
							u := g.Const(ad.F64, wave(v.Size(), float64(i)), v.Shape()...)
							if !v.IsShared() {
								u = ad.Rows(u)
							}
							dirs = append(dirs, u)
						}
						y = ad.JVP(ad.Grad(y, in[0]), in, dirs)[0]
						y = ad.Sum(y)
					}
					return append([]ad.Value{y}, ad.Grad(ad.BatchSum(y), in...)...)
				})
			}
			in := [][]float64{wave(n*d, 1), wave(n*d, 2), {1.1, .6}, uneven(0, 1.5, k)}
			build(false).differences(tb.Name, n, 1e-7, in...)
			if tb == ode.Heun {
				build(true).differences(tb.Name+", second", n, 1e-6, in...)
			}
		}
	}
}

// A part may have any shape and another dtype than its neighbours; a zero derivative is a part that stays.
func TestParts(t *testing.T) {
	r := compiled(t, func(g *ad.Graph) []ad.Value {
		x := g.Input("x", ad.F64)
		y := ad.Cast(ad.BroadcastTo(x, 2, 3), ad.F32)
		f := func(_ ad.Value, x []ad.Value) []ad.Value {
			return []ad.Value{{}, ad.Neg(x[1])}
		}
		s := traced.ODE{}.Integrate(f, constant(g, even(0, 1, 8)), x, y)
		return []ad.Value{s.X[0], ad.Cast(ad.Flatten(s.X[1]), ad.F64)}
	})
	got := r.run(1, nil, nil, []float64{2})
	if got[0][0] != 2 {
		t.Errorf("what does not move is at %v", got[0])
	}
	for _, v := range got[1] {
		if math.Abs(v-2*math.Exp(-1)) > 1e-5 {
			t.Errorf("%v", got[1])
		}
	}
}

func TestMistakes(t *testing.T) {
	noise := func(_ ad.Value, x []ad.Value) (f, g []ad.Value) { return x, x }
	ordinary := func(tb *ode.Tableau, f func(x []ad.Value) []ad.Value) func(*ad.Graph, ad.Value) {
		return func(g *ad.Graph, x ad.Value) {
			right := func(_ ad.Value, x []ad.Value) []ad.Value { return f(x) }
			traced.ODE{Tableau: tb}.Integrate(right, constant(g, []float64{0, 1}), x)
		}
	}
	white := func(s traced.Scheme, diffusion func(x ad.Value) ad.Value) func(*ad.Graph, ad.Value) {
		return func(g *ad.Graph, x ad.Value) {
			traced.SDE{Scheme: s, Noise: traced.White(g)}.Integrate(func(_ ad.Value, x []ad.Value) (f, g []ad.Value) {
				return x, []ad.Value{diffusion(x[0])}
			}, constant(g, []float64{0, 1}), x)
		}
	}
	tree := func(from, to float64, grid ...float64) func(*ad.Graph, ad.Value) {
		return func(g *ad.Graph, x ad.Value) {
			s := traced.SDE{Noise: traced.NewBrownian(g, from, to, 0).On(grid)}
			s.Integrate(noise, constant(g, []float64{0, 1}), x)
		}
	}
	for _, c := range []struct {
		want string
		f    func(g *ad.Graph, x ad.Value)
	}{
		{"march: a grid is a vector of one time or more, got shared f64[]", func(g *ad.Graph, x ad.Value) {
			traced.ODE{}.Integrate(nil, g.Scalar(ad.F64, 1), x)
		}},
		{"march: a state has one part or more", func(g *ad.Graph, x ad.Value) {
			traced.ODE{}.Integrate(nil, constant(g, []float64{0, 1}))
		}},
		{"euler: the right-hand side returns 2 parts of a state of 1",
			ordinary(ode.Euler, func(x []ad.Value) []ad.Value { return append(x, x...) })},
		{"rk4: part 0 of the right-hand side is per-sample f64[], the state's is per-sample f64[2]",
			ordinary(nil, func(x []ad.Value) []ad.Value { return []ad.Value{ad.Sum(x[0])} })},
		{"euler-maruyama: there is no noise", func(g *ad.Graph, x ad.Value) {
			traced.SDE{}.Integrate(noise, constant(g, []float64{0, 1}), x)
		}},
		{"scheme 9: there is no such scheme", white(9, func(x ad.Value) ad.Value { return x })},
		{"milstein: it needs diagonal noise, got a matrix",
			white(traced.Milstein, func(x ad.Value) ad.Value { return ad.Reshape(x, 2, 1) })},
		{"euler-maruyama: part 0 of the diffusion is per-sample f64[], the state's is per-sample f64[2]",
			white(0, func(x ad.Value) ad.Value { return ad.Sum(x) })},
		{"brownian: the motion is on a grid of 2 steps, the integration of 1", tree(0, 1, 0, .5, 1)},
		{"brownian: a step from 0.5 to 2 leaves [0, 1]", tree(0, 1, 0, .5, 2)},
		{"brownian: a grid has one time or more", tree(0, 1)},
		{"brownian: [1, 1] by a tree of depth 16: it needs an interval, and a depth from 1 to 20", tree(1, 1, 1)},
	} {
		_, err := ad.Compile(func(g *ad.Graph) { c.f(g, g.Input("x", ad.F64, 2)) })
		if err == nil || err.Error() != "ad: traced "+c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}
