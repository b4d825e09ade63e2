package approx

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// path is one ascent by L-BFGS: where it stands, the last History pairs of steps and changes of slope, and the diagonal
// from which Pathfinder's inverse Hessian begins. It is a view of numbers that the state of a run keeps, so that it
// can be interrupted:
//
//	log ρ, iterations, pairs, end, x [d], ∇ [d], diagonal [d], steps [History,d], changes [History,d]
//
// Pairs are in their order, the oldest first. Signs are those of −log ρ: a change is the old slope less the new one.
type path struct {
	d, history int
	v          []float64
}

const (
	pathLogP = iota
	pathIterations
	pathPairs
	pathEnd
	pathHead // numbers before x
)

// How an ascent ended.
const (
	climbing  = iota
	arrived   // the slope, the step or the gain is nothing
	exhausted // iterations are used up
	stuck     // no step along the slope leads higher
)

func pathWidth(d, history int) int { return pathHead + (3+2*history)*d }

func (p path) x() []float64        { return p.v[pathHead : pathHead+p.d] }
func (p path) slope() []float64    { return p.v[pathHead+p.d : pathHead+2*p.d] }
func (p path) diagonal() []float64 { return p.v[pathHead+2*p.d : pathHead+3*p.d] }
func (p path) pairs() int          { return int(p.v[pathPairs]) }
func (p path) logp() float64       { return p.v[pathLogP] }
func (p path) ended() bool         { return p.v[pathEnd] != climbing }

func (p path) step(i int) []float64 {
	at := pathHead + (3+i)*p.d
	return p.v[at : at+p.d]
}

func (p path) change(i int) []float64 {
	at := pathHead + (3+p.history+i)*p.d
	return p.v[at : at+p.d]
}

// begin sets the start, whose log ρ and slope are known.
func (p path) begin(logp float64) {
	p.v[pathLogP] = logp
	for j := range p.diagonal() {
		p.diagonal()[j] = 1
	}
}

// push appends a pair of positive curvature and drops the oldest of too many.
func (p path) push(s, y []float64) {
	n := p.pairs()
	if n == p.history {
		for i := range n - 1 {
			copy(p.step(i), p.step(i+1))
			copy(p.change(i), p.change(i+1))
		}
		n--
	}
	copy(p.step(n), s)
	copy(p.change(n), y)
	p.v[pathPairs] = float64(n + 1)
	// The diagonal follows the curvature of the last step (Gilbert and Lemaréchal 1989; Zhang et al., algorithm 3).
	α := p.diagonal()
	a, b, c := 0., floats.Dot(s, y), 0.
	for j := range α {
		a += y[j] * y[j] * α[j]
		c += s[j] * s[j] / α[j]
	}
	for j, v := range α {
		inverse := a/(b*v) + y[j]*y[j]/b - a*s[j]*s[j]/(b*c*v*v)
		if w := 1 / inverse; w > 0 && !math.IsInf(w, 0) {
			α[j] = w
		}
	}
}

// direction writes the step that L-BFGS takes (Nocedal and Wright, Numerical Optimization, algorithm 7.4), and returns
// its slope in log ρ, which is positive.
func (p path) direction(dst []float64) float64 {
	copy(dst, p.slope())
	n := p.pairs()
	a := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		s, y := p.step(i), p.change(i)
		a[i] = floats.Dot(s, dst) / floats.Dot(s, y)
		floats.AddScaled(dst, -a[i], y)
	}
	if n > 0 {
		s, y := p.step(n-1), p.change(n-1)
		floats.Scale(floats.Dot(s, y)/floats.Dot(y, y), dst)
	}
	for i := range n {
		s, y := p.step(i), p.change(i)
		floats.AddScaled(dst, a[i]-floats.Dot(y, dst)/floats.Dot(s, y), s)
	}
	return floats.Dot(dst, p.slope())
}
