package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

const (
	kindModel = "model"
	keyModel  = "ito.model"
	netPrefix = "net." // of the network's tensors: net.0.weight, net.0.bias, …
)

// modelHeader is the metadata of a model file, as JSON. The moments are tensors beside the network's.
type modelHeader struct {
	Path      spec.Named    `json:"path"`
	Space     *ito.Space    `json:"space,omitempty"` // nil: a row of numbers
	Network   networkHeader `json:"network"`
	Predicts  string        `json:"predicts"`
	TimeScale float64       `json:"time_scale,omitempty"` // of a network without scaling, which has no data moments
	Label     bool          `json:"label,omitempty"`      // such a network reads the label of its path
	Potential bool          `json:"potential,omitempty"`  // the network is the potential of the field
	// of a network in a wrapping of another kind than these; data moments are there where it has some
	Wrapping *spec.Named `json:"wrapping,omitempty"`
	// of an interpolant's network: b, v, eta, s; its data moments are those of pairs
	Targets    []string        `json:"targets,omitempty"`
	Prior      bool            `json:"prior,omitempty"` // prior.mean and prior.cov are there
	Transform  ito.Transform   `json:"transform"`
	Table      *encode.Table   `json:"table,omitempty"` // instead of transform
	Columns    []string        `json:"columns,omitempty"`
	Conditions []ito.Condition `json:"conditions,omitempty"`
	Vocabulary *ito.Vocabulary `json:"vocabulary,omitempty"`
	Nodes      *ito.NodeLaw    `json:"nodes,omitempty"`
	Provenance ito.Provenance  `json:"provenance"`

	Schedules []scheduleHeader `json:"schedules,omitempty"`
}

// SaveModel writes a model atomically as a sealed safetensors file. Its field must be a [field.Net] on the model's
// own path. The bytes depend on the model alone. What [LoadModel] would refuse is refused here.
func SaveModel(file string, m *ito.Model) error {
	f, err := modelFile(m)
	if err != nil {
		return inFile(err, file)
	}
	return Save(file, f)
}

func modelFile(m *ito.Model) (*File, error) {
	h, f, err := partsOf(m)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	f.Metadata = map[string]string{keyVersion: strconv.Itoa(networkVersion), keyKind: kindModel, keyModel: string(text)}
	return f, nil
}

// partsOf are the header and the tensors of a model's file.
func partsOf(m *ito.Model) (h modelHeader, _ *File, _ error) {
	net, ok := m.Field.(*field.Net)
	if !ok {
		return h, nil, &ito.UnsupportedError{What: fmt.Sprintf("writing a model whose field is a %T", m.Field),
			Why: "a file holds a network", Nearest: "*field.Net"}
	}
	h = modelHeader{Predicts: net.Kind().String(), Prior: m.Prior != nil, Transform: m.Transform,
		Columns: m.Columns, Conditions: m.Conditions, Vocabulary: m.Vocabulary, Nodes: m.Nodes,
		Provenance: m.Provenance}
	if len(m.Space.Parts) > 0 {
		h.Space = &m.Space
	}
	if m.Encoding != nil {
		if h.Table, ok = m.Encoding.(*encode.Table); !ok {
			return h, nil, &ito.UnsupportedError{What: "writing a model whose rows are encoded as " + m.Encoding.Kind(),
				Why: "a file has no place for it", Nearest: "*encode.Table"}
		}
	}
	var err error
	if h.Network, err = newNetworkHeader(net.Weights); err != nil {
		return h, nil, fmt.Errorf("model: %w", err)
	}
	if h.Path, err = path.Named(m.Path); err != nil {
		return h, nil, err
	}
	if kind, config, err := path.Marshal(net.Bound()); err != nil || kind != h.Path.Kind || !bytes.Equal(config,
		h.Path.Config) {
		return h, nil, &ito.UnsupportedError{What: "writing a model on path " + h.Path.Kind,
			Why: "its network was trained on another path", Nearest: "the network's own path"}
	}
	scaled := true
	switch w := net.Wrap.(type) {
	case *wrap.Potential:
		h.Potential = true
	case *wrap.Pairs:
		if w.Coupled() { // what older files have no place for
			named, err := wrap.Named(w.Maker())
			if err != nil {
				return h, nil, err
			}
			h.Wrapping = &named
			break
		}
		for _, t := range w.Targets() {
			h.Targets = append(h.Targets, t.String())
		}
	case *wrap.Plain:
		h.Predicts, h.TimeScale, h.Label, scaled = w.Predicts().String(), w.TimeScale(), w.Labelled(), false
	case *wrap.Tokens:
		scaled = false
	case *wrap.Moments, *wrap.Momentum:
	case wrap.Made:
		named, err := wrap.Named(w.Maker())
		if err != nil {
			return h, nil, err
		}
		h.Wrapping, scaled = &named, len(w.Moments().Mean) > 0
	default:
		return h, nil, &ito.UnsupportedError{What: "writing a network that is wrapped by " + w.Kind(),
			Why: "a file has no place for it", Nearest: "moments"}
	}
	f := &File{Tensors: netTensors(net.Weights)}
	if scaled {
		f.Tensors = append(f.Tensors, gaussianTensors("data", net.Moments())...)
	}
	if m.Prior != nil {
		f.Tensors = append(f.Tensors, gaussianTensors("prior", *m.Prior)...)
	}
	for i, s := range m.Schedules {
		head, tensors, err := writeSchedule(i, s)
		if err != nil {
			return h, nil, err
		}
		h.Schedules, f.Tensors = append(h.Schedules, head), append(f.Tensors, tensors...)
	}
	if _, err := modelOf(h, f); err != nil {
		return h, nil, err
	}
	return h, f, nil
}

func gaussianTensors(name string, g ito.Gaussian) []Tensor {
	d := len(g.Mean)
	if g.PerColumn() && d > 1 {
		return []Tensor{NewF64(name+".mean", g.Mean, d), NewF64(name+".var", g.Cov, d)}
	}
	return []Tensor{NewF64(name+".mean", g.Mean, d), NewF64(name+".cov", g.Cov, d, d)}
}
