package solve_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// big is a VSDM path of dimension d with a mean, and Gaussian data on it.
func big(variant string, d int) (ito.Diagonal, ito.Gaussian) {
	a, cov, mean := make([]float64, d*d), make([]float64, d*d), make([]float64, d)
	for i := range d {
		mean[i] = .1 * float64(i%3)
		for j := range d {
			if i == j {
				a[i*d+j], cov[i*d+j] = -.1*float64(1+i%4), .5+.1*float64(i%5)
			} else if variant != path.DiagonalOnly {
				a[i*d+j] = .05 * math.Cos(float64(i+j)) / float64(d)
				cov[i*d+j] = .1 * math.Sin(float64(1+i*j+i+j)) / float64(d)
			}
		}
	}
	return must(path.NewVSDM(path.VSDMConfig{Variant: variant, A: a, Mean: mean})), ito.Gaussian{Mean: mean, Cov: cov}
}

// One step of every solver against its formula written out in data coordinates, for every form that the
// coefficients take: a number, a number for each coordinate, a small and a large basis; with every prediction.
func TestStepFormulas(t *testing.T) {
	const from, to = .8, .6
	const h = to - from
	for _, variant := range []string{path.Constant, path.DiagonalOnly, path.Logistic} {
		for _, d := range []int{1, 2, 3, 20} {
			p, g := big(variant, d)
			f := must(field.NewGaussian(p, g))
			x := ito.NewStates(4, d, 10)
			ito.Seed(1).Normal(x, rng.PurposeUser, 0, 0)
			at := func(kind ito.Prediction, x ito.States, t float64) ito.States {
				out := x.Like(d)
				if err := must(f.As(kind)).Predict(ctx, out, x, ito.Times{t}, ito.Cond{}); err != nil {
					panic(err)
				}
				return out
			}
			v := at(ito.PredVelocity, x, from)
			want := map[string]ito.States{"euler": x.Clone(), "heun": x.Clone(), "em": x.Clone(), "ddim": x.Clone()}
			for i := range x.X {
				want["euler"].X[i] += h * v.X[i]
			}
			v2 := at(ito.PredVelocity, want["euler"], to)
			s, ξ := at(ito.PredScore, x, from), x.Like(d)
			ito.Seed(3).Normal(ξ, rng.PurposeSolver, 0, 0)
			g2 := make([]float64, d)
			p.Diffusion(from, g2) // β in every mode
			for i := range x.X {
				want["heun"].X[i] += h / 2 * (v.X[i] + v2.X[i])
				want["em"].X[i] += h*(v.X[i]-g2[0]/2*s.X[i]) + math.Sqrt(-h*g2[0])*ξ.X[i]
			}
			x0, ε := at(ito.PredX0, x, from), at(ito.PredEps, x, from)
			α, σ := make([]float64, d), make([]float64, d)
			p.Schedule(to, α, σ, nil, nil)
			for r := range x.N {
				recombine(want["ddim"].Row(r), x0.Row(r), ε.Row(r), α, σ, p)
			}
			for _, solver := range solve.All() {
				w, ok := want[solver.Info().Name]
				for kind := ito.PredX0; kind <= ito.PredVelocity && ok; kind++ {
					name := fmt.Sprintf("%s on %s, d=%d, by %s", solver.Info().Name, variant, d, kind)
					got, _ := run(t, problem{name: name, p: p}, must(f.As(kind)), x, ito.Grid{from, to}, solver)
					for i, v := range got.X {
						if math.Abs(v-w.X[i]) > 1e-11*(1+math.Abs(v)) {
							t.Fatalf("%s: value %d is %g, want %g", name, i, v, w.X[i])
						}
					}
				}
			}
		}
	}
}

// recombine writes μ + Q(α ⊙ Qᵀ(x0−μ) + σ ⊙ Qᵀε) the plain way.
func recombine(dst, x0, ε, α, σ []float64, p ito.Diagonal) {
	d := len(dst)
	q, mean := p.Basis(), p.Mean()
	for i := range dst {
		dst[i] = mean[i]
		for k := range d {
			for j := range d {
				qq := 0.0
				switch {
				case q != nil:
					qq = q[i*d+k] * q[j*d+k]
				case i == k && j == k:
					qq = 1
				}
				dst[i] += qq * (α[k]*(x0[j]-mean[j]) + σ[k]*ε[j])
			}
		}
	}
}
