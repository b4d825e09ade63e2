package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

// definite is a symmetric positive definite matrix.
func definite(d int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 2))
	x := make([]float64, d)
	for i := range x {
		x[i] = 10 * r.Float64()
	}
	a := make([]float64, d*d)
	for i := range d {
		for j := range d {
			a[i*d+j] = math.Exp(-.5 * (x[i] - x[j]) * (x[i] - x[j]))
		}
		a[i*d+i] += .1
	}
	return a
}

// The blocked routines give what the plain ones give, at sizes that blocks divide and at others.
func TestBlockedFactors(t *testing.T) {
	for _, d := range []int{1, 31, 32, 33, 64, 65, 100, 200} {
		a := definite(d, uint64(d))
		plain, blocked := make([]float64, d*d), make([]float64, d*d)
		plainCholesky(plain, a, d)
		choleskyBlocked(blocked, a, d)
		near := func(what string, x, y []float64) {
			t.Helper()
			for i := range x {
				if math.Abs(x[i]-y[i]) > 1e-10*max(1, math.Abs(x[i])) {
					t.Fatalf("%s of %d rows: element %d is %v, not %v", what, d, i, y[i], x[i])
				}
			}
		}
		near("the factor", plain, blocked)
		for _, m := range []int{1, 2, 37} {
			b := definite(max(d, m), 3)[:d*m]
			for _, trans := range []bool{false, true} {
				x, y := append([]float64{}, b...), append([]float64{}, b...)
				plainSolve(x, plain, d, m, trans)
				solveBlocked(y, blocked, d, m, trans)
				near("a solution", x, y)
			}
		}
		// the reverse pass against the formula, by products with L⁻¹
		g, out := definite(d, 5), make([]float64, d*d)
		choleskyReverse(out, blocked, g, d)
		p := make([]float64, d*d)
		for i := range d {
			for j := range i + 1 {
				for k := i; k < d; k++ {
					p[i*d+j] += plain[k*d+i] * g[k*d+j]
				}
			}
			p[i*d+i] *= .5
		}
		plainSolve(p, plain, d, d, true)
		q := make([]float64, d*d)
		for i := range d {
			for j := range d {
				q[i*d+j] = p[j*d+i]
			}
		}
		plainSolve(q, plain, d, d, true)
		for i := range d {
			for j := range d {
				p[i*d+j] = .5 * (q[i*d+j] + q[j*d+i])
			}
		}
		near("the reverse pass", p, out)
	}
	l := make([]float64, 70*70)
	if choleskyBlocked(l, make([]float64, 70*70), 70); !math.IsNaN(l[69*70+69]) {
		t.Error("a matrix of zeros has a factor")
	}
}

func plainCholesky(l, a []float64, d int) {
	for i := range d {
		for j := range i + 1 {
			s := .5 * (a[i*d+j] + a[j*d+i])
			for k := range j {
				s -= l[i*d+k] * l[j*d+k]
			}
			if l[i*d+j] = s / l[j*d+j]; i == j {
				l[i*d+i] = math.Sqrt(s)
			}
		}
	}
}

func plainSolve(x, l []float64, d, m int, trans bool) {
	for step := range d {
		i := step
		if trans {
			i = d - 1 - step
		}
		for j := range m {
			s := x[i*m+j]
			for k := range d {
				switch {
				case !trans && k < i:
					s -= l[i*d+k] * x[k*m+j]
				case trans && k > i:
					s -= l[k*d+i] * x[k*m+j]
				}
			}
			x[i*m+j] = s / l[i*d+i]
		}
	}
}

// Gradients, tangents and second derivatives through large factors.
func TestLargeFactorDerivatives(t *testing.T) {
	const d = 66
	p := problem{"large cholesky", [][]int{{2}}, nil, .5, 1.5, func(g *Graph, x, _ []Value) Value {
		a := g.Const(F64, definite(d, 1), d, d)
		k := Add(Mul(a, Exp(At(x[0], 0, 0))), Mul(Square(a), At(x[0], 0, 1)))
		l := Cholesky(k)
		b := TriangularSolve(l, TriangularSolve(l, Slice(a, 1, 0, 3), false), true)
		return Add(Scale(Sum(Log(Diag(l))), .1), Sum(Square(b)))
	}}
	loss := func(g *Graph, x, w []Value) Value { return scalar(g, p.f(g, x, w)) }
	checkGradient(t, p, loss, 2, 1e-6)
	checkTangent(t, p, p.f, 2, 1e-6)
	checkGradient(t, p, func(g *Graph, x, w []Value) Value {
		return Sum(Sin(Grad(loss(g, x, w), x[0])[0]))
	}, 1, 1e-5)
}

func BenchmarkCholesky(b *testing.B) {
	const d = 400
	a, l, out := definite(d, 1), make([]float64, d*d), make([]float64, d*d)
	b.Run("factor", func(b *testing.B) {
		for b.Loop() {
			choleskyBlocked(l, a, d)
		}
	})
	b.Run("reverse", func(b *testing.B) {
		for b.Loop() {
			choleskyReverse(out, l, a, d)
		}
	})
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			plainCholesky(l, a, d)
		}
	})
	b.Run("solve", func(b *testing.B) {
		x := append([]float64{}, a...)
		for b.Loop() {
			copy(x, a)
			solveBlocked(x, l, d, d, false)
		}
	})
}
