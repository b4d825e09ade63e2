package serve

import (
	"encoding/json"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/wrap"
)

// Card is what is told of a model.
type Card struct {
	Name       string          `json:"name"`
	Kind       cardKind        `json:"kind" enum:"sampler,forecaster,density" doc:"What it does: draws samples, forecasts series, or is a model file of which draws are inferred"`
	Fault      string          `json:"fault,omitempty" doc:"Why its file as it is cannot be used: an older one answers"`
	Digest     string          `json:"digest" doc:"SHA-256 of the model's file"`
	Bytes      int64           `json:"bytes" doc:"Size of the file"`
	Modified   time.Time       `json:"modified"`
	Columns    []CardColumn    `json:"columns" doc:"Columns of the samples, in order"`
	Shape      []int           `json:"shape,omitempty" doc:"Of an image or a window: the shape of a sample, whose values are the columns, the last axis fastest"`
	Whole      bool            `json:"whole,omitempty" doc:"The values are whole numbers"`
	State      string          `json:"state,omitempty" doc:"What the path carries, in words"`
	Conditions []CardCondition `json:"conditions,omitempty" doc:"What the setting where may name"`
	Example    string          `json:"where_example,omitempty" doc:"A value of the setting where"`
	From       bool            `json:"needs_rows,omitempty" doc:"Samples start at rows of another set, which a request cannot give"`
	Path       string          `json:"path,omitempty"`
	PathConfig json.RawMessage `json:"path_config,omitempty"`
	Predicts   string          `json:"predicts,omitempty"`
	Network    *CardNetwork    `json:"network,omitempty"`
	Transform  string          `json:"transform,omitempty"`
	Schedules  []CardSchedule  `json:"schedules,omitempty" doc:"How ito tune found it is best sampled with few network calls"`
	Forecasts  *CardForecasts  `json:"forecasts,omitempty" doc:"Of a forecaster"`
	Density    *CardDensity    `json:"density,omitempty" doc:"Of a model file"`
	Provenance CardProvenance  `json:"provenance"`
}

// cardKind is what a model does.
type cardKind string

const (
	samples    cardKind = "sampler"
	forecaster cardKind = "forecaster"
	density    cardKind = "density"
)

// place is the last part of where it is asked.
func (k cardKind) place() string {
	switch k {
	case forecaster:
		return "forecast"
	case density:
		return "infer"
	}
	return "sample"
}

// does describes what a model does.
func (c *Card) does() string {
	switch c.Kind {
	case forecaster:
		return "forecasts series"
	case density:
		return "is a model file, of which draws are inferred,"
	}
	return "draws samples"
}

// CardColumn is a column of the samples.
type CardColumn struct {
	Name     string   `json:"name"`
	Type     string   `json:"type,omitempty" doc:"Of a table with types: real, integer, category, …"`
	Levels   []string `json:"levels,omitempty" doc:"The words that it may be"`
	Layout   string   `json:"layout,omitempty" doc:"Of times: how they are written, as Go's package time has it"`
	Missing  float64  `json:"missing,omitempty" doc:"Part of the training data in which it was missing"`
	Mean     *float64 `json:"mean,omitempty" doc:"Of the training data"`
	SD       *float64 `json:"sd,omitempty" doc:"Of the training data"`
	Low      *float64 `json:"low,omitempty" doc:"No sample is below"`
	High     *float64 `json:"high,omitempty" doc:"No sample is above"`
	Constant *float64 `json:"constant,omitempty" doc:"Its value, where it never varied in the data"`
}

// CardCondition is a condition of the model.
type CardCondition struct {
	Column string   `json:"column"`
	Levels []string `json:"levels,omitempty" doc:"The words that it may be; none: a number"`
	Part   bool     `json:"part,omitempty" doc:"It is a column of the samples too, and may be left open"`
	Mean   *float64 `json:"mean,omitempty" doc:"Of a number in the training data"`
	SD     *float64 `json:"sd,omitempty" doc:"Of a number in the training data"`
}

// CardNetwork is the network of a model.
type CardNetwork struct {
	Kind       string          `json:"kind"`
	Config     json.RawMessage `json:"config"`
	Parameters int             `json:"parameters"`
}

// CardSchedule is a stored schedule.
type CardSchedule struct {
	Calls     int     `json:"nfe" doc:"Network calls a sample"`
	Guidance  float64 `json:"guidance"`
	Name      string  `json:"name"`
	RMSE      float64 `json:"rmse" doc:"To the end of the model's own probability flow"`
	Fixed     string  `json:"fixed" doc:"The best fixed solver"`
	FixedRMSE float64 `json:"fixed_rmse"`
}

// CardProvenance describes where a model came from.
type CardProvenance struct {
	Version string `json:"version"`
	Arch    string `json:"arch"`
	SIMD    string `json:"simd"`
	Created string `json:"created"`
	Data    string `json:"data,omitempty" doc:"Name of the data set"`
	Digest  string `json:"data_digest,omitempty" doc:"SHA-256 of the training rows"`
	Seed    uint64 `json:"seed"`
}

func newCard(name, digest string, m *ito.Model, info fs.FileInfo) (*Card, error) {
	kind, config, err := path.Marshal(m.Path)
	if err != nil {
		return nil, err
	}
	p := m.Provenance
	c := &Card{Name: name, Kind: samples, Digest: digest, Bytes: info.Size(),
		Modified: info.ModTime().
			UTC().
			Truncate(time.Second),
		Shape: task.Shape(m), Whole: m.Transform.Whole || m.Space.Tokens(), State: m.Space.String(),
		Path: kind, PathConfig: config, Predicts: m.Field.Kind().String(), Transform: m.Transform.Kind,
		Provenance: CardProvenance{p.Version, p.Arch, p.SIMD, p.Created, dataName(p.Data), p.Digest, p.Seed}}
	if c.Transform == "" {
		c.Transform = "none"
	}
	c.Columns = columnsOf(m)
	if t, ok := m.Encoding.(*encode.Table); ok {
		c.typed(t)
	}
	for _, k := range m.Conditions {
		d := CardCondition{Column: k.Column, Levels: k.Levels}
		if len(k.Levels) == 0 {
			d.Mean, d.SD = number(k.Mean), number(k.SD)
		}
		c.Conditions = append(c.Conditions, d)
	}
	if len(m.Conditions) > 0 {
		c.Example = data.ExampleWhere(m.Conditions)
	}
	if net, ok := m.Field.(*field.Net); ok {
		b, err := json.Marshal(net.Weights.Net)
		if err != nil {
			return nil, err
		}
		c.Network = &CardNetwork{net.Weights.Net.Kind(), b, len(net.Weights.Params)}
		_, pairs := net.Wrap.(wrap.Between)
		c.From = pairs && m.Prior == nil
	}
	for _, s := range m.Schedules {
		f := s.Found
		c.Schedules = append(c.Schedules, CardSchedule{s.Calls, s.Guidance, f.Name, f.RMSE, f.Fixed, f.FixedRMSE})
	}
	return c, nil
}

// typed describes a table with types. Any of the columns that a request may name is a condition.
func (c *Card) typed(t *encode.Table) {
	c.Transform, c.Example, c.State = "by the types of the columns", t.Example(), ""
	c.Columns = nil
	for _, k := range t.Schema.Columns {
		col := CardColumn{Name: k.Name, Type: string(k.Kind), Levels: k.Levels, Layout: k.Layout,
			Missing: float64(k.Missing) / float64(max(k.Rows, 1))}
		if k.Kind.Numeric() {
			col.Low, col.High = number(k.Low), number(k.High)
		}
		c.Columns = append(c.Columns, col)
	}
	for _, name := range t.Conditions() {
		d := CardCondition{Column: name, Part: true}
		if at := t.Schema.Find(name); at >= 0 {
			d.Levels = t.Schema.Columns[at].Levels
		}
		c.Conditions = append(c.Conditions, d)
	}
}

// dataName is the name of a data set without the place of its file.
func dataName(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	return strings.TrimPrefix(filepath.ToSlash(filepath.Base("/"+name)), "/")
}

// number is x for JSON, nil where it is not finite.
func number(x float64) *float64 { return task.OrNull(x) }

// columnsOf describes the columns, with what model and transform know of them.
func columnsOf(m *ito.Model) []CardColumn {
	d := task.Width(m)
	names, t := task.Columns(m, d), m.Transform
	out := make([]CardColumn, d)
	mean, sd := momentsOf(m, d)
	for i := range out {
		out[i].Name = names[i]
		if t.Keep != nil && !slices.Contains(t.Keep, i) && i < len(t.Const) {
			out[i].Constant = number(t.Const[i])
			continue
		}
		if mean != nil {
			out[i].Mean, out[i].SD = number(mean[i]), number(sd[i])
		}
		if t.High > t.Low {
			out[i].Low, out[i].High = number(t.Low), number(t.High)
		}
	}
	return out
}

// widest is the widest transform with a matrix that is looked at for a card.
const widest = 1024

// momentsOf are means and standard deviations of the training data by column, nil where the model does not know them.
func momentsOf(m *ito.Model, columns int) (mean, sd []float64) {
	net, ok := m.Field.(*field.Net)
	t := m.Transform
	if _, pairs := wrapOf(net).(wrap.Between); !ok || pairs || m.Space.Tokens() || m.Encoding != nil {
		return nil, nil
	}
	g := net.Moments()
	_, d := t.Dims(columns)
	if len(g.Mean) < d || t.V != nil && d > widest || t.Whole {
		return nil, nil
	}
	variance := func(i, j int) float64 {
		switch n := len(g.Mean); {
		case !g.PerColumn():
			return g.Cov[i*n+j]
		case i == j:
			return g.Cov[i]
		}
		return 0
	}
	mean, sd = make([]float64, columns), make([]float64, columns)
	if t.Inverse(mean, g.Mean[:d]) != nil {
		return nil, nil
	}
	for k := range d {
		at, v := k, 0.0
		if t.Keep != nil {
			at = t.Keep[k]
		}
		if t.V == nil {
			v = variance(k, k)
		} else {
			for i := range d {
				for j := range d {
					if g.PerColumn() && i != j {
						continue
					}
					v += t.V[k*d+i] * variance(i, j) * t.V[k*d+j]
				}
			}
		}
		sd[at] = math.Sqrt(max(v, 0))
		if len(t.Scale) == 1 {
			sd[at] *= t.Scale[0]
		} else if t.Scale != nil {
			sd[at] *= t.Scale[k]
		}
	}
	return mean, sd
}

func wrapOf(n *field.Net) wrap.Wrapping {
	if n == nil {
		return nil
	}
	return n.Wrap
}
