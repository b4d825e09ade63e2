package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/solve"
)

// ModesConfig says how the modes of a model's density are sought.
type ModesConfig struct {
	Starts    int     `toml:"starts" json:"starts" min:"1" max:"20000" default:"256" help:"Places from which modes are sought."`
	Bandwidth float64 `toml:"bandwidth" json:"bandwidth" above:"0" default:"0.3" help:"Noise σ/α at which the density is smoothed, in the model's own units: with standardised columns in standard deviations. Modes closer than that run together."`
	Annealed  bool    `toml:"annealed" json:"annealed" default:"false" help:"Let the bandwidth fall from the path's noise to --bandwidth, a step of mean shift at each, which leads all starts to the heaviest mode; without it they start at samples and show all modes with their shares."`
	Levels    int     `toml:"levels" json:"levels" min:"2" max:"10000" default:"50" help:"Network calls on the way to --bandwidth: those of the samples, or bandwidths of --annealed."`
	Steps     int     `toml:"steps" json:"steps" min:"1" max:"1000000" default:"1000" help:"Most steps of mean shift at --bandwidth."`
	Seed      uint64  `toml:"seed" json:"seed" default:"1" help:"Seed of the starts."`
	Where     string  `toml:"where" json:"where" help:"Conditions, as ito sample has them." placeholder:"COL=VALUE,…"`
}

// Modes are the modes of a model's density, smoothed by noise.
type Modes struct {
	Bandwidth float64  `json:"bandwidth"`
	Starts    int      `json:"starts"`
	Still     int      `json:"standing_still"` // of the starts: the others still moved when their steps were over
	Steps     int      `json:"steps"`          // at the bandwidth, of the start that took most
	Columns   []string `json:"columns"`
	Modes     []Mode   `json:"modes"` // by their shares
}

// Mode is one of them.
type Mode struct {
	Starts int       `json:"starts"`
	Share  float64   `json:"share"` // of the starts: of samples, of the probability in its basin
	At     []float64 `json:"at"`    // in the columns of the data
}

// FindModes seeks modes of a model's density by mean shift: see [solve.MeanShift].
func FindModes(ctx context.Context, m *ito.Model, cfg ModesConfig) (Modes, error) {
	if err := spec.Check(&cfg); err != nil {
		return Modes{}, err
	}
	sampling := DefaultSample()
	sampling.N, sampling.Seed, sampling.Where, sampling.NFE = cfg.Starts, cfg.Seed, cfg.Where, max(cfg.Levels, 2)
	t, err := solve.TimeOfLevel(m.Path, cfg.Bandwidth)
	if err != nil {
		return Modes{}, placed("`bandwidth`", err)
	}
	if _, means := m.Path.(ito.RowMean); means || m.Space.Mask != nil {
		return Modes{}, &ito.UnsupportedError{What: "modes on path " + m.Path.Name(),
			Why: "its rows have means or sizes of their own", Nearest: "a model of rows of numbers"}
	}
	s, err := newSampler(m, sampling)
	if err != nil {
		return Modes{}, err
	}
	if typed, ok := m.Encoding.(*encode.Table); ok && cfg.Where == "" { // modes are those of all conditions together
		if s.typed, err = typed.ParseWhere(""); err != nil {
			return Modes{}, err
		}
	}
	if s.typed != nil && s.typed.Tested() {
		return Modes{}, &ito.UnsupportedError{What: "modes under ranges and sets",
			Why: "they are no density of their own", Nearest: "values, as `where=size=2.5`"}
	}
	x := ito.NewStates(cfg.Starts, s.d, 0)
	_, hi := m.Path.Span()
	shift := solve.MeanShift{Times: []float64{t}, Steps: cfg.Steps}
	if s.levels != nil { // modes are those of all labels together
		s.levels = nil
		if err := trainedFor(m, false, sampling.Guidance); err != nil {
			return Modes{}, err
		}
	}
	cond := s.conditions(x, ito.Seed(s.cfg.Seed))
	if cfg.Annealed {
		// from where samples start, whatever their scale: the first step forgets it
		if shift.Times, err = solve.LogSNR(m.Path, hi, t, cfg.Levels); err != nil {
			return Modes{}, err
		}
		ito.Seed(cfg.Seed).Normal(x, 0, 0, 0)
		if !m.Space.Free() {
			err = m.Space.Project(x, ito.Cond{})
		}
	} else {
		var g solve.GridFunc
		if g, err = gridFor("auto", m.Path); err == nil {
			if s.grid, err = g(m.Path, hi, t, max(cfg.Levels/2, 1)); err == nil {
				_, err = s.draw(ctx, x, solve.RunOptions{})
			}
		}
		if err == nil {
			solve.Unscale(m.Path.(ito.Diagonal), x, t)
		}
	}
	if err != nil {
		return Modes{}, err
	}
	info, err := shift.Run(ctx, m.Path, s.field, x, cond)
	if err != nil {
		return Modes{}, err
	}
	out := Modes{Bandwidth: info.Bandwidth, Starts: cfg.Starts, Steps: slices.Max(info.Steps)}
	for _, moved := range info.Moved {
		if moved <= 1e-3 {
			out.Still++
		}
	}
	groups := solve.GroupModes(x, info.Bandwidth/2)
	at := ito.NewStates(len(groups), s.d, 0)
	for k, g := range groups {
		copy(at.Row(k), g.At)
	}
	rows, err := s.rows(at)
	if err != nil {
		return Modes{}, err
	}
	for k, g := range groups {
		out.Modes = append(out.Modes, Mode{len(g.Rows), float64(len(g.Rows)) / float64(cfg.Starts), rows.Row(k)})
	}
	out.Columns = m.Columns
	if len(out.Columns) != rows.D {
		out.Columns = nil
		for j := range rows.D {
			out.Columns = append(out.Columns, fmt.Sprintf("x%d", j+1))
		}
	}
	return out, nil
}
