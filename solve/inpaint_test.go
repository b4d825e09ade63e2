package solve_test

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// still is a noise of which the path's own part is nothing: what is known is then αy.
type still struct{ ito.Noise }

func (n still) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	if n.Noise.Normal(dst, p, step, sub); p == rng.PurposePath {
		clear(dst.X)
	}
}

// With predictors and correctors what is known is put back after each of them: every evaluation sees it.
func TestKnownAfterEveryCorrector(t *testing.T) {
	y := ito.States{N: 1, D: 2, X: []float64{2, -1}, ID: []uint64{0}}
	mean := ito.States{N: 1, D: 1, X: []float64{.5 * math.Sqrt2}, ID: []uint64{0}}
	reverting := must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta, SigmaInf: .3,
		Mean: []float64{.3, -.2}}))
	centred := must(path.NewRowMean(must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta,
		SigmaInf: .3})), 0))
	m := field.Mixture{D: 2, Means: []float64{1, 0, -.7, .8}, Var: []float64{.3, .4}}
	for _, p := range []ito.Path{path.VP{}, reverting, centred} {
		lo, hi := p.Span()
		var f ito.Field
		opts := solve.RunOptions{Noise: still{ito.Seed(4)}}
		schedule, _ := p.(ito.Diagonal)
		if schedule == nil {
			schedule = reverting
			f, opts.Cond = ownMeans{ito.PredX0, m}, ito.Cond{C: 2, X: []float64{.3, -.2, .1, .2, 0, 0}}
		} else {
			f = must(field.NewMixture(p, m))
		}
		for what, h := range map[string]ito.Hook{"inpaint": solve.Inpaint{Mask: []bool{false, true}, Known: y},
			"project": solve.Project{A: solve.GreyRows(1, 2), Value: mean}} {
			seen := 0
			see := seenStates{func(x []float64, at float64, μ []float64) {
				var a [1]float64
				schedule.Schedule(at, a[:], nil, nil, nil)
				got, want := x[1], a[0]*-1+(1-a[0])*μ[1]
				if what == "project" {
					got, want = x[0]+x[1], a[0]+(1-a[0])*(μ[0]+μ[1])
				}
				if seen++; math.Abs(got-want) > 1e-12 {
					t.Errorf("%s on %s at %g: what is known is %g, want %g", what, p.Name(), at, got, want)
				}
			}, schedule}
			x := ito.NewStates(3, 2, 0)
			opts.Hooks = []ito.Hook{h, see}
			if _, err := solve.Run(ctx, p, f, x, must(solve.Uniform(p, hi, lo, 4)), solve.PC{Steps: 2},
				opts); err != nil {
				t.Fatal(err)
			}
			if seen != 3*4*3 {
				t.Errorf("%s on %s: %d rows were seen", what, p.Name(), seen)
			}
		}
	}
}

// seenStates shows every row at which the field is evaluated, with the mean of its path.
type seenStates struct {
	f func(x []float64, t float64, μ []float64)
	p ito.Diagonal
}

func (h seenStates) Before(context.Context, *ito.Step) error { return nil }
func (h seenStates) After(context.Context, *ito.Step) error  { return nil }
func (h seenStates) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	for i := range e.X.N {
		μ := h.p.Mean()
		if e.Cond.C > 0 {
			μ = e.Cond.Row(i)
		}
		if μ == nil {
			μ = make([]float64, e.X.D)
		}
		h.f(e.X.Row(i), e.T.At(i), μ)
	}
	return nil
}

// Uniform implements ito.Noise.
func (still) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
