package learn

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// ownVSDM and ownVSMD are paths of other types than the house's, with the same contracts.
type ownVSDM struct{ *path.VSDM }

func (p ownVSDM) WithA(a []float64) (path.Variational, error) {
	q, err := p.VSDM.WithA(a)
	if err != nil {
		return nil, err
	}
	return ownVSDM{q.(*path.VSDM)}, nil
}

type ownVSMD struct{ *path.Momentum }

func (p ownVSMD) WithScores(ax, av []float64) (path.VariationalMomentum, error) {
	q, err := p.Momentum.WithScores(ax, av)
	if err != nil {
		return nil, err
	}
	return ownVSMD{q.(*path.Momentum)}, nil
}

// TestAlternateOfOwnTypes: a path is learnt by what it can do, whatever its type: the same stages, to the last bit.
func TestAlternateOfOwnTypes(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{1, -1}, Cov: []float64{2, .5, .5, 1}}
	a := plain(2, 300)
	a.Grid = 8
	for _, variant := range []string{path.Constant, path.DiagonalOnly, path.Logistic} {
		p := must(path.NewVSDM(path.VSDMConfig{D: 2, Variant: variant}))
		house := must(a.Run(context.Background(), Alternation{Path: p}, exactly(g), nil))
		own := must(a.Run(context.Background(), Alternation{Path: ownVSDM{p}}, exactly(g), nil))
		if last, ok := own.Path.(ownVSDM); !ok || !reflect.DeepEqual(house.History, own.History) ||
			!reflect.DeepEqual(house.Path.(*path.VSDM).Config(), last.Config()) {
			t.Errorf("%s: %+v, of the house's type %+v", variant, own, house)
		}
		if n := a.Noise(ownVSDM{p}); n != a.Noise(p) || !(n > 0) {
			t.Errorf("%s: noise %g and %g", variant, n, a.Noise(p))
		}
	}
	p := must(path.NewVSMD(path.VSMDConfig{D: 2}))
	for _, both := range []bool{false, true} {
		a.Both = both
		house := must(a.Run(context.Background(), Alternation{Path: p}, exactly(g), nil))
		own := must(a.Run(context.Background(), Alternation{Path: ownVSMD{p}}, exactly(g), nil))
		if _, ok := own.Path.(ownVSMD); !ok || !reflect.DeepEqual(house.History, own.History) {
			t.Errorf("vsmd: %+v, of the house's type %+v", own.History, house.History)
		}
	}
}

// halving is a path with a rule of its own: β_max falls to half, and the noise of the stage is looked at.
type halving struct {
	path.VP
	seen *[]float64
}

func (p halving) Refit(_ context.Context, f ito.Field, c ito.Cond, s Refitting) (ito.Path, Refitted, error) {
	if f == nil || c.C != 0 || s.Stage < 1 || s.StepSize != s.eta(s.Stage) {
		return nil, Refitted{}, errors.New("arguments")
	}
	x := ito.NewStates(1, 1, 0)
	s.Noise.Normal(x, 0, 0, 0)
	*p.seen = append(*p.seen, x.X[0])
	p.BetaMax /= 2
	return p, Refitted{Change: p.BetaMax}, nil
}

// TestAlternateOfOwnRule: a path that brings a rule is learnt by it.
func TestAlternateOfOwnRule(t *testing.T) {
	var seen []float64
	p := halving{path.VP{BetaMin: .1, BetaMax: 16, Power: 1}, &seen}
	fit := FitterFunc(func(_ context.Context, p ito.Path, _ int) (ito.Field, error) {
		return field.NewGaussian(p.(halving).VP, ito.StandardNormal(1))
	})
	a := DefaultAlternate()
	a.Stages = 3
	s := must(a.Run(context.Background(), Alternation{Path: p}, fit, nil))
	if last := s.Path.(halving); last.BetaMax != 2 || len(s.History) != 3 || s.History[2].Change != 2 {
		t.Errorf("after three stages β_max = %g, history %+v", last.BetaMax, s.History)
	}
	if len(seen) != 3 || seen[0] == seen[1] || seen[1] == seen[2] {
		t.Errorf("noise of the stages: %v", seen)
	}
	if !Learns(p) || Learns(p.VP) || Learns(must(path.NewCLD(path.CLDConfig{D: 1}))) {
		t.Error("which paths are learnt")
	}
	if n := a.Noise(p); !math.IsInf(n, 1) {
		t.Errorf("the noise of a rule of which nothing is known is %g", n)
	}
	for _, p := range []ito.Path{p.VP, must(path.NewCLD(path.CLDConfig{D: 1}))} {
		var unsupported *ito.UnsupportedError
		if _, err := a.Run(context.Background(), Alternation{Path: p}, fit, nil); !errors.As(err, &unsupported) {
			t.Errorf("%s: %v", p.Name(), err)
		}
	}
}
