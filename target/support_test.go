package target

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// free says which elements of x the Jacobian is about.
type supportProblem struct {
	s    Support
	free func(i int) bool
}

func supportProblems() []supportProblem {
	all := func(int) bool { return true }
	return []supportProblem{
		{Real(2, 2), all}, {Positive(3), all}, {Positive(), all}, {Lower(-2, 2), all}, {Upper(1.5, 2), all},
		{Interval(-1, 3, 2, 2), all}, {Ordered(4), all}, {Ordered(1), all}, {Ordered(3, 2), all},
		{Simplex(2), func(i int) bool { return i < 1 }}, {Simplex(5), func(i int) bool { return i < 4 }},
		{Simplex(3, 2), func(i int) bool { return i%3 < 2 }},
		{PositiveOrdered(4), all}, {PositiveOrdered(2, 3), all},
		{CholeskyCov(1), all}, {CholeskyCov(3), func(i int) bool { return i%3 <= i/3 }},
		{CovMatrix(1), all}, {CovMatrix(4), func(i int) bool { return i%4 <= i/4 }},
		{CorrMatrix(2), func(i int) bool { return i%2 < i/2 }},
		{CorrMatrix(4), func(i int) bool { return i%4 < i/4 }},
		{CorrCholesky(2), func(i int) bool { return i%2 < i/2 }},
		{CorrCholesky(4), func(i int) bool { return i%4 < i/4 }},
	}
}

// run evaluates a support's map at one u.
func constrain(t *testing.T, s Support, u []float64) (x []float64, logJ float64) {
	t.Helper()
	p, err := ad.Compile(func(g *ad.Graph) {
		x, j := s.Constrain(g.Input("u", ad.F64, s.Free()))
		g.Output("x", perSample(x))
		g.Output("j", perSample(j))
	})
	if err != nil {
		t.Fatalf("%v: %v", s, err)
	}
	x, j := make([]float64, size(s.Shape())), make([]float64, 1)
	if err := p.Run(context.Background(), ad.Call{N: 1, In: []ad.Array{ad.F64s(u)}, Out: []ad.Array{ad.F64s(x),
		ad.F64s(j)}}); err != nil {
		t.Fatalf("%v: %v", s, err)
	}
	return x, j[0]
}

// The log-Jacobian equals the determinant of the differences of the map, and Unconstrain inverts it.
func TestSupports(t *testing.T) {
	for _, p := range supportProblems() {
		t.Run(p.s.String(), func(t *testing.T) {
			d := p.s.Free()
			u := normals(1, d).X
			x, logJ := constrain(t, p.s, u)
			var rows []int
			for i := range x {
				if p.free(i) {
					rows = append(rows, i)
				}
			}
			if len(rows) != d {
				t.Fatalf("%d free elements for %d coordinates", len(rows), d)
			}
			jac := make([]float64, d*d)
			for k := range d {
				const h = 1e-5
				at := u[k]
				u[k] = at + h
				up, _ := constrain(t, p.s, u)
				u[k] = at - h
				down, _ := constrain(t, p.s, u)
				u[k] = at
				for r, i := range rows {
					jac[r*d+k] = (up[i] - down[i]) / (2 * h)
				}
			}
			if want := logAbsDet(jac, d); math.Abs(logJ-want) > 1e-8*max(1, math.Abs(want)) {
				t.Errorf("log |J| is %v, differences give %v", logJ, want)
			}
			back := make([]float64, d)
			if err := p.s.Unconstrain(back, x); err != nil {
				t.Fatal(err)
			}
			near(t, "Unconstrain", back, u, 1e-12)
		})
	}
}

// sum_to_zero is an isometry onto the vectors whose sum is 0, and unit_vector's density has the sphere's area.
func TestIsometries(t *testing.T) {
	s := SumToZero(5, 2)
	u := normals(3, s.Free()).X[:s.Free()]
	x, j := constrain(t, s, u)
	norm := func(v []float64) (q float64) {
		for _, a := range v {
			q += a * a
		}
		return q
	}
	for i := range 2 {
		sum := 0.
		for _, v := range x[5*i : 5*i+5] {
			sum += v
		}
		near(t, "the sum", []float64{sum, norm(x[5*i : 5*i+5])}, []float64{0, norm(u[4*i : 4*i+4])}, 1e-14)
	}
	back := make([]float64, len(u))
	if err := s.Unconstrain(back, x); err != nil || j != 0 {
		t.Fatal(err, j)
	}
	near(t, "Unconstrain", back, u, 1e-14)
	v := UnitVector(2)
	area := 0.
	const h = .25
	for a := -7 + h/2; a < 8; a += h {
		for b := -8 + h/2; b < 8; b += h {
			_, j := constrain(t, v, []float64{a, b})
			area += math.Exp(j) * h * h
		}
		if testing.Short() {
			break
		}
	}
	if !testing.Short() {
		near(t, "the area", []float64{area}, []float64{2 * math.Pi}, 1e-9)
	}
	x, j = constrain(t, UnitVector(3), []float64{2, 0, -1})
	near(t, "a unit vector", x, []float64{2 / math.Sqrt(5), 0, -1 / math.Sqrt(5)}, 1e-15)
	near(t, "its density", []float64{j}, []float64{-2.5 - 1.5*math.Log(2*math.Pi) + math.Log(4*math.Pi)}, 1e-14)
}

// Far from the centre the maps stay finite and inside, and their Jacobians finite.
func TestSupportsFarOut(t *testing.T) {
	for _, p := range supportProblems() {
		for _, far := range []float64{-30, 30} {
			u := make([]float64, p.s.Free())
			for i := range u {
				u[i] = far
			}
			x, logJ := constrain(t, p.s, u)
			if firstNonFinite(x) >= 0 || math.IsNaN(logJ) || math.IsInf(logJ, 0) {
				t.Errorf("%v at u=%v: x=%v, log J=%v", p.s, far, x, logJ)
			}
		}
	}
}

func TestKnownPoints(t *testing.T) {
	x, logJ := constrain(t, Simplex(4), make([]float64, 3))
	near(t, "centre of the simplex", x, []float64{.25, .25, .25, .25}, 1e-15)
	// ∂x is triangular with z(1−z)·rest: 3/16, (2/9)(3/4), (1/4)(1/2).
	near(t, "its Jacobian", []float64{logJ}, []float64{math.Log(3. / 16 * 2 / 9 * 3 / 4 / 8)}, 1e-14)
	x, logJ = constrain(t, CorrCholesky(2), []float64{math.Atanh(.6)})
	near(t, "correlation .6", x, []float64{1, 0, .6, .8}, 1e-14)
	near(t, "its Jacobian", []float64{logJ}, []float64{math.Log(1 - .36)}, 1e-14)
}

func TestOutsideTheSupport(t *testing.T) {
	for _, p := range []struct {
		s Support
		x []float64
		i int
	}{
		{Positive(2), []float64{1, -1}, 1}, {Positive(), []float64{0}, 0}, {Interval(0, 1), []float64{1}, 0},
		{Ordered(3), []float64{0, 2, 1}, 2}, {Simplex(3), []float64{.5, .5, .5}, 2}, {Simplex(3), []float64{.5, -.5, 1},
			1},
		{CorrCholesky(2), []float64{1, 0, .6, .7}, 3}, {CorrCholesky(2), []float64{1, .5, .6, .8}, 1},
		{PositiveOrdered(2), []float64{-1, 2}, 0}, {SumToZero(2), []float64{1, 2}, 1},
		{UnitVector(2), []float64{1, 1}, 1},
		{CovMatrix(2), []float64{1, 2, 2, 1}, 3}, {CovMatrix(2), []float64{1, 2, 0, 1}, 2},
		{CholeskyCov(2), []float64{1, 0, 3, -1}, 3}, {CorrMatrix(2), []float64{2, 0, 0, 1}, 0},
		{Real(2), []float64{0, math.NaN()}, 1}, {Upper(0), []float64{1}, 0}, {Lower(2), []float64{1}, 0},
	} {
		var se *SupportError
		if err := p.s.Unconstrain(make([]float64, p.s.Free()), p.x); !errors.As(err, &se) || se.Index != p.i {
			t.Errorf("%v: %v gave %v", p.s, p.x, err)
		}
	}
	if err := Positive(2).Unconstrain(make([]float64, 2), []float64{1}); err == nil {
		t.Error("a missing element was taken")
	}
}

// logAbsDet is log |det A| by elimination with pivots; A is overwritten.
func logAbsDet(a []float64, d int) float64 {
	s := 0.
	for i := range d {
		p := i
		for r := i + 1; r < d; r++ {
			if math.Abs(a[r*d+i]) > math.Abs(a[p*d+i]) {
				p = r
			}
		}
		for k := range d {
			a[i*d+k], a[p*d+k] = a[p*d+k], a[i*d+k]
		}
		s += math.Log(math.Abs(a[i*d+i]))
		for r := i + 1; r < d; r++ {
			f := a[r*d+i] / a[i*d+i]
			for k := i; k < d; k++ {
				a[r*d+k] -= f * a[i*d+k]
			}
		}
	}
	return s
}
