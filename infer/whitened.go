package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Whitened is a particle sampler in the coordinates y = (x − m)/s of a reference N(m, diag s²), such as a
// [MeanField] has fitted, which it sees as N(0, I). ∫ρ is the same in both. A group's state holds y until the
// sampler has ended for it, and then x. It costs no evaluation.
type Whitened struct {
	Kernel interface { // one that ends by itself: [pathspace.PDDS], [pathspace.Controlled]
		Kernel
		Ender
	}
	Reference Reference // not read before Init: what fits it may do so in place
}

// Name implements Kernel: the name of the sampler.
func (k Whitened) Name() string { return k.Kernel.Name() }

// Slots implements Kernel.
func (k Whitened) Slots() int { return k.Kernel.Slots() }

// Finished implements Ender.
func (k Whitened) Finished(s *State) bool { return k.Kernel.Finished(s) }

// TotalSteps is when it ends.
func (k Whitened) TotalSteps() int {
	if e, ok := k.Kernel.(Planned); ok {
		return e.TotalSteps()
	}
	return 0
}

// Validate implements Validator.
func (k Whitened) Validate(d int) error {
	if err := k.Reference.Validate(d); err != nil {
		return err
	}
	if v, ok := k.Kernel.(Validator); ok {
		return v.Validate(d)
	}
	return nil
}

// Init implements Kernel.
func (k Whitened) Init(ctx context.Context, p SeededTarget, s *State) error {
	p.Target = Whiten(p.Target, k.Reference)
	if err := k.Kernel.Init(ctx, p, s); err != nil {
		return err
	}
	s.AddVar("home", 1) // 1 for a group that holds x
	k.place(s, make([]float64, s.Groups))
	return nil
}

// Step implements Kernel.
func (k Whitened) Step(ctx context.Context, p SeededTarget, s *State, info *Info) error {
	p.Target = Whiten(p.Target, k.Reference)
	undefined, w := make([]float64, s.Groups), 1+s.D
	for g := range undefined {
		undefined[g] = s.Var("undefined")[g*w]
	}
	if err := k.Kernel.Step(ctx, p, s, info); err != nil {
		return err
	}
	k.place(s, undefined)
	volume, home := k.Reference.logVolume(s.D), s.Var("home")
	for g := range s.Groups {
		one := s.Slice(g, g+1)
		one.Step++
		if home[g] != 0 || !k.Kernel.Finished(one) {
			continue
		}
		home[g] = 1
		k.Reference.FromNormals(one.X, s.D)
		for i := range one.LogP {
			one.LogP[i] -= volume
		}
	}
	return nil
}

// place writes in x the places of undefined density that have been met since there were so many of each group.
func (k Whitened) place(s *State, before []float64) {
	v, w := s.Var("undefined"), 1+s.D
	for g, n := range before {
		if n == 0 && v[g*w] > 0 {
			k.Reference.FromNormals(v[g*w+1:(g+1)*w], s.D)
		}
	}
}

// Warnings implements Warner.
func (k Whitened) Warnings(s *State) []string {
	if w, ok := k.Kernel.(Warner); ok {
		return w.Warnings(s)
	}
	return nil
}

// logVolume is Σ log s.
func (r Reference) logVolume(d int) float64 {
	v := 0.
	for j := range d {
		_, s := r.At(j)
		v += math.Log(s)
	}
	return v
}

// whitening is the mean-field fit that the settings ask for; nil for none.
func (s Settings) whitening(t ito.Target, custom string) *MeanField {
	word := s.Whiten
	if word == "" || word == "auto" {
		word = custom
	}
	if word != "meanfield" {
		return nil
	}
	m := NewMeanField(t, s.Seed)
	m.Iterations = s.WhitenIterations
	return m
}

// WhitenedPlan plans runs of a sampler in the coordinates that are fitted first; build sees the target in these.
func (s Settings) WhitenedPlan(t ito.Target, custom string, build func(ito.Target) (MethodPlan, error)) (MethodPlan,
	error) {
	m := s.whitening(t, custom)
	if m == nil {
		return build(t)
	}
	p, err := build(Whiten(t, m.Reference()))
	if err != nil {
		return p, err
	}
	k, ok := p.Kernel.(interface {
		Kernel
		Ender
	})
	if !ok {
		return p, &ito.UnsupportedError{What: "whitening of " + p.Kernel.Name(), Why: "it does not end by itself",
			Nearest: "smc"}
	}
	p.Kernel = Whitened{Kernel: k, Reference: m.Reference()}
	stages := Stages{m}
	if p.Train != nil {
		stages = append(stages, p.Train)
	}
	p.Train = stages
	return p, nil
}

// Whiten is the target of y = (x − m)/s: log ρ(m + sy) + Σ log s. It has Hessian-vector products where t has. The
// reference's slices are read at each call.
func Whiten(t ito.Target, r Reference) ito.Target {
	w := whitened{t, r}
	if h, ok := t.(ito.HVPer); ok {
		return whitenedHVP{w, h}
	}
	return w
}

type whitened struct {
	t ito.Target
	r Reference
}

func (w whitened) Dim() int { return w.t.Dim() }

func (w whitened) place(y ito.States) ito.States {
	x := y.Clone()
	w.r.FromNormals(x.X, x.D)
	return x
}

func (w whitened) lift(logp []float64, d int) {
	v := w.r.logVolume(d)
	for i := range logp {
		logp[i] += v
	}
}

func (w whitened) LogDensity(ctx context.Context, dst []float64, y ito.States) error {
	if err := w.t.LogDensity(ctx, dst, w.place(y)); err != nil {
		return err
	}
	w.lift(dst, y.D)
	return nil
}

func (w whitened) Gradient(ctx context.Context, logp []float64, grad, y ito.States) error {
	if err := w.t.Gradient(ctx, logp, grad, w.place(y)); err != nil {
		return err
	}
	w.lift(logp, y.D)
	w.scale(grad)
	return nil
}

// scale multiplies by s.
func (w whitened) scale(v ito.States) {
	for i := range v.X {
		_, s := w.r.At(i % v.D)
		v.X[i] *= s
	}
}

type whitenedHVP struct {
	whitened
	h ito.HVPer
}

// HVP implements ito.HVPer.
func (w whitenedHVP) HVP(ctx context.Context, hv, y, v ito.States) error {
	u := v.Clone()
	w.scale(u)
	if err := w.h.HVP(ctx, hv, w.place(y), u); err != nil {
		return err
	}
	w.scale(hv)
	return nil
}
