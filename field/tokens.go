package field

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// MarkovText is a law of texts of D tokens 0 … V−1: a first token from Initial and every other from the row of Next
// that the token before it chooses.
type MarkovText struct {
	Length  int       // D
	Initial []float64 // [V]
	Next    []float64 // [V,V] row-major
}

// Check reports a law that is none.
func (m MarkovText) Check() error {
	v := len(m.Initial)
	if m.Length < 1 || v < 2 || len(m.Next) != v*v {
		return &ito.InputError{Where: "Markov text", What: fmt.Sprintf("length %d, %d initial and %d transition "+
			"probabilities", m.Length, v, len(m.Next))}
	}
	for at := 0; at <= v*v; at += v {
		row := m.Initial
		if at > 0 {
			row = m.Next[at-v : at]
		}
		sum := 0.0
		for _, p := range row {
			if !(p >= 0) {
				return &ito.InputError{Where: "Markov text", What: fmt.Sprintf("a probability is %g", p)}
			}
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 {
			return &ito.InputError{Where: "Markov text", What: fmt.Sprintf("probabilities sum to %g", sum)}
		}
	}
	return nil
}

// Prob is the probability of a text.
func (m MarkovText) Prob(x []float64) float64 {
	v := len(m.Initial)
	p := m.Initial[int(x[0])]
	for j := 1; j < len(x); j++ {
		p *= m.Next[int(x[j-1])*v+int(x[j])]
	}
	return p
}

// Draw fills dst with exact draws, row i from the uniforms of its id with purpose rng.PurposeTarget.
func (m MarkovText) Draw(dst ito.States, n ito.Noise) error {
	if err := m.Check(); err != nil {
		return err
	}
	if dst.D != m.Length {
		return &ito.InputError{Where: "Markov text", What: fmt.Sprintf("states of dimension %d for texts of %d tokens",
			dst.D, m.Length)}
	}
	n.Uniform(dst, rng.PurposeTarget, 0, 0)
	v := len(m.Initial)
	for i := range dst.N {
		p, row := m.Initial, dst.Row(i)
		for j, u := range row {
			k := 0
			for ; k < v-1 && u >= p[k]; k++ {
				u -= p[k]
			}
			row[j], p = float64(k), m.Next[k*v:(k+1)*v]
		}
	}
	return nil
}

// MarkovLogits is the exact field of a [MarkovText] on a jump path: log P(x_0,j = v | x_t) for every token j and
// level v, by the forward and backward recursions with the transition of the path as the law of what is seen. O(D
// V²) a row. On a path with a mask what is seen says the same at all times, the drawn end included, so that tokens may
// be given there. The condition is ignored.
type MarkovLogits struct {
	path ito.Jump
	text MarkovText
}

// NewMarkovLogits binds a text to a path of as many levels.
func NewMarkovLogits(p ito.Jump, m MarkovText) (*MarkovLogits, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if p.Data() != len(m.Initial) {
		return nil, &ito.InputError{Where: "Markov text", What: fmt.Sprintf("%d tokens for path %s of %d",
			len(m.Initial), p.Name(), p.Data())}
	}
	return &MarkovLogits{p, m}, nil
}

// Kind implements ito.Field.
func (*MarkovLogits) Kind() ito.Prediction { return ito.PredLogits }

// OutDim returns V logits a token.
func (f *MarkovLogits) OutDim(d int) int { return d * f.path.Data() }

// Bound is the path that the field belongs to.
func (f *MarkovLogits) Bound() ito.Path { return f.path }

// Predict implements ito.Field.
func (f *MarkovLogits) Predict(ctx context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	V, K, d := f.path.Data(), f.path.Levels(), f.text.Length
	if x.D != d || dst.N != x.N || dst.D != d*V || len(t) != 1 && len(t) != x.N {
		return shapeError("logits", dst, x)
	}
	if err := path.Tokens(f.path, x); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	lo, _ := f.path.Span()
	mask := path.Mask(f.path)
	p, at := make([]float64, K*K), math.NaN()
	before, after := make([]float64, d*V), make([]float64, d*V)
	for i := range x.N {
		if now := t.At(i); now != at {
			f.path.Transition(lo, now, p)
			at = now
		}
		row := x.Row(i)
		seen := func(j, v int) float64 { return p[v*K+int(row[j])] }
		if mask >= 0 {
			seen = func(j, v int) float64 {
				if b := int(row[j]); b == mask || b == v {
					return 1
				}
				return 0
			}
		}
		for j := range d { // before[j,v] ∝ P(x_0,j = v, what is seen before j)
			sum := 0.0
			for v := range V {
				a := f.text.Initial[v]
				if j > 0 {
					a = 0
					for u := range V {
						a += float64(before[(j-1)*V+u] * seen(j-1, u) * f.text.Next[u*V+v])
					}
				}
				before[j*V+v] = a
				sum += a
			}
			scale(before[j*V:(j+1)*V], sum)
		}
		for j := d - 1; j >= 0; j-- { // after[j,v] ∝ P(what is seen after j | x_0,j = v)
			sum := 0.0
			for v := range V {
				a := 1.0
				if j < d-1 {
					a = 0
					for u := range V {
						a += float64(f.text.Next[v*V+u] * seen(j+1, u) * after[(j+1)*V+u])
					}
				}
				after[j*V+v] = a
				sum += a
			}
			scale(after[j*V:(j+1)*V], sum)
		}
		out := dst.Row(i)
		for j := range d {
			sum := 0.0
			for v := range V {
				a := before[j*V+v] * seen(j, v) * after[j*V+v]
				out[j*V+v] = a
				sum += a
			}
			if !(sum > 0) {
				return &ito.InputError{Where: fmt.Sprintf("Markov text, sample %d", x.ID[i]),
					What: fmt.Sprintf("no text of this law can be %v at t=%g", row, t.At(i))}
			}
			for v := range V {
				out[j*V+v] = math.Log(out[j*V+v] / sum)
			}
		}
	}
	return nil
}

// scale divides by the sum.
func scale(a []float64, sum float64) {
	for i := range a {
		a[i] /= sum
	}
}
