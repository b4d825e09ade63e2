package mcmc

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/rng"
)

// NUTS is the no-U-turn sampler with multinomial sampling of trajectories and the generalised criterion (Hoffman
// and Gelman, JMLR 15, 2014; Betancourt, arXiv:1701.02434, appendix A), with Stan's warm-up. Trees are grown leaf
// by leaf with checkpoints of momenta (Phan, Pradhan and Jankowiak, arXiv:1912.11554, algorithm 2), all chains at
// once: one batch of gradients a leaf, of the chains that still grow.
type NUTS struct {
	StepSize float64 // ε; 0: found, and adapted in warm-up
	MaxDepth int     // a trajectory has at most 2^MaxDepth − 1 leaves; 0: 10, at most 20
	Metric   Metric  // Diagonal, Dense or Unit
	Warmup   int     // steps that adapt ε and the metric, not drawn; 1000 is Stan's custom
	Accept   float64 // the mean acceptance along a trajectory aimed at; 0: .8
}

// Name implements Kernel.
func (NUTS) Name() string { return "nuts" }

// Measures implements infer.Measured.
func (NUTS) Measures() infer.Measure {
	return infer.MeasureAccept | infer.MeasureStepSize | infer.MeasureDepth | infer.MeasureLeapfrogs |
		infer.MeasureDiverged | infer.MeasureEnergy
}

// Slots implements Kernel.
func (NUTS) Slots() int { return 1 }

// WarmupSteps implements Warmer.
func (k NUTS) WarmupSteps() int { return k.Warmup }

func (k NUTS) tuner() Tuner {
	return Tuner{Name: "nuts", Warmup: k.Warmup, Accept: cmp.Or(k.Accept, .8), StepSize: k.StepSize, Metric: k.Metric}
}

func (k NUTS) depth() int { return cmp.Or(k.MaxDepth, 10) }

// Validate implements infer.Validator.
func (k NUTS) Validate(int) error {
	if k.MaxDepth < 0 || k.MaxDepth > 20 {
		return &ito.InputError{Where: "nuts", What: fmt.Sprintf("a greatest depth of %d", k.MaxDepth),
			Do: "give 1 to 20"}
	}
	return k.tuner().Validate()
}

// Init implements Kernel.
func (k NUTS) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	if err := infer.Begin(ctx, p, s); err != nil {
		return err
	}
	s.AddVar("energy", infer.EnergyWidth)
	return k.tuner().Init(ctx, p, s)
}

// Addresses of a step: normals of the momenta 0; uniforms of directions and of doublings 1; of leaves 2.
const (
	nutsMomentum = 0
	nutsDoubling = 1 // element depth: direction; 32 + depth: whether the new half is taken
	nutsLeaf     = 2 // element: the leaf's number in the trajectory
)

// Step implements Kernel.
func (k NUTS) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	n, d, deepest := s.Groups, s.D, k.depth()
	tn := k.tuner()
	m, eps, grad := tn.mass(s), s.Var("eps"), s.Var("grad")
	trees, ok := s.Work.([]*tree)
	if !ok {
		for range n {
			trees = append(trees, newTree(d, deepest))
		}
		s.Work = trees
	}
	z := s.Scratch("nuts.z", n*d)
	s.Normals(p.Seed, nutsMomentum, z)
	doubling, leaf := rng.NewKey(p.Seed, rng.PurposeSolver, s.Step, nutsDoubling), rng.NewKey(p.Seed, rng.PurposeSolver,
		s.Step, nutsLeaf)
	uniform := func(key rng.Key, g int, element uint32) float64 {
		var u [1]float64
		key.Uniforms64At(u[:], 1, s.ID[g:g+1], element)
		return u[0]
	}
	active := make([]*tree, n)
	for i, t := range trees {
		lo, hi := i*d, (i+1)*d
		t.m, t.chain, t.ε = &m, i, eps[i]
		t.depth, t.accept, t.leaves, t.diverged, t.turned, t.weight = 0, 0, 0, false, false, 0
		copy(t.pick.x, s.X[lo:hi])
		copy(t.pick.g, grad[lo:hi])
		m.momentum(i, z[lo:hi])
		copy(t.pick.p, z[lo:hi])
		t.pick.logp = s.LogP[i]
		t.h0 = t.kinetic(t.pick.p) - t.pick.logp
		t.pick.energy = t.h0
		t.end[0].set(&t.pick)
		t.end[1].set(&t.pick)
		copy(t.sum, t.pick.p)
		t.begin(uniform(doubling, i, 0))
		active[i] = t
	}
	x, g, logp := s.Scratch("nuts.x", n*d), s.Scratch("nuts.g", n*d), s.Scratch("nuts.logp", n)
	for len(active) > 0 {
		for i, t := range active {
			t.first()
			if !infer.AllFinite(t.cur.x) { // ends as divergent below; the target need not see it
				copy(t.cur.x, t.pick.x)
				t.cur.p[0] = math.NaN()
			}
			copy(x[i*d:(i+1)*d], t.cur.x)
		}
		if err := infer.GradientUncounted(ctx, p, s, len(active), logp, g, x); err != nil {
			return err
		}
		growing := active[:0]
		for i, t := range active {
			s.CountUndefined(t.chain, logp[i], x[i*d:(i+1)*d])
			copy(t.cur.g, g[i*d:(i+1)*d])
			t.cur.logp = logp[i]
			if t.second(uniform(leaf, t.chain, uint32(t.leaves))) {
				if t.join(uniform(doubling, t.chain, 32+uint32(t.depth)), deepest) {
					continue
				}
				t.begin(uniform(doubling, t.chain, uint32(t.depth)))
			}
			growing = append(growing, t)
		}
		active = growing
	}
	for i, t := range trees {
		lo, hi := i*d, (i+1)*d
		copy(s.X[lo:hi], t.pick.x)
		copy(grad[lo:hi], t.pick.g)
		s.LogP[i] = t.pick.logp
		info.Accept[i] = t.accept / float64(t.leaves)
		info.StepSize[i], info.Depth[i], info.Leapfrogs[i] = t.ε, t.depth, t.leaves
		info.Diverged[i], info.Energy[i] = t.diverged, t.pick.energy
		s.Count(i, infer.TallyGradients, float64(t.leaves))
		tn.tally(s, i, info.Accept[i], info.Energy[i], t.diverged)
		if t.depth == deepest && !t.turned && int(s.Step) >= k.Warmup {
			s.Count(i, infer.TallyDeep, 1)
		}
	}
	return tn.learn(ctx, p, s, info.Accept)
}
