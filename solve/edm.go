package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// EDM is the sampler of Karras et al.: Heun's method, or another of its family, in ρ = σ/α for z = y/α, where the
// probability flow is dz/dρ = ε, with noise put in before each step ("churn"). Per mode, for a step from ρ to ρ':
//
//	γ = min(Churn/N, √2−1) if ρ ∈ [Min, Max], else 0;   ρ̂ = ρ(1+γ);   ẑ = z + Noise √(ρ̂²−ρ²) ξ
//	z_a = ẑ + a (ρ'−ρ̂) ε(ẑ, ρ̂);   z' = ẑ + (ρ'−ρ̂) [ (1−1/2a) ε(ẑ, ρ̂) + (1/2a) ε(z_a, ρ̂+a(ρ'−ρ̂)) ].
//
// N is the number of steps. Where σ' = 0, and from α = 0, the step is Euler's and costs one evaluation, the others two.
// The published grids are [Karras] from σ_max to σ_min in N−1 steps and then one to 0: 2N−1 evaluations.
// Without churn it is deterministic, of order 2, and serves every Diagonal path. Churn needs a path of one mode
// that is defined up to (√2)·ρ at its noisy end, and grids from noise to data.
type EDM struct {
	Stage Stage `config:"-"` // a; the zero value is StageEnd: Heun
	// S_churn; 0: none
	Churn float64 `min:"0" help:"S_churn, the noise put in before the steps of a run together"`
	// S_min and S_max in σ/α; Max 0: no upper end
	Min float64 `min:"0" help:"S_min, the least σ/α at which noise is put in"`
	Max float64 `zero:"default" default:"inf" above:"0" help:"S_max, the largest"`
	// S_noise; 0: 1
	Noise float64 `zero:"default" default:"1" above:"0" help:"S_noise, the factor of its length"`
}

// Stage says where the second evaluation of a step of order 2 lies.
type Stage uint8

// The stages of EDM.
const (
	StageEnd       Stage = iota // a = 1: Heun
	StageTwoThirds              // a = 2/3: Ralston
	StageHalf                   // a = 1/2: the midpoint in ρ
	// the midpoint in log ρ, with the weights of order 2 there, so that a depends on the step; k-diffusion's dpm_2
	// takes the whole weight at that midpoint, which is DPM-Solver-2: dpm-2s
	StageGeometric
)

// EDMChurn is EDM with the churn published for ImageNet-64: 40 between .05 and 50, noise 1.003.
func EDMChurn() EDM { return EDM{Churn: 40, Min: .05, Max: 50, Noise: 1.003} }

// Info implements ito.Solver.
func (o EDM) Info() ito.SolverInfo {
	info := ito.SolverInfo{Name: "edm", Order: 2, Evals: 2, Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Karras et al. 2022, arXiv:2206.00364, algorithms 1 and 3"}
	switch o.Stage {
	case StageTwoThirds:
		info.Name = "edm-ralston"
	case StageHalf:
		info.Name = "edm-midpoint"
	case StageGeometric:
		info.Name = "edm-geometric"
	}
	if o.filled() == EDMChurn() {
		info.Name = "edm-churn"
	} else {
		info.Name = Word(info.Name, o)
	}
	if o.Churn != 0 {
		info.Order, info.Stochastic, info.Needs = 1, true, []ito.Capability{ito.CapOneMode}
		info.Source = "Karras et al. 2022, arXiv:2206.00364, algorithm 2"
	}
	return info
}

func (o EDM) filled() EDM {
	if o.Noise == 0 {
		o.Noise = 1
	}
	if o.Max == 0 {
		o.Max = math.Inf(1)
	}
	return o
}

// Plan implements ito.Solver.
func (o EDM) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if o.Churn < 0 || o.Noise < 0 || o.Stage > StageGeometric || o.Max != 0 && o.Max < o.Min {
		return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: fmt.Sprintf("settings %+v", o),
			Do: "give no negative churn or noise, and Min below Max"}
	}
	o = o.filled()
	if o.Churn > 0 {
		if err := towardsData(g, o, "edm"); err != nil {
			return nil, err
		}
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	st := affine.NewProgram(p, len(g)-1, bufEDMs)
	for i := range st.Steps {
		s := single{pl: pl, s: pl.Knot(g[i], ito.PredEps), to: pl.Knot(g[i+1], ito.PredEps)}
		if o.Churn > 0 {
			o.churn(&s, len(g)-1)
		}
		o.step(&s)
		if s.err != nil {
			return nil, s.err
		}
		st.Steps[i] = s.line
	}
	return &st, nil
}

// Further buffers of an EDM step.
const (
	bufXi = bufPU + 1 + iota
	bufEDMs
)

// churn begins the step with a segment that lifts the state to the time t̂ with ρ(t̂) = ρ(1+γ).
func (o EDM) churn(s *single, steps int) {
	ρ := s.s.Rho(0)
	γ := math.Min(o.Churn/float64(steps), math.Sqrt2-1)
	if ρ < o.Min || ρ > o.Max || math.IsInf(ρ, 0) || ρ == 0 {
		return
	}
	_, hi := s.pl.Path.Span()
	t, ok := lift(s.pl, s.s.T, hi, s.s.Lambda[0]-math.Log1p(γ))
	if !ok {
		s.err = firstError(s.err, &ito.UnsupportedError{What: fmt.Sprintf("churn at t=%g of path %s", s.s.T,
			s.pl.Path.Name()), Why: fmt.Sprintf("the path has no time with σ/α = %g", ρ*(1+γ)),
			Nearest: "a smaller Max, or edm without churn"})
		return
	}
	up := s.pl.Knot(t, ito.PredEps)
	α := up.Alpha[0]
	grow := []float64{α / s.s.Alpha[0]}
	ξ := []float64{o.Noise * α * ρ * math.Sqrt(γ*(2+γ))}
	in, err := s.pl.Combine(t, 0, 'x', affine.Combination{affine.State(0, grow), affine.Noise(bufXi, ξ)})
	s.err = firstError(s.err, err)
	s.line = append(s.line, affine.Segment{Noise: []affine.Draw{{Into: bufXi}}, Do: []affine.Instruction{in}})
	s.s = up
}

// lift finds the time above t where λ has fallen to target: inside the path's span, or beyond it where the path
// goes on.
func lift(pl *affine.Planner, t, hi, target float64) (float64, bool) {
	step := hi - t
	if step <= 0 {
		step = 1e-2 * math.Abs(t)
	}
	for range 20 {
		v, _ := pl.MeanLambda(t + step)
		switch {
		case v <= target:
			return pl.TimeOf(t, t+step, target), true
		case math.IsNaN(v):
			return 0, false
		}
		step *= 2
	}
	return 0, false
}

func (o EDM) step(s *single) {
	s.evaluate(s.s)
	from, _ := s.pl.MeanLambda(s.s.T)
	to, _ := s.pl.MeanLambda(s.to.T)
	if math.IsInf(from, 0) || math.IsInf(to, 0) {
		s.update(s.to, 0, affine.WeighFirst, s.s)
		return
	}
	s.u = s.to
	if o.Stage != StageEnd {
		target := (from + to) / 2
		if a := map[Stage]float64{StageTwoThirds: 2. / 3, StageHalf: .5}[o.Stage]; a != 0 {
			target = from - math.Log1p(a*math.Expm1(from-to))
		}
		s.u = s.pl.Knot(s.pl.TimeOf(s.s.T, s.to.T, target), ito.PredEps)
	}
	s.update(s.u, bufU, affine.WeighFirst, s.s)
	s.evaluate(s.u)
	s.update(s.to, 0, weighSecond, s.s, s.u)
}

// weighSecond is the step of order 2 in ρ with a second evaluation a of the way.
func weighSecond(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	x, v := affine.First(from[0], to, i) // v = α'(ρ'−ρ)
	ρ := from[0].Rho(i)
	a := (from[1].Rho(i) - ρ) / (to.Rho(i) - ρ)
	m[0], m[1] = v*(1-1/(2*a)), v/(2*a)
	return x, 0
}
