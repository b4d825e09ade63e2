package pathspace

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/metric"
)

// PDDS is the particle denoising diffusion sampler (Phillips et al., ICML 2024, arXiv:2402.06320): the reversal of
// an Ornstein–Uhlenbeck process from ρ to N(0, σ²I), simulated with the score of N(0, σ²)ĝ_t and corrected by
// sequential Monte Carlo. From t to t' < t, with λ the noise between them,
//
//	x' ~ N(√(1−λ) x + λσ²∇log ĝ_t(x), λσ²I),
//	w *= N(x'; √(1−λ) x, λσ²) ĝ_{t'}(x') / (q(x'|x) ĝ_t(x)).
//
// Particles are resampled when the weights' effective size is Resample·Particles or less, and at the end. The
// product of the mean weights estimates ∫ρ without bias. A group is one run.
//
// It begins at N(0, σ²I), and a posterior that is much narrower or elsewhere is not met: sample in the coordinates
// of a [infer.MeanField], as the paper's runs do, by [infer.Whitened]. (Logistic regression on ionosphere, log Z =
// −111.6: −133 from N(0, I), −111.7 ± .2 in its coordinates.)
type PDDS struct {
	Particles int           // 0: 2000
	Steps     int           // K; 0: 64
	Sigma     float64       // σ of the reference; 0: 1
	Noise     NoiseSchedule // nil: CosineNoise
	Potential Potential     // nil: Naive
	Resample  float64       // 0: .3
	// Moves is the number of Langevin moves after a resampling, accepted or rejected under N(0, σ²)ĝ, x + γ∇ +
	// √(2γ) z. γ follows the acceptance of the moves before, aiming at .574; it is one for all particles but
	// depends on them, which leaves a bias of order 1/Particles in the estimate.
	Moves int
}

// WithDefaults has the defaults in place of zeros.
func (k PDDS) WithDefaults() PDDS {
	k.Particles, k.Steps = cmp.Or(k.Particles, 2000), cmp.Or(k.Steps, 64)
	k.Sigma, k.Resample = cmp.Or(k.Sigma, 1), cmp.Or(k.Resample, .3)
	if k.Noise == nil {
		k.Noise = CosineNoise
	}
	if k.Potential == nil {
		k.Potential = Naive{}
	}
	return k
}

// Name implements Kernel.
func (PDDS) Name() string { return "pdds" }

// Slots implements Kernel.
func (k PDDS) Slots() int { return k.WithDefaults().Particles }

// TotalSteps is when it ends.
func (k PDDS) TotalSteps() int { return k.WithDefaults().Steps }

// Finished implements Ender.
func (k PDDS) Finished(s *infer.State) bool { return int(s.Step) >= k.WithDefaults().Steps }

// Validate implements infer.Validator.
func (k PDDS) Validate(int) error {
	k = k.WithDefaults()
	if k.Particles < 2 || k.Steps < 1 || !(k.Sigma > 0) || !infer.Finite(k.Sigma) || !(k.Resample > 0 &&
		k.Resample <= 1) ||
		k.Moves < 0 || k.Noise(0) != 0 {
		return &ito.InputError{Where: "pdds", What: fmt.Sprintf("%d particles, %d steps, σ = %v, resampling at %v, "+
			"%d moves, λ(0) = %v", k.Particles, k.Steps, k.Sigma, k.Resample, k.Moves, k.Noise(0)),
			Do: "give two particles or more, a step or more, a positive σ and a schedule that begins at 0"}
	}
	return nil
}

// Init implements Kernel.
func (k PDDS) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	k = k.WithDefaults()
	infer.PriorKey(p.Seed, 0).Normals64(s.X, s.Slots*s.D, s.ID)
	for i := range s.X {
		s.X[i] *= k.Sigma
	}
	logg, grad := s.AddVar("logg", s.Slots), s.AddVar("grad", s.Slots*s.D)
	anc := s.AddVar("ancestor", s.Slots)
	for i := range anc {
		anc[i] = float64(i % s.Slots)
	}
	logw := s.AddVar("logw", s.Slots)
	s.AddVar("logz", 1)
	s.AddVar("ess", 1)
	s.AddVar("khat", 1)
	γ := s.AddVar("gamma", 1)
	for i := range γ {
		γ[i] = k.Sigma * k.Sigma * math.Pow(float64(s.D), -1./3)
	}
	if err := k.Potential.Log(ctx, p, s, k.Noise(1), k.Sigma, logg, grad, s.X); err != nil {
		return err
	}
	for i, l := range logg {
		if !infer.Finite(l) || !infer.AllFinite(grad[i*s.D:(i+1)*s.D]) {
			return &infer.StartError{Group: s.ID[i/s.Slots], Slot: i % s.Slots, LogP: l}
		}
		logw[i] = l - math.Log(float64(s.Slots))
	}
	for g := range s.Groups {
		k.normalise(s.Slice(g, g+1))
	}
	return nil
}

// normalise moves the weights' sum into log Z.
func (k PDDS) normalise(s *infer.State) {
	logw := s.Var("logw")
	norm := metric.LogSumExp(logw)
	s.Var("logz")[0] += norm
	for i := range logw {
		logw[i] -= norm
	}
	s.Var("ess")[0] = metric.ESSWeights(logw)
}

// Step implements Kernel.
func (k PDDS) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	k = k.WithDefaults()
	n, d, σ := s.Groups*s.Slots, s.D, k.Sigma
	at := func(step int) float64 { return k.Noise(1 - float64(step)/float64(k.Steps)) }
	now, next := at(int(s.Step)), at(int(s.Step)+1)
	λ := 1 - (1-now)/(1-next)
	logg, grad, logw := s.Var("logg"), s.Var("grad"), s.Var("logw")
	x, z := s.Scratch("x", n*d), s.Scratch("z", n*d)
	l, g := s.Scratch("l", n), s.Scratch("g", n*d)
	s.Normals(p.Seed, 0, z)
	keep, sd := math.Sqrt(1-λ), math.Sqrt(λ)*σ
	for i := range x {
		x[i] = keep*s.X[i] + λ*σ*σ*grad[i] + sd*z[i]
	}
	if err := k.Potential.Log(ctx, p, s, next, σ, l, g, x); err != nil {
		return err
	}
	for i := range n {
		// log N(x'; √(1−λ)x, sd²) − log q(x'|x) = −(|drift + sd z|² − |sd z|²)/(2 sd²) with drift = λσ²∇log ĝ.
		incr := l[i] - logg[i]
		for j := i * d; j < (i+1)*d; j++ {
			u := λ * σ * σ * grad[j]
			incr -= u*z[j]/sd + u*u/(2*sd*sd)
		}
		if !infer.Finite(incr) || !infer.AllFinite(g[i*d:(i+1)*d]) || !infer.AllFinite(x[i*d:(i+1)*d]) {
			incr = math.Inf(-1) // of no weight; resampling replaces it
			if !math.IsInf(l[i], -1) {
				s.Count(i/s.Slots, infer.TallyDropped, 1)
			}
			copy(x[i*d:(i+1)*d], s.X[i*d:(i+1)*d])
			clear(g[i*d : (i+1)*d])
		}
		logw[i] += incr
	}
	copy(s.X, x)
	copy(logg, l)
	copy(grad, g)
	last := int(s.Step) == k.Steps-1
	for gr := range s.Groups {
		one := s.Slice(gr, gr+1)
		if math.IsInf(metric.LogSumExp(one.Var("logw")), -1) {
			return &ito.InputError{Where: "pdds", What: "all weights are zero",
				Do: "take a larger σ, more steps or more particles"}
		}
		k.normalise(one)
		if last {
			one.Var("khat")[0] = metric.KHat(one.Var("logw"), 1)
		}
		if last || one.Var("ess")[0] <= k.Resample*float64(s.Slots) {
			k.choose(p, one)
			if err := k.move(ctx, p, one, next, info.Slice(gr, gr+1)); err != nil {
				return err
			}
		}
		if last {
			ref := infer.Reference{SD: []float64{σ}}
			for i := range one.LogP {
				one.LogP[i] = one.Var("logg")[i] + ref.LogDensity(one.X[i*d:(i+1)*d])
			}
		}
	}
	return nil
}

// choose resamples a group systematically after a random permutation.
func (k PDDS) choose(p infer.SeededTarget, s *infer.State) {
	n, d := s.Slots, s.D
	logw := s.Var("logw")
	perm := infer.StepKey(p.Seed, s.Step, 2).Perm(s.ID[0], n)
	shuffled := make([]float64, n)
	for i, a := range perm {
		shuffled[i] = logw[a]
	}
	var u [1]float64
	s.Uniforms(p.Seed, 1, u[:])
	parents := anneal.Systematic(shuffled, u[0])
	old := s.Clone()
	for i, q := range parents {
		from := perm[q]
		copy(s.X[i*d:(i+1)*d], old.X[from*d:(from+1)*d])
		copy(s.Var("grad")[i*d:(i+1)*d], old.Var("grad")[from*d:(from+1)*d])
		s.Var("logg")[i], s.Var("ancestor")[i] = old.Var("logg")[from], old.Var("ancestor")[from]
	}
	for i := range logw {
		logw[i] = -math.Log(float64(n))
	}
}

// move makes the Langevin moves of a group at noise level λ.
func (k PDDS) move(ctx context.Context, p infer.SeededTarget, s *infer.State, λ float64, info *infer.Info) error {
	n, d, v := s.Slots, s.D, k.Sigma*k.Sigma
	logg, grad, γ := s.Var("logg"), s.Var("grad"), s.Var("gamma")
	x, u, l, g := s.Scratch("move.x", n*d), s.Scratch("move.u", n), s.Scratch("move.l", n), s.Scratch("move.g", n*d)
	for m := range uint32(k.Moves) {
		s.Normals(p.Seed, 3+2*m, x)
		s.Uniforms(p.Seed, 4+2*m, u)
		h := γ[0]
		for j, z := range x {
			x[j] = s.X[j] + h*(grad[j]-s.X[j]/v) + math.Sqrt(2*h)*z
		}
		if err := k.Potential.Log(ctx, p, s, λ, k.Sigma, l, g, x); err != nil {
			return err
		}
		mean := 0.
		for i := range n {
			a := l[i] - logg[i]
			for j := i * d; j < (i+1)*d; j++ {
				from, to := s.X[j], x[j]
				forth, back := to-from-h*(grad[j]-from/v), from-to-h*(g[j]-to/v)
				a += (from*from-to*to)/(2*v) + (forth*forth-back*back)/(4*h)
			}
			a = math.Exp(min(0, a))
			if math.IsNaN(a) || !infer.AllFinite(g[i*d:(i+1)*d]) || !infer.Finite(l[i]) {
				a = 0
			}
			mean += a / float64(n)
			if u[i] < a {
				copy(s.X[i*d:(i+1)*d], x[i*d:(i+1)*d])
				copy(grad[i*d:(i+1)*d], g[i*d:(i+1)*d])
				logg[i] = l[i]
			}
		}
		s.Count(0, infer.TallyProposals, 1)
		s.Count(0, infer.TallyAccepted, mean)
		info.Accept[0], info.StepSize[0] = mean, h
		γ[0] *= math.Exp(mean - .574)
	}
	return nil
}

// Warnings implements infer.Warner.
func (k PDDS) Warnings(s *infer.State) []string {
	if !k.Finished(s) {
		return nil
	}
	return infer.ParticleWarnings(s)
}
