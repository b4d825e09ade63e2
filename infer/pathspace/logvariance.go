package pathspace

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
)

// LogVariance is the loss Var R over paths of the present control, whose gradient does not pass through the paths
// (Richter, Boustati, Nüsken, Ruiz and Akyildiz 2020; arXiv:2307.01198, §2.3). Along a held path ∂R_i/∂u_k = Rate_k
// ε_k, so that
//
//	∇Var R = 2/(B−1) Σ_i (R_i − R̄) Σ_k Rate_k ε_{k,i}ᵀ ∂_θ u(t_k, x_{k,i}),
//
// one pass of the network over all steps and paths and no Hessian of log ρ. Zero at the optimum, with zero variance.
type LogVariance struct{}

// Name implements PathLoss.
func (LogVariance) Name() string { return "log-variance" }

// Fits implements PathLoss.
func (LogVariance) Fits(ito.Target) error { return nil }

// Held implements PathLoss.
func (LogVariance) Held() bool { return true }

// Trace implements PathLoss: Σ (R − R̄)² over the number of paths less one. R̄ is a constant: what the sum changes by
// it is Σ (R − R̄) = 0.
func (LogVariance) Trace(cost, fine, kept ad.Value) (sum, over ad.Value) {
	zero := ad.Zeros(cost)
	mean := ad.StopGradient(ad.Div(ad.BatchSum(ad.Select(fine, cost, zero)), kept))
	return ad.BatchSum(ad.Square(ad.Select(fine, ad.Sub(cost, mean), zero))), ad.Shift(kept, -1)
}

// Value implements PathLoss.
func (LogVariance) Value(l infer.TrainingReport, _ int) float64 { return l.Variance }
