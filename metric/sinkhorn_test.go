package metric

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// planCovariance is E_π[x y] − E[x] E[y] on the line.
func planCovariance(p *TransportPlan) float64 {
	partner := p.Project()
	var xy float64
	for i, v := range p.x.X {
		xy += v * partner.X[i] / float64(p.x.N)
	}
	return xy - mean(p.x.X)*mean(p.y.X)
}

// The entropic plan of N(0,1) with itself, cost ½|x−y|² and ρ = σ² = 1, is normal with covariance
// (√5−1)/2: the Schrödinger bridge with Brownian reference.
func TestSinkhornOfNormals(t *testing.T) {
	n := 2000
	if testing.Short() {
		n = 600
	}
	p, err := Sinkhorn{}.Solve(t.Context(), normals(n, 1, 1), normals(n, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "covariance of the plan", planCovariance(p), (math.Sqrt(5)-1)/2, .05)
	if p.Residual > 1e-6 {
		t.Errorf("marginal error %v", p.Residual)
	}

	// The cost |x−y|² with 2ρ is the same problem.
	q, err := Sinkhorn{Squared: true, Reg: 2}.Solve(t.Context(), normals(300, 1, 1), normals(300, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Sinkhorn{}.Solve(t.Context(), normals(300, 1, 1), normals(300, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "twice OT", q.Value, 2*r.Value, 1e-6)
}

// The reference of a VP bridge: cost ½|y−ax|² at ρ = 1−a² is the closed form of Gaussian bridges with
// q = σ²/a, c = ½(√(4 s0 s1 + q²) − q).
func TestSinkhornWithScale(t *testing.T) {
	const a = .6
	n := 600
	p, err := Sinkhorn{Scale: a, Reg: 1 - a*a}.Solve(t.Context(), normals(n, 1, 1), normals(n, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	q := (1 - a*a) / a
	near(t, "covariance of the plan", planCovariance(p), (math.Sqrt(4+q*q)-q)/2, .08)
	if _, err := (Sinkhorn{Scale: a}).Divergence(t.Context(), p.x, p.y); err == nil {
		t.Error("a divergence with a scale: no error")
	}
}

func TestSinkhornPlan(t *testing.T) {
	x, y := normals(40, 2, 1), normals(70, 2, 2)
	p, err := Sinkhorn{Reg: .3, Tol: 1e-10}.Solve(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	row, columns := make([]float64, y.N), make([]float64, y.N)
	for i := range x.N {
		p.Row(i, row)
		near(t, "sum of a row", mean(row)*float64(y.N), 1, 1e-12)
		for j, w := range row {
			columns[j] += w / float64(x.N)
		}
	}
	for _, c := range columns {
		near(t, "sum of a column", c, 1/float64(y.N), 1e-10)
	}
	// Dual equals primal: Σ π C + ρ KL(π | uniform).
	var primal float64
	for i := range x.N {
		p.Row(i, row)
		for j, w := range row {
			primal += w / float64(x.N) * (squaredDistance(x.Row(i), y.Row(j))/2 + .3*math.Log(w*float64(y.N)))
		}
	}
	near(t, "OT", p.Value, primal, 1e-9)
}

// With little regularisation OT is ½W2², and the ε-scaling gets there.
func TestSinkhornTendsToW2(t *testing.T) {
	x, y := normals(60, 2, 1), normals(60, 2, 2)
	p, err := Sinkhorn{Reg: .02, Tol: 1e-4}.Solve(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	w := must(W2(t.Context(), x, y))
	near(t, "OT", p.Value, w*w/2, .02*math.Log(60))
}

func TestSinkhornDivergence(t *testing.T) {
	x := normals(150, 2, 1)
	y := x.Clone()
	for i := range y.N {
		y.Row(i)[0] += 2
	}
	s, err := Sinkhorn{Reg: .5}.Divergence(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "divergence of a shift by 2", s, 2, 1e-5) // ½|δ|², exactly
	s, err = Sinkhorn{Reg: .5}.Divergence(t.Context(), x, x)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "divergence of equal sets", s, 0, 1e-12)
}

// The plan of a set with itself meets the tightest tolerance in some forty iterations at any regularisation, where
// alternating updates stand still at 1e-4; of two points it is OT = −ρ log ½(1 + e^{−a²/2ρ}), exactly.
func TestSinkhornOfASetWithItself(t *testing.T) {
	for _, ρ := range []float64{.003, .3, 30} {
		p, err := Sinkhorn{
			Reg: ρ,
			Tol: 1e-13,
		}.Solve(
			t.Context(),
			ito.States{N: 2, D: 1, X: []float64{-.4, .7}, ID: []uint64{0, 1}},
			ito.States{N: 2, D: 1, X: []float64{-.4, .7}, ID: []uint64{4, 5}},
		)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "OT of two points", p.Value, -ρ*math.Log((1+math.Exp(-1.1*1.1/2/ρ))/2), 1e-13)
	}
	x := normals(150, 2, 1)
	for _, ρ := range []float64{.5, .05, .005} {
		p, err := Sinkhorn{Reg: ρ, Tol: 1e-12, MaxIter: 60}.Solve(t.Context(), x, x)
		if err != nil {
			t.Fatal(err)
		}
		row, columns := make([]float64, x.N), make([]float64, x.N)
		for i := range x.N {
			p.Row(i, row)
			near(t, "sum of a row", mean(row)*float64(x.N), 1, 1e-9)
			for j, w := range row {
				columns[j] += w / float64(x.N)
			}
		}
		for _, c := range columns {
			near(t, "sum of a column", c*float64(x.N), 1, 1e-9)
		}
	}
	// Alternating updates, of a set that is the same but for a point moved by 1e-9, have the same value where they
	// arrive.
	y := x.Clone()
	y.X[0] += 1e-9
	p, err := Sinkhorn{Reg: .5, Tol: 1e-12}.Solve(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	q, err := Sinkhorn{Reg: .5, Tol: 1e-12}.Solve(t.Context(), x, x)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "OT either way", q.Value, p.Value, 1e-9)
}

func TestSinkhornRefuses(t *testing.T) {
	x, y := normals(20, 2, 1), normals(20, 2, 2)
	for _, s := range []Sinkhorn{{Reg: -1}, {Tol: -1}, {MaxIter: -1}, {Scale: math.NaN()}, {Reg: math.Inf(1)}} {
		if _, err := s.Solve(t.Context(), x, y); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
	var stopped *NotConvergedError
	if _, err := (Sinkhorn{Reg: .001, MaxIter: 1}).Solve(t.Context(), x, y); !errors.As(err, &stopped) ||
		stopped.Residual <= 1e-6 {
		t.Errorf("one iteration: %v", err)
	}
	if _, err := (Sinkhorn{}).Solve(t.Context(), x, ito.States{}); err == nil {
		t.Error("no rows: no error")
	}
}
