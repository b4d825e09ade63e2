package solve

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// TwoStage is the stochastic single steps of k-diffusion with two evaluations. With ρ = σ/α, z = y/α and a step from ρ
// to ρ' it goes to ρ_↓ and puts noise ρ_↑ back,
//
//	ρ_↑ = min(ρ', η ρ' √(1−ρ'²/ρ²)),  ρ_↓ = √(ρ'²−ρ_↑²),  z' = (step to ρ_↓) + Noise ρ_↑ ξ,
//
// and at the middle ρ_u, geometric between ρ and ρ_↓ (of StochasticSDE between ρ and ρ'):
//
//	AncestralEps   z_u = z + (ρ_u−ρ) ε,               z' = z + (ρ_↓−ρ) ε_u + …            dpm_2_ancestral
//	AncestralData  z_u = (ρ_u/ρ) z + (1−ρ_u/ρ) x̂0,   z' = (ρ_↓/ρ) z + (1−ρ_↓/ρ) x̂0_u + … dpmpp_2s_ancestral
//	StochasticSDE  the same with noise in z_u too, as a step from ρ to ρ_u has it; the noises of both
//	               are increments of one Brownian motion in ρ                             dpmpp_sde
//
// A step from α = 0 or to σ' = 0 has order 1 and one evaluation, the others two. Paths of one mode, from noise to data.
type TwoStage struct {
	Kind TwoStageKind `config:"-"`
	// η > 0; 0: 1
	Eta float64 `zero:"default" default:"1" above:"0" help:"η, the part of the ancestral noise that is put back"`
	// s_noise; 0: 1
	Noise float64 `zero:"default" default:"1" above:"0" help:"s_noise, the factor of its length"`
}

// TwoStageKind is the rule of a TwoStage.
type TwoStageKind uint8

// The rules.
const (
	AncestralEps TwoStageKind = iota
	AncestralData
	StochasticSDE
)

func (o TwoStage) filled() TwoStage {
	if o.Eta == 0 {
		o.Eta = 1
	}
	if o.Noise == 0 {
		o.Noise = 1
	}
	return o
}

// Info implements ito.Solver.
func (o TwoStage) Info() ito.SolverInfo {
	name := [...]string{"dpm2a", "dpmpp-2s-a", "dpmpp-sde"}[min(o.Kind, StochasticSDE)]
	return ito.SolverInfo{Name: Word(name, o), Order: 1, Stochastic: true, Evals: 2,
		Needs: []ito.Capability{ito.CapOneMode},
		Source: "Lu et al. 2022, arXiv:2211.01095, algorithm 1, and arXiv:2206.00927, algorithm 1, with ancestral " +
			"noise, as in k-diffusion"}
}

// Further buffers of a TwoStage step: the noises of its two halves.
const (
	bufFirstHalf = bufPU + 1 + iota
	bufSecondHalf
	bufTwoStages
)

// Plan implements ito.Solver.
func (o TwoStage) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.filled()
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if o.Kind > StochasticSDE || !(o.Eta > 0) || !(o.Noise > 0) || math.IsInf(o.Eta+o.Noise, 0) {
		return nil, &ito.InputError{Where: "solver dpm2a", What: "an η, a noise or a kind out of range",
			Do: "give η and noise above 0"}
	}
	if err := towardsData(g, o, "dpm-2s"); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	st := affine.NewProgram(p, len(g)-1, bufTwoStages)
	for i := range st.Steps {
		form := ito.PredX0
		if o.Kind == AncestralEps {
			form = ito.PredEps
		}
		s := twoStage{TwoStage: o, single: single{pl: pl, s: pl.Knot(g[i], form), to: pl.Knot(g[i+1], form)}}
		if s.plan(g[i], g[i+1]); s.err != nil {
			return nil, s.err
		}
		st.Steps[i] = s.line
	}
	return &st, nil
}

type twoStage struct {
	TwoStage
	single
}

// split is ρ_↓ and ρ_↑ of a step.
func (o TwoStage) split(from, to float64) (down, up float64) {
	q := to / from
	up = math.Min(to, o.Eta*to*math.Sqrt(math.Max(0, 1-q*q)))
	return math.Sqrt(math.Max(0, to*to-up*up)), up
}

func (s *twoStage) plan(from, to float64) {
	ρ, next := s.s.Rho(0), s.to.Rho(0)
	down, up := s.split(ρ, next)
	s.evaluate(s.s)
	if math.IsInf(ρ, 0) || next == 0 || down == 0 {
		s.carry(s.to, 0, s.s, down, half{bufFirstHalf, s.Noise * up, 0})
		return
	}
	end := down
	if s.Kind == StochasticSDE {
		end = next
	}
	s.u = s.s
	if middle := math.Sqrt(ρ * end); middle < ρ && middle > 0 {
		lo := to
		if end < next { // σ_↓ lies beyond the step
			lo, _ = s.pl.Path.Span()
		}
		s.u = s.pl.Knot(s.pl.TimeOf(from, lo, -math.Log(middle)), s.s.Form)
	}
	if s.Kind != StochasticSDE {
		s.carry(s.u, bufU, s.s, s.u.Rho(0))
		s.evaluate(s.u)
		s.carry(s.to, 0, s.u, down, half{bufFirstHalf, s.Noise * up, 0})
		return
	}
	middle := s.u.Rho(0)
	halfDown, halfUp := s.split(ρ, middle)
	s.carry(s.u, bufU, s.s, halfDown, half{bufFirstHalf, s.Noise * halfUp, 0})
	s.evaluate(s.u)
	a, b := math.Sqrt((ρ-middle)/(ρ-next)), math.Sqrt((middle-next)/(ρ-next))
	s.carry(s.to, 0, s.u, down, half{bufFirstHalf, s.Noise * up * a, 0}, half{bufSecondHalf, s.Noise * up * b, 1})
}

// half is a noise: its buffer, its weight in z and its address within the step.
type half struct {
	buffer int
	weight float64
	sub    uint32
}

// carry writes what the state becomes at a knot by the prediction at from, in a step to ρ = down, and noises.
func (s *twoStage) carry(to *affine.Knot, dst int, from *affine.Knot, down float64, noises ...half) {
	α, start := to.Alpha[0], s.s
	var x, m float64
	if from.Form == ito.PredX0 {
		x = α * down / start.Sigma[0]
		m = α - float64(x*start.Alpha[0])
	} else {
		x = α / start.Alpha[0]
		m = α*down - float64(x*start.Sigma[0])
	}
	at, pred := s.buffers(from)
	c := append(affine.Combination{affine.State(0, []float64{x})}, from.Made(pred, at, []float64{m})...)
	last := &s.line[len(s.line)-1]
	for _, n := range noises {
		if n.weight > 0 {
			c = append(c, affine.Noise(n.buffer, []float64{α * n.weight}))
			last.Noise = append(last.Noise, affine.Draw{Into: n.buffer, Sub: n.sub})
		}
	}
	in, err := s.pl.Combine(to.T, dst, 'x', c)
	s.err = firstError(s.err, err)
	last.Do = append(last.Do, in)
}
