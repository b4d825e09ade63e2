package anneal

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/infer"
)

// mixing decides how many moves the particles of an annealing make at a temperature. The next weights are made of ℓ
// = log ρ/q alone, so it asks how much the ranks of ℓ before the moves still tell of those after: their weighted
// correlation r_m, after m moves, falls from 1 to 0 as the particles forget. Moves end when r_m and r_{m−1} are at
// most known (two of them, since a trajectory can land opposite to its start and come back), or when r has fallen
// by less than stall over the last stallSpan moves, as where modes of different heights keep their particles, or at
// mostMoves. This is the adaptive number of moves of Fearnhead and Taylor (Bayesian Analysis 8, 2013) and of
// Buchholz, Chopin and Jacob (Bayesian Analysis 16, 2021), who look at jumps and at correlations of the
// coordinates; ranks of ℓ change neither with the coordinates nor with the tails.
//
// It costs a sort of the particles a move. (With moves of one step size, four runs of 1000 particles: a known of
// .5, .3 and .2 has Brownian motion with unknown scales at .78 ± .26, 1.10 ± .09 and 1.13 ± .12, where 1.19 is
// true, with 2.5e6, 4.4e6 and 5.8e6 gradients. Without stall the many-well takes 3.9e6 in place of 2.1e6 and is no
// nearer.)
type mixing struct {
	ref                 infer.Reference
	before, now, weight []float64
	order               []int
	r                   []float64
}

const (
	known     = .3
	stall     = .05
	stallSpan = 4
	mostMoves = 64
)

func newMixing(s *infer.State, ref infer.Reference) *mixing {
	n := s.Slots
	k := &mixing{ref: ref, before: s.Scratch("mixing.before", n), now: s.Scratch("mixing.now", n),
		weight: s.Scratch("mixing.w", n),
		order:  make([]int, n)}
	for i, l := range s.Var("logw") {
		k.weight[i] = math.Exp(l)
	}
	k.ranks(s, k.before)
	return k
}

// ranks writes the weighted mid-ranks of ℓ, from −½ to ½.
func (k *mixing) ranks(s *infer.State, dst []float64) {
	d := s.D
	l := s.Scratch("mixing.l", s.Slots)
	for i := range l {
		l[i] = s.LogP[i] - k.ref.LogDensity(s.X[i*d:(i+1)*d])
		k.order[i] = i
	}
	slices.SortStableFunc(k.order, func(a, b int) int { return cmp.Compare(l[a], l[b]) })
	below := -.5
	for i := 0; i < len(l); {
		to, same := i, 0.
		for ; to < len(l) && l[k.order[to]] == l[k.order[i]]; to++ {
			same += k.weight[k.order[to]]
		}
		for ; i < to; i++ {
			dst[k.order[i]] = below + same/2
		}
		below += same
	}
}

// enough counts a move and reports whether it was the last.
func (k *mixing) enough(s *infer.State) bool {
	k.ranks(s, k.now)
	var aa, bb, ab float64
	for i, w := range k.weight {
		aa += w * k.before[i] * k.before[i]
		bb += w * k.now[i] * k.now[i]
		ab += w * k.before[i] * k.now[i]
	}
	k.r = append(k.r, ab/math.Sqrt(aa*bb))
	return k.settled()
}

func (k *mixing) settled() bool {
	m := len(k.r) - 1
	if m < 1 {
		return false
	}
	return !(max(k.r[m], k.r[m-1]) > known) || m >= stallSpan && k.r[m-stallSpan]-k.r[m] < stall || m+1 >= mostMoves
}
