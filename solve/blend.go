package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
)

// Blend is a hook that blends concepts by option prices: of several conditions, every evaluation of every row takes
// the one whose reward was worth least as an option at the evaluation before, so that the concept that lags is
// caught up. With S the reward of concept i at the last predicted x_0, τ the steps that are left, r = 1/Steps and
// s² = σ²/(α²+σ²) at the time of the prediction,
//
//	C_i = OptionPrice(S, Strike, r, s, τ),   next condition: argmin_i C_i, the first of equals.
//
// The first evaluation takes the first concept. The prices are those of Black and Scholes; code released for this
// scheduler has e^{−d²/2} where the normal distribution function belongs. Diagonal paths; solvers that choose their
// own steps are refused.
type Blend struct {
	None
	Concepts [][]float64 // conditions, of one width
	// Reward is how much of concept i is in x0, from 0; a probability, say. It depends on x0 alone.
	Reward func(i int, x0 []float64) float64
	Strike float64 // K; 0: .25
	Steps  int     // of the run
	Greedy bool    // the concept of least reward itself, without a price
}

// OptionPrice is the price of a European call on S with strike K, rate r, volatility s and time τ left,
//
//	C = S Φ(d₁) − K e^{−rτ} Φ(d₂),   d₁ = (log(S/K) + (r+s²/2)τ)/(s√τ),   d₂ = d₁ − s√τ,
//
// with its limits at s√τ = 0 and S = 0 (Black & Scholes 1973, eq. 13).
func OptionPrice(S, K, r, s, τ float64) float64 {
	strike := K * math.Exp(-r*τ)
	w := s * math.Sqrt(τ)
	switch {
	case S <= 0:
		return 0
	case K <= 0 || w == 0:
		return math.Max(0, S-strike)
	}
	d := (math.Log(S/K) + (r+s*s/2)*τ) / w
	Φ := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	return S*Φ(d) - strike*Φ(d-w)
}

// Before implements ito.Hook.
func (h Blend) Before(_ context.Context, s *ito.Step) error {
	if s.Index > 0 {
		return nil
	}
	if len(h.Concepts) == 0 || h.Reward == nil || h.Steps < 1 || h.Strike < 0 {
		return &ito.InputError{Where: "blending", What: fmt.Sprintf("%d concepts, %d steps, a strike of %g",
			len(h.Concepts), h.Steps, h.Strike), Do: "give concepts, their reward and the number of steps"}
	}
	for i, c := range h.Concepts {
		if len(c) == 0 || len(c) != len(h.Concepts[0]) {
			return &ito.InputError{Where: "blending", What: fmt.Sprintf("concept %d has %d values, the first has %d", i,
				len(c), len(h.Concepts[0]))}
		}
	}
	s.Cond = h.conditions(s.X.N, func(int) int { return 0 })
	return nil
}

// Predicted implements ito.Hook.
func (h Blend) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	d, ok := s.Path.(ito.Diagonal)
	if !ok || e.Pred.N != s.X.N || len(e.T) != 1 {
		return &ito.UnsupportedError{What: "blending with this solver on path " + s.Path.Name(),
			Why: "it needs x0 of every row at one time", Nearest: "euler on path vp"}
	}
	t := e.T[0]
	to, err := field.NewConverter(d, e.Kind, ito.PredX0, s.X.D)
	if err != nil {
		return err
	}
	to.At(t)
	λ, err := meanLogSNR(d, "blending")
	if err != nil {
		return err
	}
	strike := h.Strike
	if strike == 0 {
		strike = .25
	}
	sd := 1 / math.Sqrt(1+math.Exp(2*λ(t)))
	left := float64(max(h.Steps-1-s.Index, 0))
	x0 := make([]float64, s.X.D)
	s.Cond = h.conditions(s.X.N, func(row int) int {
		copy(x0, e.Pred.Row(row))
		to.Row(x0, e.X.Row(row))
		best, least := 0, math.Inf(1)
		for i := range h.Concepts {
			c := h.Reward(i, x0)
			if !h.Greedy {
				c = OptionPrice(c, strike, 1/float64(h.Steps), sd, left)
			}
			if c < least {
				best, least = i, c
			}
		}
		return best
	})
	return nil
}

func (h Blend) conditions(n int, choose func(row int) int) ito.Cond {
	c := ito.Cond{C: len(h.Concepts[0])}
	for i := range n {
		c.X = append(c.X, h.Concepts[choose(i)]...)
	}
	return c
}
