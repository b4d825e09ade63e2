package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Scales is how a published network is wrapped at one time: with y = x−μ its input is In·y, it is told Label,
// and of its output F the prediction is
//
//	x0 − μ = Skip·y + Out·F.
//
// In the terms of Karras et al. (2022, arXiv:2206.00364, table 1), which step in z = y/α and ρ = σ/α, In = c_in/α,
// Skip = c_skip/α, Out = c_out and Label = c_noise. Every wrapping below trains F with weight 1: the weights of
// the papers on ‖x̂0−x0‖² are 1/Out².
type Scales struct{ Skip, Out, In, Label float64 }

// Scaling gives the scales of a wrapping at time t of a path with α and σ.
type Scaling interface {
	At(t, alpha, sigma float64) Scales
}

// ScalingEDM is the wrapping of EDM: c_skip = σd²/(ρ²+σd²), c_out = ρσd/√(ρ²+σd²), c_in = 1/√(ρ²+σd²), c_noise =
// ¼ log ρ. On data of standard deviation σd inputs and targets have unit variance.
type ScalingEDM struct {
	SigmaData float64 // σd; 0 means .5
}

// At implements Scaling.
func (s ScalingEDM) At(_, α, σ float64) Scales {
	d := s.SigmaData
	if d == 0 {
		d = .5
	}
	n := math.Hypot(α*d, σ)
	return Scales{d * d * α / (n * n), σ * d / n, 1 / n, math.Log(σ/α) / 4}
}

// ScalingVP is the wrapping of a network that predicts ε of a variance-preserving path: c_skip = 1, c_out = −ρ, c_in =
// 1/√(ρ²+1), c_noise = (M−1)t with t the time at which the path vp of its rate has noise ρ. It knows
// nothing of x0 where α = 0.
type ScalingVP struct {
	Path path.VP // of the network's training; the zero value is β from .1 to 20
	M    int     // steps of its label; 0 means 1000
}

// At implements Scaling.
func (s ScalingVP) At(_, α, σ float64) Scales {
	c := scalesEps(α, σ)
	m := s.M
	if m == 0 {
		m = 1000
	}
	c.Label = float64(m-1) * path.TimeAt(s.Path, math.Log(α/σ))
	return c
}

func scalesEps(α, σ float64) Scales {
	return Scales{Skip: 1 / α, Out: -σ / α, In: 1 / math.Hypot(α, σ)}
}

// ScalingVE is the wrapping of a network of the variance-exploding path: c_skip = 1, c_out = ρ, c_in = 1, c_noise =
// log(ρ/2). F is −ε.
type ScalingVE struct{}

// At implements Scaling.
func (ScalingVE) At(_, α, σ float64) Scales {
	return Scales{1 / α, σ / α, 1 / α, math.Log(σ / α / 2)}
}

// ScalingV is the wrapping of a network that predicts v = αε − σx_0 of a variance-preserving path: c_skip = 1/(ρ²+1),
// c_out = −ρ/√(ρ²+1), c_in = 1/√(ρ²+1), c_noise = (2/π) atan ρ, so that x0 = αx − σv there (Salimans & Ho 2022,
// arXiv:2202.00512; k-diffusion's VDenoiser). It is finite where α = 0.
type ScalingV struct{}

// At implements Scaling.
func (ScalingV) At(_, α, σ float64) Scales {
	n := math.Hypot(α, σ)
	return Scales{α / (n * n), -σ / n, 1 / n, 2 / math.Pi * math.Atan2(σ, α)}
}

// ScalingIDDPM is the wrapping of improved DDPM: that of VP, with the label M−1−j of the nearest level u_j of
//
//	u_M = 0,  u_{j−1} = √((u_j²+1)/max(ᾱ_{j−1}/ᾱ_j, .001) − 1),  ᾱ_j = sin²(πj/(2M·1.008)).
//
// Samplers should step on the levels themselves: see [ScalingIDDPM.Levels]. Make one by NewScalingIDDPM.
type ScalingIDDPM struct{ u []float64 }

// Levels returns u_0 > … > u_M = 0, levels of ρ = σ/α. It is not a copy.
func (s ScalingIDDPM) Levels() []float64 { return s.u }

// Nearest returns the j whose u_j is nearest to ρ, the larger level of two.
func (s ScalingIDDPM) Nearest(rho float64) int {
	lo, hi := 0, len(s.u)-1
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; s.u[mid] >= rho {
			lo = mid
		} else {
			hi = mid
		}
	}
	if s.u[lo]-rho > rho-s.u[hi] {
		return hi
	}
	return lo
}

// At implements Scaling.
func (s ScalingIDDPM) At(_, α, σ float64) Scales {
	c := scalesEps(α, σ)
	c.Label = float64(len(s.u) - 2 - s.Nearest(σ/α))
	return c
}

// NewScalingIDDPM computes the M+1 levels; m = 0 means 1000.
func NewScalingIDDPM(m int) (ScalingIDDPM, error) {
	if m == 0 {
		m = 1000
	}
	if m < 1 || m > 1<<24 {
		return ScalingIDDPM{}, &ito.InputError{Where: "iddpm", What: fmt.Sprintf("%d levels", m),
			Do: "give a positive number"}
	}
	u := make([]float64, m+1)
	bar := func(j int) float64 { s := math.Sin(math.Pi / 2 * float64(j) / (float64(m) * 1.008)); return s * s }
	for j := m; j > 0; j-- {
		u[j-1] = math.Sqrt((u[j]*u[j]+1)/math.Max(bar(j-1)/bar(j), .001) - 1)
	}
	return ScalingIDDPM{u}, nil
}

// PathLabel is a wrapping whose label is the path's own, such as path.Discrete's.
type PathLabel struct {
	Scaling
	Path interface{ Label(t float64) float64 }
}

// At implements Scaling.
func (s PathLabel) At(t, α, σ float64) Scales {
	c := s.Scaling.At(t, α, σ)
	c.Label = s.Path.Label(t)
	return c
}
