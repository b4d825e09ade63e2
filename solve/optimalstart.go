package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// OptimalStart finds an optimal boundary condition: of M draws from the path's prior, the one from which a
// deterministic solver with few steps does best on a small set of rows with known results, to be used for all rows
// afterwards,
//
//	x̃_T = argmin_m (1/R) Σ_i loss(h(x_T^m, c_i), y_i),
//
// where h is the whole run with condition c_i. It costs M runs of R rows. The prior must not depend on a condition.
// Source: Ma et al. 2024, arXiv:2305.15357, section 3.3.
type OptimalStart struct {
	Candidates int // M; 0: 100
	// Loss compares the result of a row with what is known of it; nil: the mean squared error.
	Loss func(out, want []float64) float64
}

// Start is what OptimalStart finds.
type Start struct {
	X         []float64 // [D], the state from which every row is to start
	Candidate int       // its number, from 0
	Losses    []float64 // [M] mean loss of every candidate
	Evals     int       // network calls for each reference row, in all
}

// Find searches with the conditions and noise of opts; candidate m is the prior's draw of id m. Where losses
// are equal the first candidate wins; one whose run is not finite never does.
func (o OptimalStart) Find(ctx context.Context, p ito.Path, f ito.Field, want ito.States, g ito.Grid, s ito.Solver,
	opts RunOptions) (Start, error) {
	if s.Info().Stochastic {
		return Start{}, &ito.UnsupportedError{What: "an optimal start for solver " + s.Info().Name,
			Why: "its result is not a function of its start", Nearest: "ddim"}
	}
	if err := want.Check(); err != nil || want.N == 0 || o.Candidates < 0 {
		return Start{}, &ito.InputError{Where: "optimal start", What: fmt.Sprintf("%d candidates for %d known results",
			o.Candidates, want.N), Do: "give at least one row whose result is known"}
	}
	if o.Candidates == 0 {
		o.Candidates = 100
	}
	loss := o.Loss
	if loss == nil {
		loss = meanSquares
	}
	noise := opts.Noise
	if noise == nil {
		noise = ito.Seed(0)
	}
	starts := ito.NewStates(o.Candidates, want.D, 0)
	if err := p.Prior(starts, ito.Cond{}, noise); err != nil {
		return Start{}, err
	}
	best := Start{Candidate: -1, Losses: make([]float64, o.Candidates)}
	opts.Unchecked = true
	x := want.Like(want.D)
	for m := range o.Candidates {
		for i := range x.N {
			copy(x.Row(i), starts.Row(m))
		}
		info, err := Run(ctx, p, f, x, g, s, opts)
		if err != nil {
			return Start{}, err
		}
		best.Evals += info.Evals[0]
		for i := range x.N {
			best.Losses[m] += loss(x.Row(i), want.Row(i)) / float64(x.N)
		}
		if !math.IsNaN(best.Losses[m]) && (best.Candidate < 0 || best.Losses[m] < best.Losses[best.Candidate]) {
			best.Candidate = m
		}
	}
	if best.Candidate < 0 {
		return best, &ito.InputError{Where: "optimal start", What: "no candidate has a loss that is a number"}
	}
	best.X = starts.Row(best.Candidate)
	return best, nil
}

func meanSquares(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return s / float64(len(a))
}
