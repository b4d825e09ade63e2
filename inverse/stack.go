package inverse

import (
	"fmt"
	"strings"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Stack measures one state by several operators, their measurements one behind the other. It is linear where all are,
// and its decomposition then that of its matrix.
func Stack(parts ...Operator) (Operator, error) {
	if len(parts) == 0 {
		return nil, &ito.InputError{Where: "operators", What: "there are none"}
	}
	s := &stacked{parts: parts, at: []int{0}}
	linear := true
	for _, p := range parts {
		d, m := p.Dims()
		if first, _ := parts[0].Dims(); d != first {
			return nil, &ito.InputError{Where: "operator " + p.Kind(), What: fmt.Sprintf("it measures %d numbers, "+
				"operator %s measures %d", d, parts[0].Kind(), first)}
		}
		s.at = append(s.at, s.at[len(s.at)-1]+m)
		_, ok := p.(Linear)
		linear = linear && ok
	}
	if !linear {
		return s, nil
	}
	l := &stackedLinear{stacked: s}
	l.svd = sync.OnceValues(func() (SVD, error) { return newDenseSVD(l) })
	return l, nil
}

type stacked struct {
	parts []Operator
	at    []int // where each measurement begins, and the end
}

// Kind implements Operator.
func (s *stacked) Kind() string {
	var names []string
	for _, p := range s.parts {
		names = append(names, p.Kind())
	}
	return strings.Join(names, "&")
}

// Dims implements Operator.
func (s *stacked) Dims() (d, m int) {
	d, _ = s.parts[0].Dims()
	return d, s.at[len(s.at)-1]
}

// Apply implements Operator.
func (s *stacked) Apply(y, x []float64) {
	for i, p := range s.parts {
		p.Apply(y[s.at[i]:s.at[i+1]], x)
	}
}

// VJP implements Operator.
func (s *stacked) VJP(dx, x, w []float64) {
	clear(dx)
	one := make([]float64, len(dx))
	for i, p := range s.parts {
		p.VJP(one, x, w[s.at[i]:s.at[i+1]])
		matrix.AddScaled(dx, 1, one)
	}
}

type stackedLinear struct {
	*stacked
	svd func() (SVD, error)
}

// Adjoint implements Linear.
func (s *stackedLinear) Adjoint(dx, w []float64) { s.stacked.VJP(dx, nil, w) }

// SVD implements Spectral.
func (s *stackedLinear) SVD() (SVD, error) { return s.svd() }
