// Package rnn forecasts by one recurrent network for all series of a set.
package rnn

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/store"
)

// RNN is a global LSTM that reads the context and, behind it, what is known of the horizon, and writes a Student-t
// distribution of every step at once,
//
//	y_h = n_h + s·(μ_h + σ_h ε),  ε ~ t(ν_h),
//
// with n the seasonal naive forecast and s the seasonal error of the context (Salinas et al. 2020 have the network
// and the law, for one step after the other). A forecast costs one call of the network. Its paths take their ranks
// from past trajectories of the series, so that steps hang together as they did. It is trained by the likelihood of
// the steps that were observed.
type RNN struct {
	// steps before the origin that are read; 0: two seasons, or the horizon where that is longer
	Context int     `json:"context,omitempty" min:"0" max:"100000" help:"Steps before the origin that are read; 0: two seasons, or the horizon where that is longer."`
	Width   int     `json:"width,omitempty" default:"40" min:"1" max:"4096" help:"Units of a layer."`
	Layers  int     `json:"layers,omitempty" default:"1" min:"1" max:"16" help:"Layers."`
	Steps   int     `json:"steps,omitempty" default:"1500" min:"1" max:"10000000" help:"Steps of training."`
	Batch   int     `json:"batch,omitempty" default:"32" min:"1" max:"65536" help:"Windows of a step."`
	LR      float64 `json:"lr,omitempty" name:"lr" default:"0.003" above:"0" max:"1" help:"Learning rate."`
}

func init() {
	forecast.Register("A global LSTM with Student-t steps.", func() forecast.Model { return RNN{} })
}

// Kind implements forecast.Model.
func (RNN) Kind() string { return "rnn" }

// net is the network.
func (m RNN) net() nn.Network {
	return nn.RNN{Cell: nn.CellLSTM, Width: m.Width, Layers: m.Layers}
}

// config is what a file holds beside the weights.
type config struct {
	Settings RNN       `json:"settings"`
	Horizon  int       `json:"horizon"`
	Context  int       `json:"context"`
	Seasons  [2]int    `json:"seasons"` // of the two lags
	Known    []string  `json:"known,omitempty"`
	Past     []string  `json:"past,omitempty"`
	Mean     []float64 `json:"mean,omitempty"` // of the covariates, known ones first
	SD       []float64 `json:"sd,omitempty"`
}

// ports are those of the network.
func (c *config) ports() nn.Ports {
	return nn.Ports{X: []nn.Port{{Name: "x", Shape: []int{c.length(), c.channels()}}},
		Out: []nn.Port{{Name: "out", Shape: []int{c.length(), 3}}}}
}

func (c *config) length() int { return c.Context + c.Horizon }

// Fit implements forecast.Model.
func (m RNN) Fit(ctx context.Context, data *forecast.Set, o forecast.FitOptions) (forecast.Fitted, error) {
	data = sorted(data)
	c := config{Settings: m, Horizon: o.Horizon, Context: m.Context}
	c.Seasons[0] = data.Freq.Season()
	c.Seasons[1] = c.Seasons[0]
	if s := data.Freq.Seasons(); len(s) > 1 {
		c.Seasons[1] = s[1]
	}
	if c.Context == 0 {
		c.Context = max(2*c.Seasons[0], o.Horizon, 8)
	}
	c.covariates(data)
	windows, err := forecast.NewWindows(data, c.Context, c.Horizon)
	if err != nil {
		return nil, err
	}
	weights, err := nn.New(m.net(), c.ports(), o.Seed)
	if err != nil {
		return nil, err
	}
	loop, err := learn.NewLoop(learn.Optimiser{Steps: m.Steps, LR: m.LR, Schedule: nn.LRSchedule{Kind: "cosine",
		WarmUp: min(50, m.Steps/10)}, Adam: nn.DefaultAdam(), Clip: 1, EMA: nn.EMA{Decay: .99, WarmUp: true}}, weights)
	if err != nil {
		return nil, err
	}
	if err := loop.Bind(newLoss(&c, windows, m.Batch, o.Seed)); err != nil {
		return nil, err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	if err := forecast.Train(ctx, loop, m.Steps, string(text)+data.Digest(), o); err != nil {
		return nil, err
	}
	if weights, err = loop.Average(0); err != nil {
		return nil, err
	}
	return newFitted(c, weights), nil
}

// sorted is a set with its series in the order of their names: that in which they come has no part in what is learnt.
func sorted(d *forecast.Set) *forecast.Set {
	c := *d
	c.Series = slices.SortedFunc(slices.Values(d.Series), func(a, b *forecast.Series) int {
		return cmp.Compare(a.ID, b.ID)
	})
	return &c
}

// covariates finds mean and spread of the covariates.
func (c *config) covariates(d *forecast.Set) {
	c.Known, c.Past = d.Names()
	for k := range len(c.Known) + len(c.Past) {
		n, mean, square := 0., 0., 0.
		for _, s := range d.Series {
			for _, v := range covariate(s, k).X {
				if v == v {
					n++
					delta := v - mean
					mean += delta / n
					square += delta * (v - mean)
				}
			}
		}
		sd := math.Sqrt(square / max(n, 1))
		if !(sd > 1e-300) {
			sd = 1
		}
		c.Mean, c.SD = append(c.Mean, mean), append(c.SD, sd)
	}
}

// covariate is number k, the known ones first.
func covariate(s *forecast.Series, k int) forecast.Covariate {
	if k < len(s.Known) {
		return s.Known[k]
	}
	return s.Past[k-len(s.Known)]
}

// State implements forecast.Fitted.
func (f *fitted) State() (forecast.State, error) {
	text, err := json.Marshal(f.config)
	s := forecast.State{Config: text}
	for _, t := range f.weights.Layout() {
		s.Tensors = append(s.Tensors, store.NewF32("net."+t.Name, f.weights.Params[t.Offset:t.Offset+t.Size()],
			t.Shape...))
	}
	return s, err
}

// Restore implements forecast.Model.
func (RNN) Restore(s forecast.State) (forecast.Fitted, error) {
	var c config
	if err := json.Unmarshal(s.Config, &c); err != nil {
		return nil, &ito.InputError{What: "the config of the network cannot be read: " + err.Error()}
	}
	if c.Horizon < 1 || c.Context < 1 || c.Seasons[0] < 1 || c.Seasons[1] < 1 || len(c.Mean) !=
		len(c.Known)+len(c.Past) || len(c.SD) != len(c.Mean) {
		return nil, &ito.InputError{What: "the config of the network makes no sense"}
	}
	layout, err := nn.Layout(c.Settings.net(), c.ports())
	if err != nil {
		return nil, err
	}
	file, params := store.File{Tensors: s.Tensors}, []float32{}
	for _, t := range layout {
		tensor, err := file.Tensor("net." + t.Name)
		if err != nil {
			return nil, err
		}
		x, err := tensor.Float32s()
		if err != nil || len(x) != t.Size() {
			return nil, &ito.InputError{What: fmt.Sprintf("tensor %s does not fit the network", t.Name)}
		}
		params = append(params, x...)
	}
	weights, err := nn.FromParams(c.Settings.net(), c.ports(), params)
	if err != nil {
		return nil, err
	}
	return newFitted(c, weights), nil
}
