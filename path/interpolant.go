package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// The families of two-ended interpolants, and the shapes of their latent noise γ.
const (
	LinearFamily = "linear" // A = 1−t, B = t
	TrigFamily   = "trig"   // A = √(1−γ²) cos(πt/2), B = √(1−γ²) sin(πt/2), γ ≤ 1
	EncDec       = "encdec" // A = cos²πt up to ½, B = cos²πt from there, γ = sin²πt
	Mirror       = "mirror" // x_t = x_0 + γz: both ends are the same row
	Schrodinger  = "sb"     // linear with γ = √(κt(1−t)), for pairs of the entropic plan of √κ W

	BrownianNoise  = "brownian"  // γ = √(κt(1−t))
	QuadraticNoise = "quadratic" // γ = t(1−t)
	SineNoise      = "sine"      // γ = sin²πt
	NoNoise        = "none"      // γ = 0
)

// Interpolant is a stochastic interpolant between two data sets (Albergo, Boffi & Vanden-Eijnden 2023,
// arXiv:2303.08797),
//
//	x_t = A(t) x_0 + B(t) x_1 + γ(t) z,  z ~ N(0,I),
//
// with x_0 at the sampled end t = 0, x_1 at the drawn end t = 1, and γ(0) = γ(1) = 0. (The paper draws at 0 and
// samples at 1: its families are symmetric, t ← 1−t turns one into the other.) With the conditional expectations
//
//	b = E[ẋ_t|x_t] (velocity),  v = E[İ|x_t],  η = E[z|x_t],  s = −η/γ,  b = v + γ̇η = v − γγ̇s,
//
// the ODE ẋ = b and the SDE of solve.InterpolantSDE for every ε ≥ 0 carry one law to the other. On the sb family
// b + εs with ε = κ/2 is the drift of the Schrödinger bridge. The zero value is linear with γ = √(t(1−t)).
//
// Perturb and Prior are errors, as both ends are data: see Between. Only the mirror knows its other end.
type Interpolant struct {
	// "" means linear
	Family string `json:"family" default:"linear" enum:"linear,trig,encdec,mirror,sb" help:"Family: ${enum}."`
	// shape of γ; "" means brownian, sine for encdec
	Noise string `json:"noise" enum:",brownian,quadratic,sine,none" help:"Shape of γ; without it brownian, sine for encdec."`
	// κ of brownian noise; 0 means 1
	Kappa float64 `json:"kappa" default:"1" above:"0" help:"κ of brownian noise γ = √(κt(1−t))."`
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p Interpolant) Resolve() (Interpolant, error) {
	const where = "path interpolant"
	p = p.filled()
	switch p.Family {
	case LinearFamily, TrigFamily, EncDec, Mirror, Schrodinger:
	default:
		return p, unknown(where, "family", p.Family, []string{LinearFamily, TrigFamily, EncDec, Mirror, Schrodinger})
	}
	switch p.Noise {
	case BrownianNoise, QuadraticNoise, SineNoise, NoNoise:
	default:
		return p, unknown(where, "noise", p.Noise, []string{BrownianNoise, QuadraticNoise, SineNoise, NoNoise})
	}
	bad := func(what, do string) (Interpolant, error) {
		return p, &ito.InputError{Where: where, What: what, Do: do}
	}
	switch {
	case !(p.Kappa > 0) || math.IsInf(p.Kappa, 0):
		return bad(fmt.Sprintf("kappa=%g", p.Kappa), "give a positive value")
	case p.Family == TrigFamily && p.Noise == BrownianNoise && p.Kappa >= 4:
		return bad(fmt.Sprintf("γ reaches %g on the trig family", math.Sqrt(p.Kappa)/2), "give kappa < 4, for γ < 1")
	case p.Family == Mirror && p.Noise == NoNoise:
		return bad("a mirror without noise stands still", "give it noise")
	case p.Family == EncDec && p.Noise != SineNoise:
		return bad("encdec with noise "+p.Noise, "it has noise sine")
	case p.Family == Schrodinger && p.Noise != BrownianNoise:
		return bad("sb with noise "+p.Noise, "it has noise brownian")
	}
	return p, nil
}

func (p Interpolant) filled() Interpolant {
	if p.Family == "" {
		p.Family = LinearFamily
	}
	if p.Noise == "" {
		p.Noise = BrownianNoise
		if p.Family == EncDec {
			p.Noise = SineNoise
		}
	}
	p.Kappa = cmp.Or(p.Kappa, 1)
	return p
}

// Name returns "interpolant".
func (Interpolant) Name() string { return "interpolant" }

// Objective implements [Published]: the drift, and the noise where there is some.
func (p Interpolant) Objective() string {
	if p.filled().Noise == NoNoise {
		return "b"
	}
	return "b+eta"
}

// Dim returns 0: any dimension.
func (Interpolant) Dim() int { return 0 }

// Span returns 0 and 1. A score has 1/γ in it: keep networks that predict one some 1e-4 away from the ends.
func (Interpolant) Span() (lo, hi float64) { return 0, 1 }

// Interpolation returns the coefficients at t.
func (p Interpolant) Interpolation(t float64) ito.Interpolation {
	p = p.filled()
	var c ito.Interpolation
	sin, cos := math.Sincos(math.Pi * t)
	switch p.Noise {
	case BrownianNoise:
		c.Gamma, c.HalfDGamma2 = math.Sqrt(p.Kappa*math.Max(t*(1-t), 0)), p.Kappa*(1-2*t)/2
	case QuadraticNoise:
		c.Gamma = t * (1 - t)
		c.HalfDGamma2 = c.Gamma * (1 - 2*t)
	case SineNoise:
		if t != 1 { // sin π is not 0
			c.Gamma, c.HalfDGamma2 = sin*sin, 2*math.Pi*sin*sin*sin*cos
		}
	}
	switch p.Family {
	case LinearFamily, Schrodinger:
		c.A, c.B, c.DA, c.DB = 1-t, t, -1, 1
	case Mirror:
		c.A = 1
	case EncDec:
		w, dw := cos*cos, -2*math.Pi*sin*cos
		if t <= .5 {
			c.A, c.DA = w, dw
		} else {
			c.B, c.DB = w, dw
		}
	case TrigFamily:
		s, k := math.Sincos(math.Pi / 2 * t)
		if t == 1 {
			k = 0
		}
		q := math.Sqrt(math.Max((1-c.Gamma)*(1+c.Gamma), 0))
		dq := 0.0
		if q > 0 {
			dq = -c.HalfDGamma2 / q
		}
		c.A, c.B = q*k, q*s
		c.DA, c.DB = dq*k-math.Pi/2*q*s, dq*s+math.Pi/2*q*k
	}
	return c
}

// Entropic implements Entropic: the family sb.
func (p Interpolant) Entropic() (kappa float64, ok bool) {
	p = p.filled()
	return p.Kappa, p.Family == Schrodinger
}

// Mirrored implements Mirrored: of the family mirror.
func (p Interpolant) Mirrored() bool { return p.filled().Family == Mirror }

// Between draws x_t given both ends; dst must overlap neither. On the mirror x1 is not looked at.
func (p Interpolant) Between(dst, x0, x1 ito.States, t ito.Times, n ito.Noise) error {
	if p.filled().Family == Mirror {
		x1 = x0
	}
	return between(p, dst, x0, x1, t, n)
}

func between(p ito.TwoEnded, dst, x0, x1 ito.States, t ito.Times, n ito.Noise) error {
	if err := checkEnds(p, dst, x0, x1, t); err != nil {
		return err
	}
	n.Normal(dst, rng.PurposePath, 0, 0)
	for i := range dst.N {
		c := p.Interpolation(t.At(i))
		row, a, b := dst.Row(i), x0.Row(i), x1.Row(i)
		for k, z := range row {
			row[k] = float64(c.A*a[k]) + float64(c.B*b[k]) + float64(c.Gamma*z)
		}
	}
	return nil
}

func checkEnds(p ito.Path, dst, x0, x1 ito.States, t ito.Times) error {
	if err := checkPerturb(p, dst, x0, t, dst.D); err != nil {
		return err
	}
	return checkPerturb(p, dst, x1, t, dst.D)
}

// Perturb is [Interpolant.Between] on the mirror, and an error on the other families.
func (p Interpolant) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	if p.filled().Family != Mirror {
		return &ito.UnsupportedError{What: "x_t from one end of path interpolant", Why: "it lies between two data sets",
			Nearest: "Between with pairs of rows"}
	}
	return p.Between(dst, x0, x0, t, n)
}

// Prior is an error: the drawn end is a data set. Start from its rows.
func (Interpolant) Prior(ito.States, ito.Cond, ito.Noise) error {
	return &ito.UnsupportedError{What: "a prior of path interpolant", Why: "its drawn end is a data set",
		Nearest: "its rows as the start"}
}

// InterpolantTarget is what a field of an interpolant regresses on.
type InterpolantTarget uint8

// The targets; the minimiser of E‖f̂(x_t,t) − target‖² is the conditional expectation of the same name.
const (
	TargetB   InterpolantTarget = iota // ẋ_t = İ + γ̇z
	TargetV                            // İ
	TargetEta                          // z
	TargetS                            // −z/γ
)

var targetNames = [...]string{"b", "v", "eta", "s"}

// String is b, v, eta or s.
func (t InterpolantTarget) String() string {
	if int(t) < len(targetNames) {
		return targetNames[t]
	}
	return "unknown"
}

// TargetByName is the target that String names.
func TargetByName(name string) (InterpolantTarget, bool) {
	for t, n := range targetNames {
		if n == name {
			return InterpolantTarget(t), true
		}
	}
	return 0, false
}

// Regression writes the target of every row into dst, for the ends, times and noise that Between was given. A
// target that is not finite there (γ̇ or 1/γ at an end) is an [ito.InputError]. Where 1/γ or γ̇ appears, use each
// pair twice, the second time with [Antithetic] noise.
func Regression(p ito.TwoEnded, what InterpolantTarget, dst, x0, x1 ito.States, t ito.Times, n ito.Noise) error {
	if err := checkEnds(p, dst, x0, x1, t); err != nil {
		return err
	}
	n.Normal(dst, rng.PurposePath, 0, 0)
	for i := range dst.N {
		c := p.Interpolation(t.At(i))
		var a, b, z float64
		switch what {
		case TargetB:
			a, b = c.DA, c.DB
			if c.Gamma != 0 || c.HalfDGamma2 != 0 {
				z = c.HalfDGamma2 / c.Gamma
			}
		case TargetV:
			a, b = c.DA, c.DB
		case TargetEta:
			z = 1
		default:
			z = -1 / c.Gamma
		}
		if math.IsInf(z, 0) || math.IsNaN(z) {
			return &ito.InputError{Where: "path " + p.Name(), What: fmt.Sprintf("a target at t=%g of row %d is not "+
				"finite", t.At(i), i), Do: "draw times away from the ends, or give the path noise"}
		}
		row, u, w := dst.Row(i), x0.Row(i), x1.Row(i)
		for k, ε := range row {
			row[k] = float64(a*u[k]) + float64(b*w[k]) + float64(z*ε)
		}
	}
	return nil
}

// Antithetic is a noise with every normal's sign turned.
type Antithetic struct{ ito.Noise }

// Normal implements ito.Noise.
func (a Antithetic) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	a.Noise.Normal(dst, p, step, sub)
	for i := range dst.X {
		dst.X[i] = -dst.X[i]
	}
}
