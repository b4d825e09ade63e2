package tune

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// MixtureProblem is mixture data on a path, to be sampled from one time to another: solvers are judged by how far
// they end
// from the exact trajectory of the probability flow.
type MixtureProblem struct {
	Name     string
	Path     ito.Path
	Data     field.Mixture
	From, To float64
	Scale    float64 // of the starting normals; 0: the path's prior, drawn with seed 0
}

// Ring is 8 Gaussians of standard deviation .05 on a circle of radius 1, on VP from 1 to 10⁻³.
func Ring() MixtureProblem { return MixtureProblem{"ring", path.VP{}, ring(1), 1, 1e-3, 1} }

// RingEDM is 8 Gaussians of standard deviation .05 on a circle of radius .7, on EDM from 80 to .002.
func RingEDM() MixtureProblem { return MixtureProblem{"ring-edm", path.EDM{}, ring(.7), 80, .002, 80} }

// Hada is 8 Gaussians in 8 dimensions with an image-like spectrum, on VP from 1 to 10⁻³: means 1.2 H_k ∘ 2^{−i} with
// the Hadamard matrix H, standard deviations 2^{−i}.
func Hada() MixtureProblem { return MixtureProblem{"hada", path.VP{}, hada(), 1, 1e-3, 1} }

func ring(radius float64) field.Mixture {
	m := field.Mixture{D: 2, Var: []float64{.05 * .05, .05 * .05}}
	for k := range 8 {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / 8)
		m.Means = append(m.Means, radius*cos, radius*sin)
	}
	return m
}

func hada() field.Mixture {
	m := field.Mixture{D: 8, Means: make([]float64, 64), Var: make([]float64, 8)}
	for i := range 8 {
		m.Var[i] = math.Ldexp(1, -2*i)
		for k := range 8 {
			m.Means[k*8+i] = math.Ldexp(1.2, -i)
			if bits.OnesCount(uint(i&k))%2 == 1 {
				m.Means[k*8+i] *= -1
			}
		}
	}
	return m
}

// MixtureSeed is the seed of [Mixtures] and [SharpMixtures].
const MixtureSeed = 20240715

// Mixtures are 8 mixtures on VP from 1 to 10⁻³, of dimension 2, 2, 2, 2, 4, 4, 6 and 8, from a generator with the
// seed [MixtureSeed]: 3 to 10 components with weights proportional to uniforms of (.2, 1), means N(0,1), and
// standard deviations, one for each component and axis, log-uniform between .1 and .5.
func Mixtures() []MixtureProblem { return mixtures("mixture", .1) }

// SharpMixtures are [Mixtures] with standard deviations from .03. Where modes are that far apart, an RMSE is
// decided by the few starts in a thousand near a watershed, from which a small error early on leads to another
// mode: what is tuned on 512 starts need not be best on others.
func SharpMixtures() []MixtureProblem { return mixtures("sharp", .03) }

func mixtures(name string, least float64) []MixtureProblem {
	const most = .5
	out := make([]MixtureProblem, 8)
	for i, d := range []int{2, 2, 2, 2, 4, 4, 6, 8} {
		key := rng.NewKey(MixtureSeed, rng.PurposeTarget, uint32(i), 0)
		k := 3 + key.Intn(0, 0, 8)
		id := []uint64{1}
		u, v := make([]float64, k), make([]float64, k*d)
		m := field.Mixture{D: d, Weights: make([]float64, k), Means: make([]float64, k*d), Var: make([]float64, k*d)}
		key.Uniforms64(u, k, id)
		key.Normals64(m.Means, k*d, id)
		rng.NewKey(MixtureSeed, rng.PurposeTarget, uint32(i), 1).Uniforms64(v, k*d, id)
		for j := range u {
			m.Weights[j] = .2 + .8*u[j]
		}
		for j := range v {
			sd := least * math.Pow(most/least, v[j])
			m.Var[j] = sd * sd
		}
		out[i] = MixtureProblem{fmt.Sprintf("%s-%d", name, i+1), path.VP{}, m, 1, 1e-3, 1}
	}
	return out
}

// Field is the exact field of the problem.
func (o MixtureProblem) Field() (ito.Field, error) {
	e, err := field.NewMixture(o.Path, o.Data)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Starts makes starting states first+1 … first+n of a fixed sequence that needs no generator: [QuasiNormals] times
// Scale in an even dimension, else draws from the path's prior by seed 0.
func (o MixtureProblem) Starts(n, first int) (ito.States, error) {
	if o.Scale > 0 && o.Data.D%2 == 0 {
		x := QuasiNormals(n, o.Data.D, first)
		for i := range x.X {
			x.X[i] *= o.Scale
		}
		return x, nil
	}
	d := o.Data.D
	if p := o.Path.Dim(); p != 0 {
		d = p
	}
	x := ito.NewStates(n, d, uint64(first))
	return x, o.Path.Prior(x, ito.Cond{}, ito.Seed(0))
}

// QuasiNormals fills n rows of an even dimension d with normals by Box–Muller on pairs of the additive recurrence
// u_ij = frac(½ + i φ⁻ʲ), i = first+1, …, j = 1 … d, φ^{d+1} = φ+1: the same values in every language.
func QuasiNormals(n, d, first int) ito.States {
	φ := 1.5
	for range 60 {
		φ = math.Pow(1+φ, 1/float64(d+1))
	}
	x := ito.NewStates(n, d, uint64(first))
	for i := range n {
		row := x.Row(i)
		for j := 0; j+1 < d; j += 2 {
			_, u := math.Modf(.5 + float64(float64(first+i+1)*math.Pow(φ, -float64(j+1))))
			_, v := math.Modf(.5 + float64(float64(first+i+1)*math.Pow(φ, -float64(j+2))))
			r := math.Sqrt(-2 * math.Log(u))
			sin, cos := math.Sincos(2 * math.Pi * v)
			row[j], row[j+1] = r*cos, r*sin
		}
	}
	return x
}

// Reference carries a copy of x to the end: [Converged] with tolerance tol (0: 10⁻⁵).
func (o MixtureProblem) Reference(ctx context.Context, f ito.Field, x ito.States, tol float64) (ito.States, error) {
	y, _, err := Converged(ctx, Task{Path: o.Path, Field: f, From: o.From, To: o.To, Starts: x}, tol, 1)
	return y, err
}

// RMSE is √mean_i ‖a_i − b_i‖² over rows.
func RMSE(a, b ito.States) float64 {
	s := 0.0
	for i, v := range a.X {
		e := v - b.X[i]
		s += e * e
	}
	return math.Sqrt(s / float64(max(a.N, 1)))
}

func scale(x ito.States) float64 {
	s := 0.0
	for _, v := range x.X {
		s += v * v
	}
	return math.Sqrt(s / float64(max(x.N, 1)))
}
