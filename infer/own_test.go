package infer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// walk is a kernel of somebody else: Metropolis with normal proposals of one scale, by what package infer exports.
type walk struct{ Scale float64 }

func (walk) Name() string { return "walk" }
func (walk) Slots() int   { return 1 }

func (k walk) Validate(int) error {
	if !(k.Scale > 0) {
		return &ito.InputError{Where: "walk", What: fmt.Sprintf("a scale of %v", k.Scale), Do: "give a positive one"}
	}
	return nil
}

func (walk) Warnings(s *infer.State) []string {
	return []string{fmt.Sprintf("walked %g times", s.Var("moves")[0])}
}

func (walk) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	s.AddVar("moves", 1)
	return infer.BeginDensity(ctx, p, s)
}

func (k walk) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	x, u, logp := s.Scratch("x", len(s.X)), s.Scratch("u", s.Groups), s.Scratch("logp", s.Groups)
	s.Normals(p.Seed, 0, x)
	s.Uniforms(p.Seed, 1, u)
	for i, v := range s.X {
		x[i] = v + k.Scale*x[i]
	}
	if err := infer.Density(ctx, p, s, s.Groups, logp, x); err != nil {
		return err
	}
	s.CountAll(infer.TallyEvaluations, 1)
	for g := range s.Groups {
		info.Accept[g] = min(1, math.Exp(logp[g]-s.LogP[g]))
		s.Count(g, infer.TallyProposals, 1)
		s.Count(g, infer.TallyAccepted, info.Accept[g])
		if u[g] < info.Accept[g] {
			copy(s.Group(g).X, x[g*s.D:(g+1)*s.D])
			s.LogP[g] = logp[g]
			s.Var("moves")[g]++
		}
	}
	return nil
}

// A kernel that is registered from outside runs by its name with the settings of all, is checked and warns like the
// house's, has the moments of the target, and the same bytes with more workers and after an interruption.
func TestKernelFromOutside(t *testing.T) {
	infer.Register(infer.Method{Name: "walk", Summary: "Metropolis", Build: func(_ ito.Target, s infer.Settings) (
		infer.MethodPlan, error) {
		return s.ChainPlan(walk{Scale: s.Scale}, 6), nil
	}})
	m, err := infer.FindMethod("walk")
	if err != nil {
		t.Fatal(err)
	}
	target := infertest.Normal(0, []float64{1, -2}, []float64{.5, 2})
	s := infer.DefaultSettings()
	if _, err := m.Plan(target, s); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a scale of 0: %v", err)
	}
	s.Scale, s.Draws, s.Warmup, s.Seed = 1, 4000, 200, 3
	p, err := m.Plan(target, s)
	if err != nil {
		t.Fatal(err)
	}
	var c infertest.Collector
	r, state, err := p.Run(t.Context(), target, infer.RunOptions{Workers: 3, Sink: c.Sink})
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range [][2]float64{{1, .5}, {-2, 2}} {
		c.Expect(t, fmt.Sprintf("x[%d]", j), infertest.Coordinate(j), want[0])
		c.Expect(t, fmt.Sprintf("x[%d]²", j), infertest.Square(j), want[0]*want[0]+want[1]*want[1])
	}
	if r.Evaluations != 6*4201 || !(r.Accept > .2 && r.Accept < .8) || !strings.Contains(strings.Join(r.Warnings, ""),
		"walked") {
		t.Errorf("%+v", r)
	}
	cut, err := p.Start(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("enough")
	until := func(d infer.Draw) error {
		if d.Index == 99 {
			return stop
		}
		return nil
	}
	_, err = infer.Run(t.Context(), target, p.Kernel, cut, p.RunOptions(infer.RunOptions{Sink: until}))
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	b, _ := cut.MarshalBinary()
	var again infer.State
	if err := again.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if _, err := infer.Run(t.Context(), target, p.Kernel, &again, p.RunOptions(infer.RunOptions{})); err != nil {
		t.Fatal(err)
	}
	got, _ := again.MarshalBinary()
	if want, _ := state.MarshalBinary(); !bytes.Equal(got, want) {
		t.Error("interrupted, or with one worker, it ends elsewhere")
	}
}
