package diffusion

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/selfguide"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// TSDiff is one unconditional diffusion model of windows (Kollovieh et al. 2023, arXiv:2307.11494), which forecasts,
// fills gaps, refines and invents series by guidance towards what is known. The network is of state spaces or
// convolutions over a window; the path is DDPM's of 100 steps with β from 1e-4 to .1.
//
// What differs from the published one: windows are standardised by their context, where the paper divides by the mean
// of |x|; where windows have no gaps their covariance stands in the wrapping, so that an untrained network is the
// Gaussian process of the windows and training adds what they are beside; and few steps are drawn with a guided score.
type TSDiff struct {
	// steps of history in a window; 0: seven seasons, or what 256 steps leave beside the horizon if that is less
	Context int `json:"context,omitempty" min:"0" max:"100000" help:"Steps of history in a window; 0: seven seasons, as far as 256 steps hold them beside the horizon."`
	// standard (the default), mean or none
	Scale string `json:"scale" default:"standard" enum:"standard,mean,none" help:"Scale of a window, by its context: ${enum}."`
	// word of the network; "": tcn:width=32,depth=6
	Network string `json:"network,omitempty" help:"Network over the steps of a window, tcn or s4 with settings; without it tcn:width=32,depth=6."`
	// Condition trains the rival of the paper, TSDiff-Cond: the network reads the context, and nothing guides
	Condition bool `json:"condition,omitempty" help:"Read the context as a condition, instead of guidance: the conditional model of the paper."`
	Budget    `embed:""`

	// Guidance is the loss of the observed: quantile or square
	Guidance string `json:"guidance" default:"quantile" enum:"quantile,square" help:"Loss of observed values in guidance: ${enum}."`
	// Strength is s
	Strength float64 `json:"strength" default:"4" min:"0" max:"1000" help:"Strength s of guidance; 0: none."`
	// Clip bounds a move of guidance, over the noise of its time
	Clip float64 `json:"clip" default:"1" min:"0" help:"Longest move of guidance, over the noise of its time; 0: unlimited."`
	// Calls are steps of ddim:eta=1
	Calls int `json:"calls" default:"20" min:"1" max:"99" help:"Steps of a sample path."`
}

func init() {
	forecast.Register("One diffusion model of windows, guided to what was observed.",
		func() forecast.Model { return TSDiff{} })
}

// Kind implements forecast.Model.
func (TSDiff) Kind() string { return "tsdiff" }

// Resolve fills the defaults that do not depend on data.
func (m TSDiff) Resolve() (forecast.Model, error) {
	if m.Scale == "" {
		m.Scale = forecast.ScaleStandard
	}
	if m.Guidance == "" {
		m.Guidance = selfguide.Quantile
	}
	if m.Network == "" {
		m.Network = "tcn:width=32,depth=6"
	}
	if m.Calls == 0 {
		m.Calls = 20
	}
	m.Budget = m.filled(4000)
	_, err := m.network(0)
	return m, err
}

// network is the one that is named, with so many numbers beside a step.
func (m TSDiff) network(beside int) (nn.Network, error) {
	n, err := nn.Parse(m.Network)
	if err != nil {
		return nil, err
	}
	if c, ok := n.(nn.BesideReader); ok {
		return c.WithBeside(beside), nil
	}
	return nil, &ito.UnsupportedError{What: "network " + n.Kind() + " of a tsdiff",
		Why: "it does not read series step by step with numbers beside them", Nearest: "tcn or s4:both=true"}
}

// tsdiffPath is the path of the paper.
func tsdiffPath() (ito.Path, error) {
	p, err := path.NewDiscrete(path.DiscreteConfig{N: 100, BetaStart: 1e-4, BetaEnd: .1})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// contextFor is the number of steps of history for a horizon.
func contextFor(given int, f forecast.Freq, horizon int) int {
	if given > 0 {
		return given
	}
	n := 7 * f.Season()
	if f.Season() == 1 {
		n = 4 * horizon
	}
	return max(min(n, ito.DefaultFull-horizon), min(horizon, 64))
}

// Fit implements forecast.Model.
func (m TSDiff) Fit(ctx context.Context, data *forecast.Set, o forecast.FitOptions) (forecast.Fitted, error) {
	resolved, err := m.Resolve()
	if err != nil {
		return nil, err
	}
	m, data = resolved.(TSDiff), sorted(data)
	fr := newFrame(data, contextFor(m.Context, data.Freq, o.Horizon), o.Horizon, m.Scale, m.Condition)
	windows, err := forecast.NewWindows(data, fr.Context, fr.Horizon)
	if err != nil {
		return nil, err
	}
	src, err := newSource(windows, fr)
	if err != nil {
		return nil, err
	}
	net, err := m.network(fr.beside())
	if err != nil {
		return nil, err
	}
	tr, err := m.trainer(net, src, o.Seed, false)
	if err != nil {
		return nil, err
	}
	p, err := tsdiffPath()
	if err != nil {
		return nil, err
	}
	if err := tr.Bind(p); err != nil {
		return nil, err
	}
	if err := forecast.Train(ctx, tr, m.Steps, identity(&m, fr, src), o); err != nil {
		return nil, err
	}
	f, err := tr.Field()
	if err != nil {
		return nil, err
	}
	return m.fitted(f, fr)
}

// Restore implements forecast.Model.
func (m TSDiff) Restore(s forecast.State) (forecast.Fitted, error) {
	f, e, err := read(s)
	if err != nil {
		return nil, err
	}
	return m.fitted(f, e.Frame)
}

func (m TSDiff) fitted(f *field.Net, fr frame) (forecast.Fitted, error) {
	d, err := newDrawer(f, "ddim:eta=1", m.Calls)
	if err != nil {
		return nil, err
	}
	out := &Windows{drawer: d, frame: fr, model: m}
	d.enter = out.enter
	return out, nil
}

// Windows is a fitted [TSDiff].
type Windows struct {
	*drawer
	frame frame
	model TSDiff
}

// State implements forecast.Fitted.
func (t *Windows) State() (forecast.State, error) { return write(t.field, extra{Frame: t.frame}) }

// enter is the condition of a window and the hook that guides its samples.
func (t *Windows) enter(g group, paths int) (in entered, err error) {
	w, f := g.windows[0], t.frame
	if err := f.fits(w); err != nil {
		return in, err
	}
	x := make([]float64, f.length())
	scale, err := f.values(x, w.Series, w.Origin())
	if err != nil {
		return in, err
	}
	in.leave, in.skip = leave(scale), f.Context
	if f.beside() > 0 {
		in.cond = make([]float64, f.length()*f.beside())
		f.conditions(in.cond, x, w.Series, w.Origin())
	}
	if !f.Given && t.model.Strength > 0 {
		in.hooks = []ito.Hook{t.guide(x, g.address, paths)}
	}
	return in, nil
}

// leave undoes a scale.
func leave(s forecast.Scale) func(dst, state []float64, k int) {
	return func(dst, state []float64, _ int) {
		for i := range dst {
			dst[i] = s.Undo(state[i])
		}
	}
}

// guide draws samples to the values of x that are there.
func (t *Windows) guide(x []float64, address uint64, paths int) selfguide.Guide {
	known := make([]bool, len(x))
	y := make([]float64, len(x))
	for i, v := range x {
		if known[i] = !math.IsNaN(v); known[i] {
			y[i] = v
		}
	}
	return selfguide.Guide{Loss: t.model.Guidance, Scale: t.model.Strength, Clip: t.model.Clip, Score: true,
		Observed: func(id uint64) selfguide.Observed {
			return selfguide.Observed{Y: y, Known: known, Q: selfguide.Level(int(id-address), paths)}
		}}
}
