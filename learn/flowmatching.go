package learn

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// FlowMatching is conditional flow matching,
//
//	E ‖v_θ(x_t,t) − (α̇(x_0−μ) + σ̇ε)‖²,  x_t = μ + α(x_0−μ) + σε,
//
// whose minimiser is the velocity of the probability flow (Lipman et al. 2023, arXiv:2210.02747, eq. 9).
// On the path flow the target is ε − x_0. It serves every diagonal path.
type FlowMatching struct{}

// Name returns "flow".
func (FlowMatching) Name() string { return "flow" }

// Predicts returns the velocity.
func (FlowMatching) Predicts() ito.Prediction { return ito.PredVelocity }

// Ports implements Objective.
func (FlowMatching) Ports(s ito.Space, cond int, velocities bool) nn.Ports {
	return rowPorts(s, cond, velocities)
}

// Moments implements Objective: of the rows.
func (FlowMatching) Moments(pr Setup) (ito.Gaussian, error) { return momentsOf(pr.Source) }

// Bind implements Objective.
func (o FlowMatching) Bind(p ito.Path, pr Setup) (Bound, error) { return bound(bindRows(o, p, pr)) }
