package recipe

import (
	"context"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// Planned is a sampling that was checked and planned for a model and any samples of any seed. It is safe for concurrent
// use.
type Planned struct {
	s        *sampler
	steppers sync.Pool // of the solver, which runs have left as they were planned
}

// Plan checks and plans a sampling, as [Sample] does; N, First and Seed of cfg do not matter.
func Plan(m *ito.Model, cfg SampleConfig) (*Planned, error) {
	cfg.N, cfg.First, cfg.Seed = 1, 0, 0
	s, err := newSampler(m, cfg)
	if err != nil {
		return nil, err
	}
	return &Planned{s: s}, nil
}

// Shareable reports that samples of several seeds may be drawn in one batch: rows of numbers or tokens, of one size,
// that start at noise, and rows of a table with types that are not drawn until they meet what is asked for.
func (p *Planned) Shareable() bool {
	return p.s.bySize == nil && p.s.from.N == 0 && (p.s.m.Encoding == nil || p.s.typed != nil && !p.s.typed.Tested())
}

// Share is what one of several asks for: samples First, First+1, …, N of them, of a seed.
type Share struct {
	Seed, First uint64
	N           int
}

// Shared is the answer to a [Share].
type Shared struct {
	Rows   ito.States // in the user's columns
	Report SampleReport
}

// Together draws the samples of all shares in one batch. Each has the bytes that [Sample] gives it alone, since the
// noise of a row is that of its own seed and id. An error is one of any of the rows.
func (p *Planned) Together(ctx context.Context, shares []Share) ([]Shared, error) {
	s := p.s
	var rows addresses
	for _, sh := range shares {
		for i := range sh.N {
			rows = append(rows, address{sh.Seed, sh.First + uint64(i)})
		}
	}
	x := ito.NewStates(len(rows), s.d, 0) // a row's id is its place in rows
	noise := ito.Noise(rows)
	cond := s.sharedConditions(x, shares, noise)
	if err := s.beginWith(x, cond, noise); err != nil {
		return nil, err
	}
	stepper, err := p.stepper()
	if err != nil {
		return nil, err
	}
	info, err := s.run(ctx, x, solve.RunOptions{Noise: noise, Cond: cond, Planned: stepper})
	if err != nil {
		return nil, err
	}
	if solve.Repeatable(stepper) {
		p.steppers.Put(stepper)
	}
	for i := range x.ID {
		x.ID[i] = rows[i].id
	}
	out := make([]Shared, len(shares))
	at := 0
	for i, sh := range shares {
		one := *s // whose seed is that of the share: cells are drawn by it
		one.cfg.Seed = sh.Seed
		rows, err := one.rows(x.Slice(at, at+sh.N))
		if err == nil {
			err = one.checked(&one.report.Broken, rows)
		}
		if err != nil {
			return nil, err
		}
		out[i] = Shared{rows, one.report}
		out[i].Report.N, out[i].Report.NFE = sh.N, max(s.report.NFE, slices.Max(info.Evals[at:at+sh.N]))
		at += sh.N
	}
	return out, nil
}

// stepper is the solver planned for the grid, used by nobody else.
func (p *Planned) stepper() (ito.Stepper, error) {
	if st, ok := p.steppers.Get().(ito.Stepper); ok {
		return st, nil
	}
	return solve.Plan(p.s.path, p.s.grid, p.s.solver, p.s.field.Kind())
}

// sharedConditions are the conditions of the states x of all shares: of a table with types what is drawn for a row
// comes from its own seed and id, and x has places in their stead.
func (s *sampler) sharedConditions(x ito.States, shares []Share, noise ito.Noise) ito.Cond {
	if s.typed == nil || s.typed.Nothing() {
		return s.conditions(x, noise)
	}
	var all ito.Cond
	for _, sh := range shares {
		ids := make([]uint64, sh.N)
		for i := range ids {
			ids[i] = sh.First + uint64(i)
		}
		c := s.typed.Cond(ids, sh.Seed)
		all.C, all.X = c.C, append(all.X, c.X...)
	}
	return all
}

// address is where the noise of a row begins.
type address struct{ seed, id uint64 }

// addresses is the noise of rows of several seeds: the row with the id i has that of addresses[i].
type addresses []address

// Normal implements ito.Noise.
func (a addresses) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	a.each(dst, func(s ito.Seed, rows ito.States) { s.Normal(rows, p, step, sub) })
}

// Uniform implements ito.Noise.
func (a addresses) Uniform(dst ito.States, p rng.Purpose, step, sub uint32) {
	a.each(dst, func(s ito.Seed, rows ito.States) { s.Uniform(rows, p, step, sub) })
}

// each hands on the rows of dst with their own ids, those of one seed that stand together at a time.
func (a addresses) each(dst ito.States, fill func(ito.Seed, ito.States)) {
	ids := make([]uint64, dst.N)
	for i, k := range dst.ID {
		ids[i] = a[k].id
	}
	for from := 0; from < dst.N; {
		seed, to := a[dst.ID[from]].seed, from+1
		for to < dst.N && a[dst.ID[to]].seed == seed {
			to++
		}
		rows := dst.Slice(from, to)
		rows.ID = ids[from:to]
		fill(ito.Seed(seed), rows)
		from = to
	}
}
