package anneal

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/metric"
)

// particles is the engine of AIS and SMC: weighted particles that go from a normal reference q to the target ρ along
//
//	log π_β = (1−β) log q + β log ρ,  β from 0 to 1,
//
// with Hamiltonian moves at every β. Groups do not interact and may end at different steps.
type particles struct {
	name      string
	n         int
	ref       infer.Reference
	leapfrogs int
	moves     int // at each β; 0: as [mixing] finds
	// next is the β of a group after step, given log ρ/q of its particles and their normalised log weights.
	next     func(step int, β float64, ℓ, logw []float64) (float64, error)
	resample float64 // resampled when the weights' effective size falls below this fraction of n
	dense    bool    // moved with [crossed] where that is given
	settle   bool    // also resampled at β = 1, so that the particles have equal weights
}

const acceptParticles = .8

// shortMove is the step size of short moves in units of that of the others. One step size that the bulk of the
// particles accepts is refused all the time in a neck, where scales are smaller; particles there stay, too few
// come, and log Z is too low. (Brownian motion with unknown scales, log Z = 1.188, 8 moves of 1000 particles: 1.04
// ± .03 with one step size, 1.21 ± .03 with two, at equal cost; as many moves as it finds necessary: 1.10 ± .02 and
// 1.21 ± .02, means of 12 runs and their standard errors.)
const shortMove = .35

func (e particles) init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	d := s.D
	infer.PriorKey(p.Seed, 0).Normals64(s.X, s.Slots*d, s.ID)
	e.ref.FromNormals(s.X, d)
	grad := s.AddVar("grad", s.Slots*d)
	if err := infer.Gradient(ctx, p, s, s.Groups*s.Slots, s.LogP, grad, s.X); err != nil {
		return err
	}
	s.CountAll(infer.TallyGradients, 1)
	for i, l := range s.LogP {
		if math.IsInf(l, 1) {
			return &infer.StartError{Group: s.ID[i/s.Slots], Slot: i % s.Slots, LogP: l}
		}
		if math.IsNaN(l) || !infer.AllFinite(grad[i*d:(i+1)*d]) {
			if math.IsNaN(l) {
				s.LogP[i] = math.Inf(-1)
			}
			clear(grad[i*d : (i+1)*d])
		}
	}
	for g := range s.Groups {
		if math.IsInf(metric.LogSumExp(s.LogP[g*s.Slots:(g+1)*s.Slots]), -1) {
			return &infer.StartError{Group: s.ID[g], LogP: math.Inf(-1)}
		}
	}
	s.AddVar("beta", 1)
	s.AddVar("logz", 1)
	logw := s.AddVar("logw", s.Slots)
	for i := range logw {
		logw[i] = -math.Log(float64(s.Slots))
	}
	s.AddVar("ess", 1)
	s.AddVar("khat", 1)
	s.AddVar("short", 1)
	s.AddVar("drift", lagWidth(d))
	s.AddVar("drifts", lagWidth(d))
	anc, inv, eps := s.AddVar("ancestor", s.Slots), s.AddVar("metric", d), s.AddVar("eps", 1)
	for i := range anc {
		anc[i] = float64(i % s.Slots)
	}
	for i := range inv {
		_, sd := e.ref.At(i % d)
		inv[i] = sd * sd
	}
	for g := range eps {
		eps[g] = math.Pow(float64(d), -.25)
	}
	return nil
}

func (e particles) finished(s *infer.State) bool {
	for _, β := range s.Var("beta") {
		if β < 1 {
			return false
		}
	}
	return s.Step > 0
}

func (e particles) step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	views, ok := s.Work.([]*infer.State)
	if !ok {
		for g := range s.Groups {
			views = append(views, s.Slice(g, g+1))
		}
		s.Work = views
	}
	for g, one := range views {
		if one.Var("beta")[0] < 1 {
			one.Step = s.Step
			if err := e.group(ctx, p, one, info.Slice(g, g+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// group moves one group one temperature on: reweight, perhaps resample, move.
func (e particles) group(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	n, d := s.Slots, s.D
	logw, beta := s.Var("logw"), s.Var("beta")
	ℓ := s.Scratch("ℓ", n)
	for i := range ℓ {
		ℓ[i] = s.LogP[i] - e.ref.LogDensity(s.X[i*d:(i+1)*d])
	}
	β, err := e.next(int(s.Step), beta[0], ℓ, logw)
	if err != nil {
		return err
	}
	for i := range logw {
		logw[i] += (β - beta[0]) * ℓ[i]
	}
	beta[0] = β
	norm := metric.LogSumExp(logw)
	if math.IsInf(norm, -1) {
		return &ito.InputError{Where: e.name, What: "all weights are zero: no particle can follow the annealing",
			Do: "take more steps, more particles or a wider reference"}
	}
	s.Var("logz")[0] += norm
	for i := range logw {
		logw[i] -= norm
	}
	ess := metric.ESSWeights(logw)
	s.Var("ess")[0] = ess
	if β == 1 {
		s.Var("khat")[0] = metric.KHat(logw, 1)
	}
	if e.resample == 1 || ess < e.resample*float64(n) || β == 1 && e.settle {
		e.choose(p, s)
	}
	e.rescale(s)
	l := newLag(s, e.ref)
	if err := e.move(ctx, p, s, info); err != nil {
		return err
	}
	l.measure(s, e.ref)
	return nil
}

// choose replaces the particles by equally weighted ones, systematically: one uniform decides all.
func (e particles) choose(p infer.SeededTarget, s *infer.State) {
	n, d := s.Slots, s.D
	var u [1]float64
	s.Uniforms(p.Seed, 0, u[:])
	logw, grad, anc := s.Var("logw"), s.Var("grad"), s.Var("ancestor")
	x, g, l, a := s.Scratch("sel.x", n*d), s.Scratch("sel.g", n*d), s.Scratch("sel.l", n), s.Scratch("sel.a", n)
	copy(x, s.X)
	copy(g, grad)
	copy(l, s.LogP)
	copy(a, anc)
	for i, from := range Systematic(logw, u[0]) {
		copy(s.X[i*d:(i+1)*d], x[from*d:(from+1)*d])
		copy(grad[i*d:(i+1)*d], g[from*d:(from+1)*d])
		s.LogP[i], anc[i] = l[from], a[from]
	}
	for i := range logw {
		logw[i] = -math.Log(float64(n))
	}
}

// Systematic returns the parents of n equally weighted particles: the i-th is where the cumulative normalised
// weight passes (i+u)/n.
func Systematic(logw []float64, u float64) []int {
	n := len(logw)
	parents := make([]int, n)
	sum, at := math.Exp(logw[0]), 0
	last := 0 // the last particle with a weight, against rounding at the end
	for i, l := range logw {
		if l > math.Inf(-1) {
			last = i
		}
	}
	for i := range parents {
		for sum < (float64(i)+u)/float64(n) && at < last {
			at++
			sum += math.Exp(logw[at])
		}
		parents[i] = at
	}
	return parents
}

// rescale takes the weighted variances of the particles as the inverse mass.
func (e particles) rescale(s *infer.State) {
	d, inv, logw := s.D, s.Var("metric"), s.Var("logw")
	for j := range d {
		var m, v float64
		for i, l := range logw {
			m += math.Exp(l) * s.X[i*d+j]
		}
		for i, l := range logw {
			δ := s.X[i*d+j] - m
			v += math.Exp(l) * δ * δ
		}
		if v > 0 && infer.Finite(v) {
			inv[j] = v
		}
	}
}

// short says that a move is a short one: every second, of an automatic number or of more than three. A state that
// an older program left half done has no short moves, and no such variable.
func (e particles) short(s *infer.State, move uint32) bool {
	return move%2 == 1 && (e.moves == 0 || e.moves > 3) && s.Var("short") != nil
}

// move makes the Hamiltonian moves at the present β, some of them short; each of the others corrects the step size
// by the acceptance of the one before.
func (e particles) move(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	n := s.Slots
	β, eps, accept, u := s.Scratch("β", n), s.Scratch("eps", n), s.Scratch("accept", n), s.Scratch("jitter", n)
	for i := range β {
		β[i] = s.Var("beta")[0]
	}
	h := mcmc.Hamiltonian{Mass: mcmc.Mass{Kind: mcmc.Diagonal, D: s.D, Inverse: s.Var("metric")},
		Density: mcmc.TemperedDensity{Beta: β, Reference: &e.ref}, StepSizes: eps,
		Steps: e.leapfrogs}
	if e.dense {
		if m := crossed(s); m != nil {
			h.Mass = *m
		}
	}
	ε, logw := s.Var("eps"), s.Var("logw")
	var mix *mixing
	if e.moves == 0 {
		mix = newMixing(s, e.ref)
	}
	for m := range uint32(cmp.Or(e.moves, mostMoves)) {
		s.Uniforms(p.Seed, 1+3*m, u)
		size := ε[0]
		if e.short(s, m) {
			size *= shortMove
		}
		for i := range eps {
			eps[i] = size * (1 + .2*(2*u[i]-1))
		}
		if err := h.Trajectory(ctx, p, s, 2+3*m, accept, nil, nil); err != nil {
			return err
		}
		mean := 0.
		for i, a := range accept {
			mean += a * math.Exp(logw[i])
		}
		s.Count(0, infer.TallyProposals, 1)
		s.Count(0, infer.TallyAccepted, mean)
		info.Accept[0], info.StepSize[0], info.Leapfrogs[0] = mean, size, e.leapfrogs
		if !e.short(s, m) {
			ε[0] *= math.Exp(mean - acceptParticles)
		}
		if mix != nil && mix.enough(s) {
			break
		}
	}
	return nil
}

// Warnings are what weights and ancestors say against the particles.
func (e particles) Warnings(s *infer.State) []string {
	if !e.finished(s) {
		return nil
	}
	return slices.Concat(infer.ParticleWarnings(s), LagWarnings(s), islandWarnings(s))
}
