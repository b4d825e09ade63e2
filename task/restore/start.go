package restore

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/task"
)

// StartReport describes how a searched start does on measurements that it was not searched on, beside the controls.
type StartReport struct {
	Candidates int     `json:"candidates"`
	References int     `json:"references"` // measurements that it was searched on, which are not restored
	Candidate  uint64  `json:"candidate"`  // the best: a draw of the prior by the seed
	Loss       float64 `json:"loss"`       // its mean squared error on the references
	Evals      int     `json:"evals"`      // network calls of the search, for each reference
	// Searched, Chance and Zero are the errors of the others from the best start, from starts by chance (√ of the mean
	// square over eight), and from the middle of the prior.
	Searched float64 `json:"searched_rmse"`
	Chance   float64 `json:"chance_rmse"`
	Zero     float64 `json:"zero_rmse"`
}

// chances are the starts by chance that a searched one is compared with.
const chances = 8

// searchStart finds the start of all draws on the first measurements, and takes these away.
func (j *job) searchStart(ctx context.Context, env *task.Env) (*StartReport, error) {
	k, n := j.c.Starts, j.c.References
	switch {
	case k == 0:
		return nil, nil
	case j.truth.N <= n:
		return nil, &ito.InputError{Where: "`references`", What: fmt.Sprintf("%d references of %d measurements whose "+
			"truth is known", n, j.truth.N), Do: "give `simulate` and more images, or fewer references"}
	case j.c.N != 1:
		return nil, &ito.InputError{Where: "`n`", What: fmt.Sprintf("%d draws from one start are all the same", j.c.N),
			Do: "give `n=1`"}
	}
	p := j.problem(0, n)
	p.Y = ito.NewStates(n, j.y[0].less.D, 0)
	for i := range n {
		copy(p.Y.Row(i), j.y[i].less.X)
	}
	row := make([]float64, j.truth.D)
	loss := func(i int, x []float64) float64 {
		if err := j.scale.t.Inverse(row, x); err != nil {
			return math.NaN()
		}
		s := 0.
		for c, v := range j.truth.Row(i) {
			s += (row[c] - v) * (row[c] - v) / float64(len(row))
		}
		return s
	}
	found, err := inverse.FindStart(ctx, p, j.method, j.d, k, loss, inverse.RestoreOptions{Levels: j.c.Levels,
		Noise: ito.Seed(j.c.Seed)})
	if err != nil {
		return nil, err
	}
	r := &StartReport{Candidates: k, References: n, Candidate: found.Candidate, Loss: found.Losses[found.Candidate],
		Evals: found.Evals}
	j.y, j.truth = j.y[n:], j.truth.Slice(n, j.truth.N)
	other := func(s inverse.SharedStart) (square float64, err error) {
		j.from = &s
		x, _, err := j.draw(ctx, env)
		if err != nil {
			return 0, err
		}
		for i, v := range j.truth.X {
			square += (x.X[i] - v) * (x.X[i] - v) / float64(len(j.truth.X))
		}
		return square, nil
	}
	for c := range uint64(chances) {
		e, err := other(inverse.SharedStart{Candidate: uint64(k) + c})
		if err != nil {
			return nil, err
		}
		r.Chance += e / chances
	}
	if r.Zero, err = other(inverse.SharedStart{Zero: true}); err != nil {
		return nil, err
	}
	if r.Searched, err = other(inverse.SharedStart{Candidate: found.Candidate}); err != nil {
		return nil, err
	}
	r.Chance, r.Zero, r.Searched = math.Sqrt(r.Chance), math.Sqrt(r.Zero), math.Sqrt(r.Searched)
	j.from = &inverse.SharedStart{Candidate: found.Candidate}
	return r, nil
}

// noiseOfDraws is the noise of all draws.
func (j *job) noiseOfDraws() ito.Noise {
	if j.from == nil {
		return ito.Seed(j.c.Seed)
	}
	s := *j.from
	s.Noise = ito.Seed(j.c.Seed)
	return s
}
