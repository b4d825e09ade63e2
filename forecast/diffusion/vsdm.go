package diffusion

import (
	"cmp"
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// VSDM draws the horizon of a series, or of a panel, as one state on a variational Schrödinger path, whose field reads
// the history by a recurrent network (Deng et al. 2024, arXiv:2405.04795, §5.3). The path is learnt in stages with the
// network: its labels are those of its own A.
//
// What differs from the published one: the whole horizon is drawn at once, where the paper goes step by step, so that a
// path costs Calls evaluations and not Calls times the horizon; and A is refitted in closed form. Series must have no
// gaps.
type VSDM struct {
	// steps of history that are read; 0: three horizons, 96 at most
	Context int `json:"context,omitempty" min:"0" max:"100000" help:"Steps of history that are read; 0: three horizons, at most 96."`
	// difference (the default), standard, mean or none
	Scale string `json:"scale" default:"difference" enum:"difference,standard,mean,none" help:"What is learnt of a series: its steps over their mean size in the context, or its values scaled by the context: ${enum}."`
	// Joint: the series of the set are one panel
	Joint bool `json:"joint,omitempty" help:"Learn and draw the series of the set together."`
	// vsdm (the default), or the rivals vp, cld and vsmd
	Path string `json:"path" default:"vsdm" enum:"vsdm,vp,cld,vsmd" help:"Path: ${enum}; the last three are for comparison."`
	// BetaMax is β at the noise of vsdm; 0: 20. The horizon is drawn given its history, whose law does not end at
	// N(0,I) where the average one does: what is left of the data must be little.
	BetaMax float64 `json:"beta_max,omitempty" name:"beta-max" min:"0" help:"Rate of noise of vsdm at its end; 0: 20."`
	Variant string  `json:"variant" default:"diagonal" enum:"diagonal,constant,logistic" help:"Form of A of vsdm: ${enum}."`
	// units of the LSTM; 0: 40
	Units  int `json:"units" default:"40" min:"1" max:"4096" help:"Units of the LSTM."`
	Width  int `json:"width" default:"96" min:"1" max:"4096" help:"Width of the layers over the horizon."`
	Budget `embed:""`
	// stages in which the path is learnt
	Stages int `json:"stages" default:"10" min:"0" max:"1000" help:"Stages in which the path is learnt, within the first half of the steps; 0: A stays 0."`

	Solver string `json:"solver" default:"heun" help:"Solver of sample paths."`
	Calls  int    `json:"calls" default:"10" min:"1" max:"1000" help:"Network calls of a sample path."`
}

// ScaleDifference is the scale of a [VSDM] that learns steps: Δy over the mean of |Δy| in the context.
const ScaleDifference = "difference"

func init() {
	forecast.Register("A variational Schrödinger path whose field reads the history by an LSTM.",
		func() forecast.Model { return VSDM{} })
}

// Kind implements forecast.Model.
func (VSDM) Kind() string { return "vsdm" }

// Resolve fills the defaults that do not depend on data.
func (m VSDM) Resolve() (forecast.Model, error) {
	own := spec.New[VSDM]()
	m.Scale, m.Path, m.Variant = cmp.Or(m.Scale, own.Scale), cmp.Or(m.Path, own.Path), cmp.Or(m.Variant, own.Variant)
	m.Units, m.Width = cmp.Or(m.Units, own.Units), cmp.Or(m.Width, own.Width)
	m.Solver, m.Calls = cmp.Or(m.Solver, own.Solver), cmp.Or(m.Calls, own.Calls)
	m.Budget = m.filled(4000)
	return m, spec.Check(&m)
}

// horizons are the training windows of a VSDM: states [K·H], conditions [C,2K].
type horizons struct {
	windows *forecast.Windows
	data    *forecast.Set
	coder   historyCoder
	joint   []string
	moments ito.Gaussian
}

// path is the path that the training begins with, for states of dimension d.
func (m VSDM) path(d int) (ito.Path, error) {
	o := path.Settings{D: d, Variant: m.variant()}
	if m.Path == "vsdm" {
		o.BetaMax = cmp.Or(m.BetaMax, 20)
	}
	return path.New(m.Path, o)
}

// variant is that of a vsdm path alone.
func (m VSDM) variant() string {
	if m.Path != "vsdm" {
		return ""
	}
	return m.Variant
}

// Fit implements forecast.Model.
func (m VSDM) Fit(ctx context.Context, data *forecast.Set, o forecast.FitOptions) (forecast.Fitted, error) {
	resolved, err := m.Resolve()
	if err != nil {
		return nil, err
	}
	m, data = resolved.(VSDM), sorted(data)
	src, err := m.source(data, o.Horizon)
	if err != nil {
		return nil, err
	}
	p, err := m.path(src.Space().Dim())
	if err != nil {
		return nil, err
	}
	stages := 0
	if learn.Learns(p) {
		stages = m.Stages
	}
	net := nn.RNNMLP{Channels: 2 * src.coder.series, Units: m.Units, Width: m.Width}
	_, moving := p.(path.Hybrid)
	tr, err := m.trainer(net, src, o.Seed, moving, func(c *learn.Config) { c.StageSteps = m.Steps / max(2*stages, 1) })
	if err != nil {
		return nil, err
	}
	if stages > 0 {
		// The stages are functions of their addresses, and made again where a training goes on.
		a := learn.DefaultAlternate()
		a.Stages, a.Paths, a.Grid, a.Eta, a.Seed, a.Workers = stages, 200, 20, 2, o.Seed, o.Pool.Workers()
		a.Cond = func(stage int) (ito.Cond, error) { return src.conditions(a.Paths, o.Seed, stage) }
		last, err := a.Run(ctx, learn.Alternation{Path: p}, tr.With(learn.LoopOptions{Pool: o.Pool,
			Progress: o.Progress}), nil)
		if err != nil {
			return nil, err
		}
		p = last.Path
	}
	if err := tr.Bind(p); err != nil {
		return nil, err
	}
	if err := forecast.Train(ctx, tr, m.Steps, identity(&m, src.coder.frame, src), o); err != nil {
		return nil, err
	}
	f, err := tr.Field()
	if err != nil {
		return nil, err
	}
	return m.fitted(f, extra{Frame: src.coder.frame, Joint: src.joint})
}

// Restore implements forecast.Model.
func (m VSDM) Restore(s forecast.State) (forecast.Fitted, error) {
	f, e, err := read(s)
	if err != nil {
		return nil, err
	}
	return m.fitted(f, e)
}

func (m VSDM) fitted(f *field.Net, e extra) (forecast.Fitted, error) {
	d, err := newDrawer(f, m.Solver, m.Calls)
	if err != nil {
		return nil, err
	}
	d.joint = e.Joint
	out := &Horizons{drawer: d, extra: e}
	d.enter = out.enter
	return out, nil
}

// Horizons is a fitted [VSDM].
type Horizons struct {
	*drawer
	extra extra
}

// State implements forecast.Fitted.
func (v *Horizons) State() (forecast.State, error) { return write(v.field, v.extra) }

// enter is the history of a group.
func (v *Horizons) enter(g group, _ int) (in entered, err error) {
	c := historyCoder{v.extra.Frame, max(len(v.extra.Joint), 1)}
	in.cond = make([]float64, 2*c.series*c.Context)
	var leave []func(dst, x []float64)
	for k, w := range g.windows {
		if err := c.fits(w); err != nil {
			return in, err
		}
		l, err := c.encode(nil, in.cond, k, w.Series, w.Origin())
		if err != nil {
			return in, err
		}
		leave = append(leave, l)
	}
	in.leave = func(dst, state []float64, k int) { leave[k](dst, state[k*c.Horizon:(k+1)*c.Horizon]) }
	return in, nil
}

// historyCoder makes a state and a condition of the series of a window: [K,H] and [C,2K].
type historyCoder struct {
	frame
	series int // K
}

// encode writes series k: what follows the origin into x [H], nil for nothing, and the history into cond. leave turns
// a horizon of a state into values.
func (c historyCoder) encode(x, cond []float64, k int, s *forecast.Series, origin int) (leave func(dst, x []float64),
	err error) {
	v := make([]float64, c.length()+1)
	for i := range v {
		v[i] = s.At(origin - c.Context - 1 + i)
	}
	var apply func(i int) float64
	if c.Scale == ScaleDifference {
		sum, n, last := 0., 0., math.NaN()
		for i := 1; i <= c.Context; i++ {
			if d := math.Abs(v[i] - v[i-1]); !math.IsNaN(d) {
				sum, n = sum+d, n+1
			}
		}
		for i := c.Context; i >= 0 && math.IsNaN(last); i-- {
			last = v[i]
		}
		size := sum / n
		if !(size > 1e-300) {
			size = 1
		}
		apply = func(i int) float64 { return (v[i] - v[i-1]) / size }
		leave = func(dst, x []float64) {
			y := last
			for h := range dst {
				y += float64(size * x[h])
				dst[h] = y
			}
		}
	} else {
		scale, err := forecast.NewScale(c.Scale, v[1:1+c.Context])
		if err != nil {
			return nil, err
		}
		apply = func(i int) float64 { return scale.Apply(v[i]) }
		leave = func(dst, x []float64) {
			for h := range dst {
				dst[h] = scale.Undo(x[h])
			}
		}
	}
	for i := range c.Context {
		at := cond[2*(i*c.series+k):]
		at[0], at[1] = 0, 0
		if y := apply(1 + i); !math.IsNaN(y) {
			at[0], at[1] = math.Max(-limit, math.Min(limit, y)), 1
		}
	}
	for h := range x {
		x[h] = math.Max(-limit, math.Min(limit, apply(1+c.Context+h)))
	}
	return leave, nil
}
