package infer

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
)

// statistics are the columns that a method has to say of its draws, by CmdStan's names.
func statistics(p infer.MethodPlan) []string {
	if k, ok := p.Kernel.(infer.ScoreOnly); ok && k.ScoreOnly() { // a field has no density
		return []string{draws.StepSize}
	}
	if k, ok := p.Kernel.(infer.Measured); ok && p.Method.Kind == infer.Chains {
		out, has := []string{draws.LogDensity}, k.Measures()
		for i, name := range []string{draws.Accept, draws.StepSize, draws.Depth, draws.Leapfrogs, draws.Divergent,
			draws.Energy} {
			if has&(1<<i) != 0 {
				out = append(out, name)
			}
		}
		return out
	}
	switch {
	case p.Method.Kind == infer.Point:
		return []string{draws.LogDensity}
	case p.Method.Evidence:
		return []string{draws.LogDensity, draws.LogWeight, draws.Ancestor}
	case p.Method.Kind == infer.Particles:
		return []string{draws.LogDensity, draws.LogWeight}
	}
	return []string{draws.LogDensity}
}

// rowSink turns draws into rows of the journal.
type rowSink struct {
	r      *inference
	to     rowTaker
	states ito.States // of all chains, or of all particles
	wide   ito.States // their columns
	rows   []float64  // [draws,chains,columns]
}

// rowTaker takes rows [draws,chains,columns]: a journal, or a part of one.
type rowTaker interface {
	Append(rows []float64) error
	Rows() int64 // taken so far, of all chains together
}

// newRowSink makes the sink of chains, or runs, from number first on.
func newRowSink(r *inference, to rowTaker, first int) *rowSink {
	each := infer.Drawn(r.plan.Kernel)
	n, id := r.state.Groups*each, uint64(first*each)
	return &rowSink{r: r, to: to, states: ito.NewStates(n, r.p.Dim(), id), wide: ito.NewStates(n, len(r.p.columns), id),
		rows: make([]float64, n*len(r.meta.Columns))}
}

// take appends one draw of every chain, or all particles of every run: particle i of n is row i%n' of run i/n', n'
// particles to a run.
func (k *rowSink) take(d infer.Draw) error {
	r := k.r
	if _, ends := r.plan.Kernel.(infer.Ender); ends && k.to.Rows() > 0 {
		return nil // a finished run that is resumed ends once more
	}
	n, chains := k.states.N, r.plan.Chains
	for i := range n {
		copy(k.states.Row(i), d.State.X[k.at(d, i)*d.State.D:][:d.State.D])
	}
	if err := r.p.draw(context.Background(), k.wide, k.states, r.c.Seed, uint32(d.Index)); err != nil {
		return err
	}
	w, each := len(r.meta.Columns), n/chains
	for i := range n {
		chain, row := i, 0
		if each > 1 {
			chain, row = i/each, i%each
		}
		to := k.rows[(row*chains+chain)*w:][:w]
		for j, name := range r.meta.Columns[:r.meta.Stats] {
			to[j] = statistic(d, name, k.at(d, i))
		}
		copy(to[r.meta.Stats:], k.wide.Row(i))
	}
	return k.to.Append(k.rows)
}

// at is the particle of the state that is draw i.
func (k *rowSink) at(d infer.Draw, i int) int { return i/d.Drawn*d.State.Slots + i%d.Drawn }

// statistic is what the sampler says of a particle. Log weights hold their run's log Z, so that particles of all
// runs compare.
func statistic(d infer.Draw, name string, i int) float64 {
	s, g := d.State, i/d.State.Slots
	switch name {
	case draws.LogDensity:
		return s.LogP[i]
	case draws.LogWeight:
		if w := s.Var("logw"); w != nil {
			return w[i] + s.Var("logz")[g]
		}
		return 0 // an annealing's particles are equal
	case draws.Ancestor:
		return s.Var("ancestor")[i]
	case draws.Accept:
		return d.Info.Accept[g]
	case draws.StepSize:
		return d.Info.StepSize[g]
	case draws.Depth:
		return float64(d.Info.Depth[g])
	case draws.Leapfrogs:
		return float64(d.Info.Leapfrogs[g])
	case draws.Divergent:
		if d.Info.Diverged[g] {
			return 1
		}
		return 0
	}
	return d.Info.Energy[g]
}
