package diffusion

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// CSDI draws what is not known of a window given what is (Tashiro et al. 2021, arXiv:2107.03502): forecasts and gaps
// alike. Its network attends over times for each series and over series for each time; the path has 50 steps with √β
// even from 1e-4 to .5, as published. Covariates are rows beside the series, of which everything that is known is
// given.
type CSDI struct {
	// steps of history in a window; 0: four seasons, 144 at most
	Context int `json:"context,omitempty" min:"0" max:"100000" help:"Steps of history in a window; 0: four seasons, at most 144."`
	// standard (the default), mean or none
	Scale string `json:"scale" default:"standard" enum:"standard,mean,none" help:"Scale of each series of a window, by its context: ${enum}."`
	// Joint: the series of the set are one panel
	Joint bool `json:"joint,omitempty" help:"Learn and draw the series of the set together, as rows of one window."`
	// what is hidden in training: mix (the default), horizon, random or history
	Hide string `json:"hide" default:"mix" enum:"mix,horizon,random,history" help:"What training hides, to learn it given the rest: ${enum}. mix: horizon and random in turn."`
	// word of the network; "": csdi:channels=32,layers=2,heads=4,hidden=32,…
	Network string `json:"network,omitempty" help:"Network csdi with settings; without it one of 32 channels and 2 layers."`
	Budget  `embed:""`
	// Solver and Calls of sampling
	Solver string `json:"solver" default:"ddim:eta=1" help:"Solver of sample paths."`
	Calls  int    `json:"calls" default:"10" min:"1" max:"1000" help:"Network calls of a sample path."`
	// Grid is where the solver stops: uniform (the default), or gits, found after training for this number of calls
	Grid string `json:"grid" default:"uniform" enum:"uniform,gits" help:"Times at which the solver stops: ${enum}. gits finds them for the trained model and its calls."`
}

func init() {
	forecast.Register("Attention over times and series, which draws what is missing.",
		func() forecast.Model { return CSDI{} })
}

// Kind implements forecast.Model.
func (CSDI) Kind() string { return "csdi" }

const csdiNetwork = "csdi:channels=32,layers=2,heads=4,hidden=32,time-dim=32,position-dim=32,feature-dim=8"

// Resolve fills the defaults that do not depend on data.
func (m CSDI) Resolve() (forecast.Model, error) {
	for _, f := range []struct {
		at  *string
		own string
	}{{&m.Scale, forecast.ScaleStandard}, {&m.Hide, HideMix}, {&m.Network, csdiNetwork}, {&m.Solver, "ddim:eta=1"},
		{&m.Grid, GridUniform}} {
		if *f.at == "" {
			*f.at = f.own
		}
	}
	if m.Calls == 0 {
		m.Calls = 10
	}
	m.Budget = m.filled(4000)
	if err := checkHide(m.Hide); err != nil {
		return nil, err
	}
	_, err := m.network()
	return m, err
}

func (m CSDI) network() (nn.Network, error) {
	n, err := nn.Parse(m.Network)
	if err != nil {
		return nil, err
	}
	c, ok := n.(nn.Imputer)
	if !ok {
		return nil, &ito.UnsupportedError{What: "network " + n.Kind() + " of a csdi",
			Why: "it does not take cells that are given", Nearest: "csdi"}
	}
	return c.Imputing(), nil
}

// csdiPath is the path of the paper.
func csdiPath() (ito.Path, error) {
	p, err := path.NewDiscrete(path.DiscreteConfig{Schedule: path.ScaledLinear, N: 50, BetaStart: 1e-4, BetaEnd: .5})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Fit implements forecast.Model.
func (m CSDI) Fit(ctx context.Context, data *forecast.Set, o forecast.FitOptions) (forecast.Fitted, error) {
	resolved, err := m.Resolve()
	if err != nil {
		return nil, err
	}
	m, data = resolved.(CSDI), sorted(data)
	context := m.Context
	if context == 0 {
		context = max(min(4*data.Freq.Season(), 144), min(o.Horizon, 144), 8)
	}
	src := &cells{data: data, frame: newFrame(data, context, o.Horizon, m.Scale, false), hide: m.Hide}
	if m.Joint {
		if src.joint, err = panel(data); err != nil {
			return nil, err
		}
	}
	if src.windows, err = forecast.NewWindows(leader(data, src.joint), context, o.Horizon); err != nil {
		return nil, err
	}
	net, err := m.network()
	if err != nil {
		return nil, err
	}
	tr, err := m.trainer(net, src, o.Seed, false)
	if err != nil {
		return nil, err
	}
	p, err := csdiPath()
	if err != nil {
		return nil, err
	}
	if err := tr.Bind(p); err != nil {
		return nil, err
	}
	if err := forecast.Train(ctx, tr, m.Steps, identity(&m, src.frame, src), o); err != nil {
		return nil, err
	}
	f, err := tr.Field()
	if err != nil {
		return nil, err
	}
	e := extra{Frame: src.frame, Joint: src.joint}
	if m.Grid == GridGITS {
		if e.Times, err = scheduled(ctx, f, src, m.Solver, m.Calls, o.Seed); err != nil {
			return nil, err
		}
	}
	return m.fitted(f, e)
}

// Restore implements forecast.Model.
func (m CSDI) Restore(s forecast.State) (forecast.Fitted, error) {
	f, e, err := read(s)
	if err != nil {
		return nil, err
	}
	return m.fitted(f, e)
}

func (m CSDI) fitted(f *field.Net, e extra) (forecast.Fitted, error) {
	d, err := newDrawer(f, m.Solver, m.Calls)
	if err != nil {
		return nil, err
	}
	d.joint = e.Joint
	if len(e.Times) == len(d.grid) && m.Grid == GridGITS { // found for this number of calls
		d.grid = e.Times
	}
	out := &Cells{drawer: d, extra: e}
	d.enter = out.enter
	return out, nil
}

// Cells is a fitted [CSDI].
type Cells struct {
	*drawer
	extra extra
}

// State implements forecast.Fitted.
func (c *Cells) State() (forecast.State, error) { return write(c.field, c.extra) }

// enter gives what is known of the windows of a group.
func (c *Cells) enter(g group, _ int) (in entered, err error) {
	f := c.extra.Frame
	var series []*forecast.Series
	for _, w := range g.windows {
		if err := f.fits(w); err != nil {
			return in, err
		}
		series = append(series, w.Series)
	}
	for _, w := range g.windows {
		if w.Origin() != g.windows[0].Origin() {
			return in, &ito.InputError{Where: "series " + w.ID, What: "it begins at another time than " +
				g.windows[0].ID + ", with which it is drawn", Do: "give series that stand side by side"}
		}
	}
	return c.known(series, g.windows[0].Origin(), f.Context)
}

// known gives what is known of series about an origin, whose scale is that of the first so many steps.
func (c *Cells) known(series []*forecast.Series, origin, by int) (in entered, err error) {
	f := c.extra.Frame
	x := make([]float64, rowsOf(f, c.extra.Joint)*f.length())
	scales, err := f.panel(x, series, origin, by)
	if err != nil {
		return in, err
	}
	in.cond = make([]float64, 2*len(x))
	for i, v := range x {
		if !math.IsNaN(v) {
			in.cond[2*i], in.cond[2*i+1] = v, 1
		}
	}
	each := 1 + len(f.Known) + len(f.Past)
	in.leave = func(dst, state []float64, k int) {
		row := state[k*each*f.length():]
		for i := range dst {
			dst[i] = scales[k].Undo(row[i])
		}
	}
	in.skip = f.Context
	return in, nil
}

// fill implements filler.
func (c *Cells) fill(series []*forecast.Series, first int, _ uint64, _ int) (entered, error) {
	f := c.extra.Frame
	return c.known(series, first+f.Context, f.length())
}

// Impute implements forecast.Imputer.
func (c *Cells) Impute(ctx context.Context, series []*forecast.Series, r forecast.Request) ([]forecast.Gaps, error) {
	return impute(ctx, c.drawer, c.extra.Frame, c, series, r)
}
