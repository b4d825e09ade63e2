package learn

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// ScoreMatching is denoising score matching in the symmetric-root scaling,
//
//	E ‖σ_t s_θ(x_t,t) + ε‖² = E ‖ε̂_θ − ε‖²,  x_t = μ + α(x_0−μ) + σε,
//
// with σ the symmetric root Qσ(t)Qᵀ of the kernel's covariance, so that the loss has one scale at all
// times and in all modes. Its minimiser is the score of p_t (Vincent 2011, eq. 11; Song et al. 2021,
// arXiv:2011.13456, eq. 7 with λ = σ²).
type ScoreMatching struct{}

// Name returns "dsm".
func (ScoreMatching) Name() string { return "dsm" }

// Predicts returns ε.
func (ScoreMatching) Predicts() ito.Prediction { return ito.PredEps }

// Ports implements Objective.
func (ScoreMatching) Ports(s ito.Space, cond int, velocities bool) nn.Ports {
	return rowPorts(s, cond, velocities)
}

// Moments implements Objective: of the rows.
func (ScoreMatching) Moments(pr Setup) (ito.Gaussian, error) { return momentsOf(pr.Source) }

// Bind implements Objective.
func (o ScoreMatching) Bind(p ito.Path, pr Setup) (Bound, error) { return bound(bindRows(o, p, pr)) }
