package nn

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/rng"
)

// LoRA trains the product of two thin matrices beside every matrix of weights (Hu et al. 2022, arXiv:2106.09685,
// eq. 3),
//
//	W = W₀ + (α/r) B A,   B [m,r] = 0 at the start, A [r,n] uniform on ±1/√n.
//
// A tensor of more axes is the matrix that the cut between two of its axes makes with the fewest rows and columns
// together. Tensors that r(m+n) numbers would not make smaller, biases among them, are trained whole, as differences.
// The gradient by W is computed in full and pulled back to A and B, which costs 4rmn operations a step and matrix,
// whatever the batch, beside that of a full training; what is small are the optimiser and the file.
type LoRA struct {
	Rank int `json:"rank" default:"8" min:"1" max:"4096" help:"r, columns of B and rows of A."`
	// 0: Rank, so that the factor is 1
	Alpha float64 `json:"alpha" default:"0" min:"0" max:"1e6" help:"α of the factor α/r of the product; 0: r."`
}

// Kind implements Adaptation.
func (LoRA) Kind() string { return "lora" }

// Of implements Adaptation.
func (c LoRA) Of(w *Weights, seed uint64) (Adapter, error) {
	r := cmp.Or(c.Rank, 8)
	if r < 1 || !(c.Alpha >= 0) || math.IsInf(c.Alpha, 0) {
		return nil, &ConfigError{"lora", fmt.Sprintf("rank %d and alpha %g", r, c.Alpha)}
	}
	l := &lora{base: w.Params, seed: seed, rank: r, scale: float32(cmp.Or(c.Alpha, float64(r)) / float64(r))}
	thin := false
	for _, t := range w.layout {
		m, n := balanced(t.Shape)
		p := loraPart{of: t, m: m, n: n, at: l.size, thin: r*(m+n) < m*n}
		part := func(name string, shape ...int) {
			l.parts = append(l.parts, AdapterPart{Tensor: Tensor{Name: t.Name + name, Shape: shape, Offset: l.size}})
			l.size += sizeOf(shape)
		}
		if p.thin {
			part(".lora_a", r, n)
			part(".lora_b", m, r)
			thin = true
		} else {
			part(".delta", t.Shape...)
		}
		l.of = append(l.of, p)
	}
	if !thin {
		return nil, &ConfigError{"lora", fmt.Sprintf("rank %d makes none of the tensors smaller; give a lower rank", r)}
	}
	return l, nil
}

// balanced are the rows and columns of a tensor as a matrix, with the least sum; 1 and its size of one axis.
func balanced(shape []int) (m, n int) {
	m, n = 1, sizeOf(shape)
	for at, size := 1, sizeOf(shape); at < len(shape); at++ {
		if rows := sizeOf(shape[:at]); rows+size/rows < m+n {
			m, n = rows, size/rows
		}
	}
	return m, n
}

type lora struct {
	base  []float32
	of    []loraPart
	parts []AdapterPart
	size  int
	rank  int
	scale float32
	seed  uint64
}

// loraPart is how one tensor, [m,n] as a matrix, is trained by the numbers from at on: A, then B, or its difference.
type loraPart struct {
	of       Tensor
	m, n, at int
	thin     bool
}

func (p loraPart) split(trained []float32, r int) (a, b []float32) {
	return trained[p.at : p.at+r*p.n], trained[p.at+r*p.n : p.at+r*(p.n+p.m)]
}

// Initial implements Adapter. Element j of A of tensor i has the address (i, j).
func (l *lora) Initial() []float32 {
	out := make([]float32, l.size)
	key := rng.NewKey(l.seed, rng.PurposeInit, 1, 0)
	for i, p := range l.of {
		if !p.thin {
			continue
		}
		a, _ := p.split(out, l.rank)
		key.Uniforms32(a, len(a), []uint64{uint64(i)})
		for j, u := range a {
			a[j] = float32((2*float64(u) - 1) / math.Sqrt(float64(p.n)))
		}
	}
	return out
}

// Expand implements Adapter.
func (l *lora) Expand(dst, trained []float32) {
	for _, p := range l.of {
		base := l.base[p.of.Offset : p.of.Offset+p.m*p.n]
		w := dst[p.of.Offset : p.of.Offset+p.m*p.n]
		if !p.thin {
			for i, d := range trained[p.at : p.at+len(w)] {
				w[i] = base[i] + d
			}
			continue
		}
		a, b := p.split(trained, l.rank)
		simd.GemmNN32(w, p.n, b, l.rank, a, p.n, p.m, p.n, l.rank, false)
		for i, v := range w {
			w[i] = base[i] + float32(l.scale*v)
		}
	}
}

// Pull implements Adapter: ∂A = (α/r) Bᵀ ∂W, ∂B = (α/r) ∂W Aᵀ.
func (l *lora) Pull(dst, trained, grad []float32) {
	for _, p := range l.of {
		g := grad[p.of.Offset : p.of.Offset+p.m*p.n]
		if !p.thin {
			copy(dst[p.at:], g)
			continue
		}
		r := l.rank
		a, b := p.split(trained, r)
		da, db := p.split(dst, r)
		simd.GemmTN32(da, p.n, b, r, g, p.n, p.m, p.n, r, false)
		simd.GemmNT32(db, r, g, p.n, a, p.n, p.m, r, p.n, false)
		for _, d := range [][]float32{da, db} {
			for i := range d {
				d[i] *= l.scale
			}
		}
	}
}

// Parts implements Adapter.
func (l *lora) Parts() []AdapterPart { return l.parts }
