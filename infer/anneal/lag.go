package anneal

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/seed9a7962a8/ito/infer"
)

// lag asks of an annealing whether its particles keep up with it. The moves at a temperature leave π_β invariant,
// and so, where the weighted particles stand for π_β, they change no mean in expectation, whatever the target and
// however little they mix:
//
//	E[D_f] = 0,  D_f = Σ_i w_i (f(x_i after the moves) − f(x_i before)).
//
// Where the particles have lost a part of π_β, or come too late for it, the moves push them the same way at one
// temperature after another. Each D_f is divided by its standard error √(Σ w_i² (δ_i − D_f)²) and the quotients are
// summed over temperatures and runs; f runs through log ρ/q, the coordinates and their squares. A sum that a normal
// of its number of terms passes once in a thousand reports, over all f together, is a warning. It costs no
// evaluation. What no particle has met it cannot see, and its power grows with particles, temperatures and runs.
//
// (Brownian motion with unknown scales, 4 runs of 1000 particles: log Z is −2.2 where it should be 1.19 and the
// largest quotient 20 with 2 moves by variances at ESS .9; 1.15 and 1.6 with 10 at .97.)
type lag struct {
	x, l   []float64 // before the moves
	weight []float64
}

// lagWidth is the number of functions in dimension d.
func lagWidth(d int) int { return 2*d + 1 }

// fewest is the fraction of effective particles below which a quotient is not near to normal, and left out; the
// weights have their own warning.
const fewest = .1

func newLag(s *infer.State, ref infer.Reference) lag {
	n, d := s.Slots, s.D
	k := lag{x: s.Scratch("lag.x", n*d), l: s.Scratch("lag.l", n), weight: s.Scratch("lag.w", n)}
	copy(k.x, s.X)
	for i := range n {
		k.l[i] = s.LogP[i] - ref.LogDensity(s.X[i*d:(i+1)*d])
		k.weight[i] = math.Exp(s.Var("logw")[i])
	}
	return k
}

// measure adds the quotients of the moves that have been made.
func (k lag) measure(s *infer.State, ref infer.Reference) {
	n, d := s.Slots, s.D
	w2 := floats.Dot(k.weight, k.weight)
	if w2*float64(n)*fewest > 1 {
		return
	}
	sum, count := s.Var("drift"), s.Var("drifts")
	δ := s.Scratch("lag.d", n)
	add := func(f int) {
		D, v := 0., 0.
		for i, w := range k.weight {
			if w > 0 {
				D += w * δ[i]
			}
		}
		for i, w := range k.weight {
			if w > 0 {
				v += w * w * (δ[i] - D) * (δ[i] - D)
			}
		}
		if q := D / math.Sqrt(v); infer.Finite(q) {
			sum[f] += q
			count[f]++
		}
	}
	for i := range n {
		δ[i] = s.LogP[i] - ref.LogDensity(s.X[i*d:(i+1)*d]) - k.l[i]
	}
	add(0)
	for j := range d {
		for i := range n {
			δ[i] = s.X[i*d+j] - k.x[i*d+j]
		}
		add(1 + 2*j)
		for i := range n {
			δ[i] = (s.X[i*d+j] - k.x[i*d+j]) * (s.X[i*d+j] + k.x[i*d+j])
		}
		add(2 + 2*j)
	}
}

// LagWarnings join the runs.
func LagWarnings(s *infer.State) []string {
	sum, count := s.Var("drift"), s.Var("drifts")
	m := lagWidth(s.D)
	worst, at := 0., 0
	for f := range m {
		var z, n float64
		for g := range s.Groups {
			z += sum[g*m+f]
			n += count[g*m+f]
		}
		if q := math.Abs(z) / math.Sqrt(n); q > worst {
			worst, at = q, f
		}
	}
	if !(worst > math.Sqrt2*math.Erfinv(1-1e-3/float64(m))) {
		return nil
	}
	return []string{fmt.Sprintf("the moves push the particles the same way at one temperature after another (%s, "+
		"%.1f standard errors): the particles lag behind, and log Z is probably too low and the draws too narrow; "+
		"take more moves, more temperatures and more particles until log Z stands still", functionName(at), worst)}
}
