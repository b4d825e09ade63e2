package infer

import (
	"fmt"
	"math"
	"strings"
)

// A density that is not a number is a fault of the model, a division by zero or a logarithm of a negative number,
// and not an edge of its support, where it is −Inf. The variable "undefined" of a state counts such evaluations of
// a group, at finite places and after warm-up, and keeps the first place.

// Undefined is where a log density was NaN.
type Undefined struct {
	Count int
	At    []float64 // [D] the first such place of the first group that met one
	Group uint64
}

func (u Undefined) String() string {
	const most = 6
	var x []string
	for j, v := range u.At {
		if j == most {
			x = append(x, "…")
			break
		}
		x = append(x, fmt.Sprintf("%.4g", v))
	}
	return fmt.Sprintf("the log density is not a number at %d of the places that were tried, first at (%s)", u.Count,
		strings.Join(x, ", "))
}

// undefined looks for rows whose log density is NaN. Rows x are those of the groups in their order.
func (s *State) undefined(logp, x []float64) {
	for i, l := range logp {
		s.CountUndefined(i/s.Slots, l, x[i*s.D:(i+1)*s.D])
	}
}

// CountUndefined looks at one place of group g.
func (s *State) CountUndefined(g int, logp float64, x []float64) {
	if !math.IsNaN(logp) || !AllFinite(x) {
		return
	}
	v, w := s.Var("undefined"), 1+s.D
	if v == nil {
		return
	}
	one := v[g*w : (g+1)*w]
	if one[0]++; one[0] == 1 {
		copy(one[1:], x)
	}
}

// allUndefined joins the groups.
func (s *State) allUndefined() Undefined {
	var u Undefined
	v, w := s.Var("undefined"), 1+s.D
	for g := 0; g*w < len(v); g++ {
		one := v[g*w:][:w]
		if u.Count == 0 && one[0] > 0 {
			u.At, u.Group = append([]float64(nil), one[1:]...), s.ID[g]
		}
		u.Count += int(one[0])
	}
	return u
}
