package ito

import "context"

// Prediction is what a Field predicts at x_t.
type Prediction uint8

// The predictions. On a Diagonal path each determines the others.
const (
	PredX0       Prediction = iota // E[x_0 | x_t]
	PredEps                        // E[ε | x_t], ε in data coordinates (symmetric root)
	PredScore                      // ∇ log p_t(x_t)
	PredVelocity                   // E[α̇ x_0 + σ̇ ε | x_t], the probability-flow velocity dx/dt
	// PredLogits is the log probability of each level of each token of x_0 given x_t, up to a constant a token:
	// OutDim is the sum of the levels over the tokens, token by token. It is of jump paths; no other prediction
	// follows from it.
	PredLogits
)

var predictionNames = [...]string{"x0", "eps", "score", "velocity", "logits"}

func (p Prediction) String() string {
	if int(p) < len(predictionNames) {
		return predictionNames[p]
	}
	return "unknown"
}

// Field is what is known at time t: x0, ε, score, velocity or logits at x_t. It is safe for concurrent calls.
type Field interface {
	Kind() Prediction
	// OutDim is the dimension of a prediction for states of dimension d: d itself for the first four kinds.
	OutDim(d int) int
	// Predict writes the prediction for each row of x into dst. dst and x do not overlap.
	Predict(ctx context.Context, dst, x States, t Times, c Cond) error
}

// Coster is a Field that counts more than one network call an evaluation (a guided field counts 2).
type Coster interface{ Calls() int }

// Calls is the number of network calls that one evaluation of f costs.
func Calls(f Field) int {
	if c, ok := f.(Coster); ok {
		return c.Calls()
	}
	return 1
}

// VJPer is a Field with a vector-Jacobian product: dx_i = Σ_j cotangent_j ∂f_j/∂x_i, row by row.
type VJPer interface {
	VJP(ctx context.Context, dx, x States, t Times, c Cond, cotangent States) error
}

// JVPer is a Field with a Jacobian-vector product along (dx, dt), row by row.
type JVPer interface {
	JVP(ctx context.Context, df, x States, t Times, c Cond, dx States, dt Times) error
}

// Divergencer is a Field that knows its exact divergence ∇·f, row by row: div has length x.N.
type Divergencer interface {
	Divergence(ctx context.Context, div []float64, x States, t Times, c Cond) error
}
