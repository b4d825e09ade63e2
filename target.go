package ito

import "context"

// Target is an unnormalised log density log ρ on R^d with its gradient, evaluated for a batch of states at
// once. It carries no truth about itself: no log Z, no modes, no draws. It is safe for concurrent calls.
//
// Where the density is zero or undefined the log density is −Inf or NaN and the gradient of that row is
// unspecified; that is a value, not an error. A row's value depends on nothing but the row.
type Target interface {
	// Dim is d, the dimension of a state.
	Dim() int
	// LogDensity writes log ρ(x_i) to dst[i]; len(dst) = x.N and x.D = d.
	LogDensity(ctx context.Context, dst []float64, x States) error
	// Gradient writes log ρ(x_i) to logp[i] and ∇log ρ(x_i) to row i of grad, which does not overlap x.
	// One call is one gradient evaluation a row.
	Gradient(ctx context.Context, logp []float64, grad, x States) error
}

// HVPer is a Target with Hessian-vector products: row i of hv is ∇²log ρ(x_i) v_i. Losses that differentiate
// through the steps of a sampler need them. One product costs about two gradients.
type HVPer interface {
	HVP(ctx context.Context, hv, x, v States) error
}
