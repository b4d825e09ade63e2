package mcmc

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Tempering is parallel tempering (Geyer 1991; Hukushima and Nemoto 1996): a ladder of chains at ρ^β, or at
// q^{1−β}ρ^β with a normal reference q, moved by Hamiltonian trajectories and swapped with probability min(1,
// e^{(β_i−β_j)(ℓ_j−ℓ_i)}), ℓ = log ρ/q, even pairs at even steps and odd pairs at odd ones, which does not reverse
// and so travels faster (Syed et al., JRSS B 84, 2022). A group is one ladder; slot 0 is β = 1 and the only one
// drawn. Without a reference ρ^β must have an integral at the smallest β. Step sizes are adapted temperature by
// temperature, and a geometric ladder to equal swap probabilities, each ladder by its own swaps; see
// [Tempering.respace].
type Tempering struct {
	Betas     []float64        // from 1, decreasing, kept as they are; nil: geometric at first and adapted in warm-up
	Count     int              // temperatures of an adapted ladder; 0: 10
	Least     float64          // its last β; 0: 1e-3
	Reference *infer.Reference // nil: none
	Leapfrogs int              // 0: 4
	Warmup    int              // steps that adapt the step sizes and the ladder, not drawn
	StepSize  float64          // the first, at β = 1; others are StepSize/√β at most 1/√Least times; 0: 0.5
}

// Name implements Kernel.
func (Tempering) Name() string { return "pt" }

// Measures implements infer.Measured.
func (Tempering) Measures() infer.Measure { return infer.MeasureAccept | infer.MeasureStepSize }

// Slots implements Kernel: one particle a temperature.
func (k Tempering) Slots() int { return len(k.betas()) }

// Drawn implements Drawer: only the particle at β = 1 is a draw of the target.
func (Tempering) Drawn() int { return 1 }

// WarmupSteps implements Warmer.
func (k Tempering) WarmupSteps() int { return k.Warmup }

// Validate implements infer.Validator.
func (k Tempering) Validate(d int) error {
	β := k.betas()
	bad := len(β) < 2 || β[0] != 1 || k.Leapfrogs < 0 || k.Warmup < 0 || k.StepSize < 0 || !infer.Finite(k.StepSize)
	for i, b := range β {
		bad = bad || !(b >= 0) || i > 0 && b >= β[i-1] || b == 0 && k.Reference == nil
	}
	if bad {
		return &ito.InputError{Where: "pt", What: fmt.Sprintf("temperatures β = %v, %d leapfrog steps of size %v", β,
			k.Leapfrogs, k.StepSize), Do: "give two β or more that fall from 1, 0 only with a reference"}
	}
	if k.Reference != nil {
		return k.Reference.Validate(d)
	}
	return nil
}

const acceptTempering = .8

// Init implements Kernel. Variables: ladder (the β of each slot), eps, step, replica (which chain of the start each
// slot holds), rates (swap probabilities summed and swaps tried of each pair), trip (the last end of the ladder
// that a replica saw) and round (round trips of each replica).
func (k Tempering) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	if err := infer.Begin(ctx, p, s); err != nil {
		return err
	}
	β := k.betas()
	t := len(β)
	eps, rep, step := s.AddVar("eps", t), s.AddVar("replica", t), s.AddVar("step", t*adapterWidth)
	s.AddVar("rates", 2*(t-1))
	k.place(s)
	s.AddVar("trip", t)
	s.AddVar("round", t)
	for i := range eps {
		eps[i] = cmp.Or(k.StepSize, .5) / math.Sqrt(max(β[i%t], β[t-1], 1e-6))
		rep[i] = float64(i % t)
		stepAdapter(step[i*adapterWidth:][:adapterWidth]).restart(eps[i])
	}
	return nil
}

// place writes the first ladder of every group.
func (k Tempering) place(s *infer.State) {
	β, ladder := k.betas(), s.AddVar("ladder", s.Slots)
	for i := range ladder {
		ladder[i] = β[i%s.Slots]
	}
}

// Complete gives a state that has no ladder the geometric one, which it keeps: that is how it began.
func (k Tempering) Complete(s *infer.State) {
	if s.Var("ladder") == nil {
		k.place(s)
		s.AddVar("kept", 1)
	}
}

// Step implements Kernel.
func (k Tempering) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	t, n := s.Slots, s.Groups*s.Slots
	β, accept := s.Var("ladder"), s.Scratch("accept", n)
	eps, l := s.Var("eps"), cmp.Or(k.Leapfrogs, 4)
	jitter, u := s.Scratch("pt.eps", n), s.Scratch("pt.jitter", n)
	s.Uniforms(p.Seed, 3, u)
	for i := range jitter {
		jitter[i] = eps[i] * (1 + .2*(2*u[i]-1))
	}
	h := Hamiltonian{Mass: Mass{Kind: Unit, D: s.D}, Density: TemperedDensity{β, k.Reference}, StepSizes: jitter,
		Steps: l}
	if err := h.Trajectory(ctx, p, s, 0, accept, nil, nil); err != nil {
		return err
	}
	warm := int(s.Step) < k.Warmup
	step := s.Var("step")
	for i := range n {
		if warm {
			a := stepAdapter(step[i*adapterWidth:][:adapterWidth])
			a.update(accept[i], acceptTempering)
			eps[i] = a.now()
			if int(s.Step) == k.Warmup-1 {
				eps[i] = a.final()
			}
		}
	}
	swap := s.Scratch("pt.swap", n)
	s.Uniforms(p.Seed, 2, swap)
	for g := range s.Groups {
		info.Accept[g], info.StepSize[g], info.Leapfrogs[g] = accept[g*t], eps[g*t], l
		if !warm {
			s.Count(g, infer.TallyProposals, 1)
			s.Count(g, infer.TallyAccepted, accept[g*t])
		}
		k.swaps(s, g, β[g*t:(g+1)*t], swap[g*t:(g+1)*t], warm)
	}
	if k.Betas == nil && s.Var("kept") == nil && roundEnds(int(s.Step)+1, k.Warmup) {
		for g := range s.Groups {
			k.respace(s, g)
		}
	}
	if int(s.Step) == k.Warmup-1 {
		clear(s.Var("rates"))
	}
	return nil
}

// swaps exchanges the pairs of this step's parity in ladder g.
func (k Tempering) swaps(s *infer.State, g int, ladder, u []float64, warm bool) {
	t, d := len(ladder), s.D
	grad, rep, rates := s.Var("grad"), s.Var("replica")[g*t:(g+1)*t], s.Var("rates")[g*2*(t-1):]
	ratio := func(i int) float64 {
		r := g*t + i
		if k.Reference == nil {
			return s.LogP[r]
		}
		return s.LogP[r] - k.Reference.LogDensity(s.X[r*d:(r+1)*d])
	}
	for i := int(s.Step) % 2; i+1 < t; i += 2 {
		a := math.Exp(min(0, (ladder[i]-ladder[i+1])*(ratio(i+1)-ratio(i))))
		if math.IsNaN(a) {
			a = 0
		}
		rates[2*i] += a
		rates[2*i+1]++
		if u[i] >= a {
			continue
		}
		r := g*t + i
		for _, x := range [][]float64{s.X, grad} {
			for j := range d {
				x[r*d+j], x[(r+1)*d+j] = x[(r+1)*d+j], x[r*d+j]
			}
		}
		s.LogP[r], s.LogP[r+1] = s.LogP[r+1], s.LogP[r]
		rep[i], rep[i+1] = rep[i+1], rep[i]
	}
	if warm {
		return
	}
	trip, round := s.Var("trip")[g*t:(g+1)*t], s.Var("round")[g*t:(g+1)*t]
	hot, cold := int(rep[t-1]), int(rep[0])
	if trip[cold] == 1 {
		round[cold]++
	}
	trip[hot], trip[cold] = 1, -1
}

// Swaps are the mean swap probabilities of neighbouring temperatures after warm-up, over all ladders, and the
// number of round trips that replicas made from the hot end to the cold one.
func (k Tempering) Swaps(s *infer.State) (rates []float64, roundTrips int) {
	t := s.Slots
	r, round := s.Var("rates"), s.Var("round")
	rates = make([]float64, t-1)
	for i := range rates {
		var sum, n float64
		for g := range s.Groups {
			sum += r[g*2*(t-1)+2*i]
			n += r[g*2*(t-1)+2*i+1]
		}
		rates[i] = sum / n
	}
	for _, v := range round {
		roundTrips += int(v)
	}
	return rates, roundTrips
}

// Warnings implements infer.Warner.
func (k Tempering) Warnings(s *infer.State) []string {
	rates, trips := k.Swaps(s)
	var w []string
	ladder := k.Ladder(s)
	for i, r := range rates {
		if r < .1 {
			w = append(w, fmt.Sprintf("temperatures %d and %d swap with probability %.2g; add temperatures between β "+
				"= %.3g and %.3g", i, i+1, r, ladder[i], ladder[i+1]))
		}
	}
	if int(s.Step) > k.Warmup && trips == 0 {
		w = append(w, "no replica has travelled the ladder from hot to cold: the draws have not crossed between "+
			"modes by tempering; run longer or add temperatures")
	}
	return w
}
