package target

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// vectorSupport acts on the last axis; leading axes hold independent vectors.
type vectorSupport struct {
	name      string
	shape     []int // lead…, k
	free      int   // of one vector
	constrain func(u ad.Value) (x, logJacobian ad.Value)
	inverse   func(u, x []float64) int // the first index outside, or −1
}

func (s *vectorSupport) Shape() []int   { return s.shape }
func (s *vectorSupport) Free() int      { return s.vectors() * s.free }
func (s *vectorSupport) String() string { return s.name }
func (s *vectorSupport) vectors() int   { return size(s.shape[:len(s.shape)-1]) }

func (s *vectorSupport) Constrain(u ad.Value) (x, logJacobian ad.Value) {
	shape := slices.Clone(s.shape)
	shape[len(shape)-1] = s.free
	x, j := s.constrain(ad.Reshape(u, shape...))
	return x, ad.Sum(j)
}

func (s *vectorSupport) Unconstrain(u, x []float64) error {
	if err := checkLengths(s, u, x); err != nil {
		return err
	}
	k := s.shape[len(s.shape)-1]
	for i := range s.vectors() {
		if bad := s.inverse(u[i*s.free:(i+1)*s.free], x[i*k:(i+1)*k]); bad >= 0 {
			return &SupportError{s.name, i*k + bad, x[i*k+bad]}
		}
	}
	return nil
}

// Ordered is x_1 < … < x_k: x_1 = u_1, x_i = x_{i−1} + exp u_i, log J = Σ_{i≥2} u_i. Leading axes lead hold
// independent vectors. It panics unless k ≥ 1.
func Ordered(k int, lead ...int) Support {
	atLeast("ordered", k, 1)
	return &vectorSupport{fmt.Sprintf("ordered(%d)", k), append(slices.Clone(lead), k), k,
		func(u ad.Value) (ad.Value, ad.Value) {
			axis := u.Rank() - 1
			if k == 1 {
				return u, ad.Zeros(u)
			}
			gaps := ad.Slice(u, axis, 1, k)
			return ad.CumSum(ad.Concat(axis, ad.Slice(u, axis, 0, 1), ad.Exp(gaps)), axis), gaps
		},
		func(u, x []float64) int {
			u[0] = x[0]
			for i := 1; i < k; i++ {
				u[i] = math.Log(x[i] - x[i-1])
			}
			return firstNonFinite(u)
		}}
}

// Simplex is x_i > 0, Σx = 1, by stick breaking: z_i = σ(u_i − log(k−i)) for i = 1 … k−1, x_i = z_i·Π_{j<i}(1−z_j),
// log J = Σ log z_i + log(1−z_i) + log Π_{j<i}(1−z_j). u = 0 is the centre. Leading axes lead hold independent
// vectors. It panics unless k ≥ 2.
func Simplex(k int, lead ...int) Support {
	atLeast("simplex", k, 2)
	shift := make([]float64, k-1)
	for i := range shift {
		shift[i] = -math.Log(float64(k - 1 - i))
	}
	return &vectorSupport{fmt.Sprintf("simplex(%d)", k), append(slices.Clone(lead), k), k - 1,
		func(u ad.Value) (ad.Value, ad.Value) {
			axis := u.Rank() - 1
			a := shiftBy(u, shift)
			logz, log1mz := ad.Neg(ad.Softplus(ad.Neg(a))), ad.Neg(ad.Softplus(a))
			left := exclusiveCumSum(log1mz, axis) // log of the stick before each break
			last := ad.Sum(log1mz, axis)
			x := ad.Concat(axis, ad.Exp(ad.Add(left, logz)), ad.Reshape(ad.Exp(last),
				append(slices.Clone(u.Shape()[:axis]), 1)...))
			return x, ad.Add(ad.Add(logz, log1mz), left)
		},
		func(u, x []float64) int {
			sum := 0.
			for _, v := range x {
				sum += v
			}
			if !(math.Abs(sum-1) < 1e-8) {
				return len(x) - 1
			}
			// What is left of the stick, summed from its far end so that small remainders stay exact.
			rest := 0.
			for i := k - 1; i > 0; i-- {
				rest += x[i]
				u[i-1] = math.Log(x[i-1]/rest) - shift[i-1]
			}
			return firstNonFinite(u)
		}}
}

func atLeast(name string, k, least int) {
	if k < least {
		panic(fmt.Sprintf("target: %s(%d): needs at least %d elements", name, k, least))
	}
}

// shiftBy adds a constant vector along the last axis of u, without needing its graph.
func shiftBy(u ad.Value, c []float64) ad.Value {
	axis := u.Rank() - 1
	parts := make([]ad.Value, len(c))
	for i, v := range c {
		parts[i] = ad.Shift(ad.Slice(u, axis, i, i+1), v)
	}
	return ad.Concat(axis, parts...)
}

// exclusiveCumSum is Σ_{j<i} x_j along an axis.
func exclusiveCumSum(x ad.Value, axis int) ad.Value {
	n := x.Shape()[axis]
	return ad.Slice(ad.Pad(ad.CumSum(x, axis), axis, 1, 0), axis, 0, n)
}

func firstNonFinite(u []float64) int {
	return slices.IndexFunc(u, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}
