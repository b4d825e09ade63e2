package wrap

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// Potential is the wrapping of a network of one output N, the potential of a field: with x̃ and c the input and time
// feature of [Moments], and s0 the geometric mean of the variances of the data in the modes,
//
//	u(x,t) = −½|x̃|² + k(t) N(x̃,c) − ½ Σ log 2πs,   k = α√s0/σ = e^{−c},   score = ∇u,
//
// so that u is a log density up to a function of time, the score is a gradient field, and N = 0 is exact for
// Gaussian data. An evaluation costs a forward and a backward run of the network.
type Potential struct {
	*scaled
	frame []float64 // −Q diag(√s0/√s0_j) Qᵀ [D,D]
}

// scaled has another name than the method Moments.
type scaled = Moments

// NewPotential plans it. The path has one mode: the Fokker–Planck equation of [Potential.Residual] is told in its one
// clock.
func NewPotential(p ito.Diagonal, data ito.Gaussian) (*Potential, error) {
	if err := ito.CheckFull("a network that is a potential", len(data.Mean), "dsm"); err != nil {
		return nil, err
	}
	pre, err := NewMoments(p, data)
	if err != nil {
		return nil, err
	}
	if pre.modes != 1 {
		return nil, &ito.UnsupportedError{What: "a potential on path " + p.Name(),
			Why: "its modes have clocks of their own", Nearest: "vp"}
	}
	d := pre.d
	c := &Potential{scaled: pre, frame: make([]float64, d*d)}
	mean := pre.meanLog()
	for j := range d {
		w := math.Exp(mean - pre.log[j])
		for a := range d {
			if pre.q == nil {
				if a == j {
					c.frame[a*d+a] = -w
				}
				continue
			}
			for b := range d {
				c.frame[a*d+b] -= w * pre.q[a*d+j] * pre.q[b*d+j]
			}
		}
	}
	return c, nil
}

// Kind implements Wrapping.
func (*Potential) Kind() string { return "potential" }

// Maker implements Made.
func (*Potential) Maker() Maker { return PotentialMaker{} }

// Sizes implements Wrapping.
func (c *Potential) Sizes() Sizes { return Sizes{c.d, c.d, 1} }

// meanLog is the mean over modes of ½ log s0.
func (c *Moments) meanLog() float64 {
	sum := 0.0
	for _, l := range c.log {
		sum += l
	}
	return sum / float64(c.d)
}

// Output traces what takes the place of the network's output F: −√(s0/s0_j) ∂_jN in the modes, [D] in data coordinates.
func (c *Potential) Output(g *ad.Graph, n, x ad.Value) ad.Value {
	return ad.MatMul(ad.Grad(ad.Sum(n), x)[0], g.Const(x.DType(), c.frame, c.d, c.d))
}

// Residual traces the residual of the Fokker–Planck equation of the log density for one sample. Along a path with
// dx = f(x−μ)dt + g dw it is
//
//	r = ω (∂_t u + f·((x−μ)·∇u + D)) − ½σ²(Δu + |∇u|²),   ω = σ²/g²,
//
// which vanishes for the log density of x_t, and for every u of its score is a function of t alone: an error in
// units of a log density per unit of log(σ²/α²). In the coordinates of [Potential], less what depends on t alone,
//
//	r = ½k [ δ∂_cN − N + Σ_j ρ_j ( x̃_j ∂_jN − ∂_jjN − k (∂_jN)² ) ],   ρ = σ²/s,
//
// with the sum over the modes. n traces N at (x̃,c); rho [D], k [1] and δ [1] are those of [Moments.Clock].
func (c *Potential) Residual(g *ad.Graph, n func(x, feat ad.Value) ad.Value, x, feat, rho, k, slope ad.Value) ad.Value {
	dt, d := x.DType(), c.d
	N := ad.Sum(n(x, feat))
	first := ad.Grad(N, x, feat)
	q := func(j int) ad.Value { // the j-th mode
		v := make([]float64, d)
		for i := range d {
			switch {
			case c.q != nil:
				v[i] = c.q[i*d+j]
			case i == j:
				v[i] = 1
			}
		}
		return g.Const(dt, v, d)
	}
	k, slope = ad.Sum(k), ad.Sum(slope)
	r := ad.Neg(N)
	if !first[1].IsZero() {
		r = ad.Add(r, ad.Mul(slope, ad.Sum(first[1])))
	}
	for j := range d {
		e := q(j)
		bend := ad.JVP([]ad.Value{first[0]}, []ad.Value{x}, []ad.Value{e})[0]
		if bend.IsZero() {
			bend = ad.Zeros(x)
		}
		dj := ad.Dot(first[0], e)
		term := ad.Sub(ad.Mul(dj, ad.Sub(ad.Dot(x, e), ad.Mul(k, dj))), ad.Dot(bend, e))
		r = ad.Add(r, ad.Mul(ad.At(rho, 0, j), term))
	}
	return ad.Scale(ad.Mul(k, r), .5)
}

// Clock writes what [Potential.Residual] needs of t: ρ = σ²/s [D], and returns k and δ, the part of the modes whose
// time feature is not cut.
func (c *Moments) Clock(t float64, rho []float64) (k, slope float64) {
	var a, s [1]float64
	c.path.Schedule(t, a[:], s[:], nil, nil)
	α, σ := a[0], s[0]
	for j, s0 := range c.s0 {
		rho[j] = float64(σ*σ) / (float64(α*α*s0) + float64(σ*σ))
		if math.Abs(math.Log(σ/α)-c.log[j]) < cutFeature {
			slope += 1 / float64(c.d)
		}
	}
	return α * math.Exp(c.meanLog()) / σ, slope
}

// Energy is a [Traced] wrapping of a network whose output is a potential, of which the residual of the Fokker–Planck
// equation can be traced; its Rows are [EnergyRows]. [Potential] is one.
type Energy interface {
	Wrapping
	Traced
	// Residual traces r of one sample; see [Potential.Residual].
	Residual(g *ad.Graph, n func(x, feat ad.Value) ad.Value, x, feat, rho, k, slope ad.Value) ad.Value
	// Clock writes what Residual needs of t: rho [D], and returns k and slope.
	Clock(t float64, rho []float64) (k, slope float64)
}

// EnergyRows are the rows of an [Energy].
type EnergyRows interface {
	Rows
	// LogDensity writes the log density of each row, given what the network says, n.
	LogDensity(dst, n []float64)
	// Clocks writes ρ [n,D], k and δ [n] of each row.
	Clocks(rho, k, slope []float64)
}

// PotentialRows are the rows of a potential.
type PotentialRows struct {
	*affine
	of *Potential
}

// Rows implements Wrapping: *PotentialRows.
func (c *Potential) Rows(kind ito.Prediction) Rows { return PotentialRows{c.rows(kind), c} }

// LogDensity writes u of each row, given what the network says, n.
func (s PotentialRows) LogDensity(dst, n []float64) {
	d := s.d
	rho := make([]float64, d)
	for i := range s.n {
		k, _ := s.of.Clock(s.runs.time(i), rho)
		o, u := s.runs.scalesOf(i), k*n[i]
		for j := range d {
			y := (s.y[i*d+j] - o.centre[j]) * o.in[j]
			u -= float64(y*y)/2 + math.Log(2*math.Pi)/2 - math.Log(o.in[j])
		}
		dst[i] = u
	}
}

// Clocks writes ρ [n,D], k and δ [n] of each row: what [Potential.Residual] reads.
func (s PotentialRows) Clocks(rho, k, slope []float64) {
	for i := range s.n {
		k[i], slope[i] = s.of.Clock(s.runs.time(i), rho[i*s.d:(i+1)*s.d])
	}
}
