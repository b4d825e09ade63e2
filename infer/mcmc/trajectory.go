package mcmc

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/floats"

	"github.com/seed9a7962a8/ito/infer"
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
	m      *Mass
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
	t := &tree{cur: newPoint(d), subPick: newPoint(d), pick: newPoint(d), sum: make([]float64, d),
		subSum: make([]float64, d), v: make([]float64, d), w: make([]float64, d), rho: make([]float64, d)}
	t.end = [2]point{newPoint(d), newPoint(d)}
	for range depth {
		t.ckpt = append(t.ckpt, make([]float64, d))
		t.ckptSum = append(t.ckptSum, make([]float64, d))
	}
	return t
}

func (t *tree) kinetic(p []float64) float64 {
	t.m.velocity(t.chain, t.v, p)
	return floats.Dot(p, t.v) / 2
}

// turning is the criterion for a stretch with end momenta a and b and sum of momenta ρ: the velocity at an end
// points against ρ, the ends counting half.
func (t *tree) turning(a, b, ρ []float64) bool {
	for j := range t.w {
		t.w[j] = ρ[j] - (a[j]+b[j])/2
	}
	t.m.velocity(t.chain, t.v, a)
	if floats.Dot(t.v, t.w) <= 0 {
		return true
	}
	t.m.velocity(t.chain, t.v, b)
	return floats.Dot(t.v, t.w) <= 0
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
	if math.IsNaN(Δ) || math.IsInf(t.cur.logp, 1) || !infer.AllFinite(t.cur.g) {
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
