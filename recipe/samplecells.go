package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// request reads what samples of a table with types are asked to be.
func (s *sampler) request() error {
	t, ok := s.m.Encoding.(*encode.Table)
	if !ok {
		return &ito.UnsupportedError{What: "sampling rows that are encoded as " + s.m.Encoding.Kind(),
			Why: "nothing writes them", Nearest: "*encode.Table"}
	}
	if s.cfg.Request != nil {
		if s.cfg.Balance != "" {
			return &ito.InputError{Where: "`balance`", What: "every sample has its own row of conditions",
				Do: "give one of the two"}
		}
		if s.cfg.Where != "" {
			return &ito.InputError{Where: "`where`", What: "conditions are given in a file too",
				Do: "give one of the two"}
		}
		s.typed = s.cfg.Request
		return nil
	}
	var err error
	if s.typed, err = t.ParseWhere(s.cfg.Where); err == nil && s.cfg.Balance != "" {
		s.typed, err = s.typed.Balance(s.cfg.Balance)
	}
	if drawn := t.AsData(); err == nil && drawn != nil && s.cfg.Where == "" && s.cfg.Balance == "" {
		s.typed = drawn
	}
	return err
}

// cells turns states into rows of a table with types: what was asked for stands in them as it was asked for.
func (s *sampler) cells(x ito.States, d int) (ito.States, error) {
	out := x.Like(len(s.m.Encoding.Columns()))
	for i := range x.N {
		if err := s.typed.Decode(out.Row(i), x.Row(i)[:d], x.ID[i], s.cfg.Seed); err != nil {
			return out, err
		}
	}
	return out, nil
}

// After so many draws of samples with ranges or sets they are given up where most of them still lie outside, and all
// after lastRounds: of what one draw in 300 meets, half are met in the first and all but one in 10⁷ in the last.
const mostRounds, lastRounds = 200, 5000

// within draws samples until all meet the ranges and sets that they are asked for: those that do not are drawn
// again from other noise, which is exact for the model's own law. Round r of a sample has its own address, so that a
// sample is the same whatever the others are.
func (s *sampler) within(ctx context.Context, x ito.States) (finished, error) {
	out := finished{rows: x.Like(len(s.m.Encoding.Columns()))}
	open := make([]int, x.N)
	for i := range open {
		open[i] = i
	}
	for r := 0; len(open) > 0; r++ {
		if r >= mostRounds && 2*len(open) > x.N || r == lastRounds {
			return out, &ito.InputError{Where: "`where`",
				What: fmt.Sprintf("after %d draws of each, %d of %d samples still "+
					"lie outside the ranges and sets that are asked for together", r, len(open), x.N),
				Do: "ask for more likely ones, or give single values instead"}
		}
		round := *s
		if r > 0 {
			round.cfg.Seed = rng.NewKey(s.cfg.Seed, rng.PurposeSplit, uint32(r), 1).Uint64(0, 0)
		}
		part := ito.NewStates(len(open), x.D, 0)
		for k, i := range open {
			part.ID[k] = x.ID[i]
		}
		info, err := round.draw(ctx, part, solve.RunOptions{})
		if err != nil {
			return out, err
		}
		out.nfe += slices.Max(info.Evals)
		rows, err := round.rows(part)
		if err != nil {
			return out, err
		}
		var left []int
		for k, i := range open {
			if s.typed.Meets(rows.Row(k), x.ID[i]) {
				copy(out.rows.Row(i), rows.Row(k))
			} else {
				left = append(left, i)
			}
		}
		open = left
	}
	return out, nil
}

// checked adds what breaks the constraints of a table.
func (s *sampler) checked(broken *[]encode.Broken, rows ito.States) error {
	t, ok := s.m.Encoding.(*encode.Table)
	if !ok || len(t.Constraints()) == 0 {
		return nil
	}
	b, err := t.Check(rows)
	if err != nil {
		return err
	}
	if *broken == nil {
		*broken = b
		return nil
	}
	for i := range b {
		(*broken)[i].Rows += b[i].Rows
	}
	return nil
}
