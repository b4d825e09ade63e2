package infer

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// NUTS is the no-U-turn sampler with multinomial sampling of trajectories and the generalised criterion
// (Hoffman and Gelman, JMLR 15, 2014; Betancourt, arXiv:1701.02434, appendix A), with Stan's warm-up. Trees are grown leaf by leaf with
// checkpoints of momenta (Phan, Pradhan and Jankowiak, arXiv:1912.11554, algorithm 2), all chains at once: one batch of gradients a
// leaf, of the chains that still grow.
type NUTS struct {
	StepSize float64 // ε; 0: found, and adapted in warm-up
	MaxDepth int     // a trajectory has at most 2^MaxDepth − 1 leaves; 0: 10, at most 20
	Metric   Metric  // Diagonal, Dense or Unit
	Warmup   int     // steps that adapt ε and the metric, not drawn; 1000 is Stan's custom
	Accept   float64 // the mean acceptance along a trajectory aimed at; 0: .8
}

// Name implements Kernel.
func (NUTS) Name() string { return "nuts" }

// Slots implements Kernel.
func (NUTS) Slots() int { return 1 }

// WarmupSteps implements Warmer.
func (k NUTS) WarmupSteps() int { return k.Warmup }

func (k NUTS) tuner() tuner {
	return tuner{name: "nuts", warmup: k.Warmup, accept: or(k.Accept, .8), eps: k.StepSize, metric: k.Metric}
}

func (k NUTS) depth() int { return int(or(float64(k.MaxDepth), 10)) }

func (k NUTS) validate(int) error {
	if k.MaxDepth < 0 || k.MaxDepth > 20 {
		return &ito.InputError{Where: "nuts", What: fmt.Sprintf("a greatest depth of %d", k.MaxDepth), Do: "give 1 to 20"}
	}
	return k.tuner().validate()
}

// Init implements Kernel.
func (k NUTS) Init(ctx context.Context, p Problem, s *State) error {
	if err := begin(ctx, p, s); err != nil {
		return err
	}
	return k.tuner().init(ctx, p, s)
}

// Addresses of a step: normals of the momenta 0; uniforms of directions and of doublings 1; of leaves 2.
const (
	nutsMomentum = 0
	nutsDoubling = 1 // element depth: direction; 32 + depth: whether the new half is taken
	nutsLeaf     = 2 // element: the leaf's number in the trajectory
)

// point is a place in phase space with what is known of it.
type point struct {
	x, p, g      []float64
	logp, energy float64
}

func newPoint(d int) point {
	return point{x: make([]float64, d), p: make([]float64, d), g: make([]float64, d)}
}

func (a *point) set(b *point) {
	copy(a.x, b.x)
	copy(a.p, b.p)
	copy(a.g, b.g)
	a.logp, a.energy = b.logp, b.energy
}

// tree is one chain's growing trajectory.
type tree struct {
	m      *mass
	chain  int
	h0, ε  float64
	end    [2]point // left and right
	pick   point    // the state chosen from the finished part
	sum    []float64
	weight float64 // log Σ exp(H₀ − H)
	depth  int

	// The half that is being added.
	dir     int // 0 left, 1 right
	leaf    int
	cur     point
	subPick point
	subSum  []float64
	subW    float64
	ckpt    [][]float64 // momenta at the starts of balanced subtrees
	ckptSum [][]float64 // sums of momenta up to and including them

	accept   float64
	leaves   int
	diverged bool
	turned   bool
	v, w     []float64
	rho      []float64
}

func newTree(d, depth int) *tree {
	t := &tree{cur: newPoint(d), subPick: newPoint(d), pick: newPoint(d), sum: make([]float64, d), subSum: make([]float64, d), v: make([]float64, d), w: make([]float64, d), rho: make([]float64, d)}
	t.end = [2]point{newPoint(d), newPoint(d)}
	for range depth {
		t.ckpt = append(t.ckpt, make([]float64, d))
		t.ckptSum = append(t.ckptSum, make([]float64, d))
	}
	return t
}

func (t *tree) kinetic(p []float64) float64 {
	t.m.velocity(t.chain, t.v, p)
	return dot(p, t.v) / 2
}

// turning is the criterion for a stretch with end momenta a and b and sum of momenta ρ: the velocity at an end
// points against ρ, the ends counting half.
func (t *tree) turning(a, b, ρ []float64) bool {
	for j := range t.w {
		t.w[j] = ρ[j] - (a[j]+b[j])/2
	}
	t.m.velocity(t.chain, t.v, a)
	if dot(t.v, t.w) <= 0 {
		return true
	}
	t.m.velocity(t.chain, t.v, b)
	return dot(t.v, t.w) <= 0
}

// begin starts the next doubling.
func (t *tree) begin(u float64) {
	t.dir = 0
	if u < .5 {
		t.dir = 1
	}
	t.leaf = 0
	t.cur.set(&t.end[t.dir])
	clear(t.subSum)
	t.subW = math.Inf(-1)
}

func (t *tree) step() float64 {
	if t.dir == 0 {
		return -t.ε
	}
	return t.ε
}

// first is the first half of a leapfrog step; the target is evaluated at cur.x afterwards.
func (t *tree) first() {
	ε := t.step()
	for j := range t.cur.p {
		t.cur.p[j] += ε / 2 * t.cur.g[j]
	}
	t.m.velocity(t.chain, t.v, t.cur.p)
	for j := range t.cur.x {
		t.cur.x[j] += ε * t.v[j]
	}
}

// second ends the leapfrog step and takes the leaf into the new half. It reports whether the half is complete.
func (t *tree) second(u float64) bool {
	ε := t.step()
	for j := range t.cur.p {
		t.cur.p[j] += ε / 2 * t.cur.g[j]
	}
	t.cur.energy = t.kinetic(t.cur.p) - t.cur.logp
	Δ := t.cur.energy - t.h0
	if math.IsNaN(Δ) || math.IsInf(t.cur.logp, 1) || !finiteRow(t.cur.g) {
		Δ = math.Inf(1)
	}
	t.leaves++
	t.accept += min(1, math.Exp(-Δ))
	if Δ > divergence {
		t.diverged = true
		return true
	}
	for j, p := range t.cur.p {
		t.subSum[j] += p
	}
	t.subW = logAdd(t.subW, -Δ)
	if t.leaf == 0 || u < math.Exp(-Δ-t.subW) {
		t.subPick.set(&t.cur)
	}
	// Even leaves are kept as checkpoints; an odd leaf ends one balanced subtree for each of its trailing ones.
	at := bits.OnesCount(uint(t.leaf) >> 1)
	if t.leaf%2 == 0 {
		copy(t.ckpt[at], t.cur.p)
		copy(t.ckptSum[at], t.subSum)
	} else {
		ρ := t.rho
		for i := at; i > at-bits.TrailingZeros(^uint(t.leaf)); i-- {
			for j := range ρ {
				ρ[j] = t.subSum[j] - t.ckptSum[i][j] + t.ckpt[i][j]
			}
			if t.turning(t.ckpt[i], t.cur.p, ρ) {
				t.turned = true
				return true
			}
		}
	}
	t.leaf++
	return t.leaf == 1<<t.depth
}

// join adds a complete half, choosing its state with probability min(1, w'/w), and reports whether the trajectory ends.
func (t *tree) join(u float64, deepest int) bool {
	if t.diverged || t.turned {
		return true
	}
	if u < math.Exp(t.subW-t.weight) {
		t.pick.set(&t.subPick)
	}
	t.end[t.dir].set(&t.cur)
	for j, p := range t.subSum {
		t.sum[j] += p
	}
	t.weight = logAdd(t.weight, t.subW)
	t.depth++
	t.turned = t.turning(t.end[0].p, t.end[1].p, t.sum)
	return t.turned || t.depth == deepest
}

func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// Step implements Kernel.
func (k NUTS) Step(ctx context.Context, p Problem, s *State, info *Info) error {
	n, d, deepest := s.Groups, s.D, k.depth()
	tn := k.tuner()
	m, eps, grad := tn.mass(s), s.Var("eps"), s.Var("grad")
	trees, ok := s.work.([]*tree)
	if !ok {
		for range n {
			trees = append(trees, newTree(d, deepest))
		}
		s.work = trees
	}
	z := s.tmp("nuts.z", n*d)
	s.normals(p.Seed, nutsMomentum, z)
	doubling, leaf := rng.NewKey(p.Seed, rng.PurposeSolver, s.Step, nutsDoubling), rng.NewKey(p.Seed, rng.PurposeSolver, s.Step, nutsLeaf)
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
	x, g, logp := s.tmp("nuts.x", n*d), s.tmp("nuts.g", n*d), s.tmp("nuts.logp", n)
	for len(active) > 0 {
		for i, t := range active {
			t.first()
			if !finiteRow(t.cur.x) { // ends as divergent below; the target need not see it
				copy(t.cur.x, t.pick.x)
				t.cur.p[0] = math.NaN()
			}
			copy(x[i*d:(i+1)*d], t.cur.x)
		}
		if err := gradient(ctx, p, s, len(active), logp, g, x); err != nil {
			return err
		}
		growing := active[:0]
		for i, t := range active {
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
		s.count(i, tallyGradients, float64(t.leaves))
		tn.tally(s, i, info.Accept[i], t.diverged)
		if t.depth == deepest && !t.turned && int(s.Step) >= k.Warmup {
			s.count(i, tallyDeep, 1)
		}
	}
	return tn.learn(ctx, p, s, info.Accept)
}
