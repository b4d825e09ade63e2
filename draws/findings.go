package draws

import (
	"errors"
	"slices"

	"github.com/seed9a7962a8/ito/metric"
)

// findings are what the draws themselves show, gathered from one part of the columns after the other.
type findings struct {
	run       int      // chains that the run had, by what its files say; 0: not known
	bad       []string // parameters with draws that are not finite
	moved     []bool   // [Chains]: some parameter did
	different [][]bool // [Chains][Chains], below the diagonal: the draws of two chains differ
	approx    bool     // the draws are of an approximation, and know its density
	khat      float64  // of their weights, the posterior's density over the approximation's
}

// approximation looks for the two log densities that CmdStan writes beside the draws of a variational or a Laplace
// approximation.
func (f *findings) approximation(src source) error {
	m, _ := src.about()
	p, q := m.Find("log_p__"), max(m.Find("log_g__"), m.Find("log_q__"))
	if p < 0 || q < 0 {
		return nil
	}
	s, err := src.set([]int{p, q})
	if err != nil {
		return err
	}
	var logWeights []float64
	for c := range s.Chains {
		for i, v := range s.Chain(0, c) {
			logWeights = append(logWeights, v-s.Chain(1, c)[i])
		}
	}
	f.approx, f.khat = true, metric.KHat(logWeights, 1)
	return nil
}

// compare finds chains whose draws of all parameters are the same.
func (f *findings) compare(src source) error {
	m, _ := src.about()
	f.different = make([][]bool, m.Chains)
	x, y := make([]float64, 1<<10), make([]float64, 1<<10)
	for a := range f.different {
		f.different[a] = make([]bool, a)
		for b := range a {
			for k := m.Stats; k < len(m.Columns) && !f.different[a][b]; k++ {
				var err error
				if f.different[a][b], err = chainsDiffer(src.column(k), a, b, x, y); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// look reads a parameter: bad says that a draw is not finite; chains that moved are marked.
func look(c metric.Column, moved []bool) (bad bool, err error) {
	for chain := range c.Chains() {
		first, begun := 0.0, false
		if err := scan(c, chain, func(v float64) {
			if !begun {
				first, begun = v, true
			}
			bad = bad || v-v != 0
			moved[chain] = moved[chain] || v != first
		}); err != nil {
			return bad, err
		}
	}
	return bad, nil
}

// chainsDiffer reads two chains into x and y until they differ: one draw, then blocks.
func chainsDiffer(c metric.Column, a, b int, x, y []float64) (bool, error) {
	for at, n := 0, 1; at < c.Draws(); at, n = at+n, len(x) {
		n = min(n, c.Draws()-at)
		if err := errors.Join(c.Read(x[:n], a, at), c.Read(y[:n], b, at)); err != nil {
			return false, err
		}
		if !slices.Equal(x[:n], y[:n]) {
			return true, nil
		}
	}
	return false, nil
}
