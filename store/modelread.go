package store

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// LoadModel reads what [SaveModel] wrote; the field is a [field.Net]. Everything in the file is checked against
// everything else. A file that is damaged, edited, newer or no model is a *[FormatError]; nothing in a file makes it
// panic or take more memory than some times the file's size.
func LoadModel(file string) (*ito.Model, error) {
	m, _, err := LoadModelDigest(file)
	return m, err
}

// ModelOf is LoadModel of a file that is open and verified; it keeps none of its bytes.
func ModelOf(f *File) (*ito.Model, error) { return parseModel(f) }

// Kind is what a file of ito holds: model, checkpoint, forecaster, …; "": it does not say.
func (f *File) Kind() string { return f.Metadata[keyKind] }

func parseModel(f *File) (*ito.Model, error) {
	if f.Metadata[keyKind] == kindTables {
		return nil, &FormatError{What: "it holds a model of several tables, which ito sample, info and eval take",
			Do: "give a model of one table", Err: ErrTables}
	}
	if kind := f.Metadata[keyKind]; kind != kindModel {
		return nil, &FormatError{What: fmt.Sprintf("it holds a %s, not a model", kindName(kind)), Do: useOf[kind]}
	}
	d := json.NewDecoder(strings.NewReader(f.Metadata[keyModel]))
	d.DisallowUnknownFields()
	var h modelHeader
	err := d.Decode(&h)
	if err == nil {
		if _, e := d.Token(); e != io.EOF {
			err = fmt.Errorf("something follows it")
		}
	}
	if err != nil {
		return nil, notModel("%s: %v", keyModel, err)
	}
	return modelOf(h, f)
}

// notModel is a sealed file whose content does not hold together.
func notModel(format string, args ...any) error {
	return &FormatError{What: "not a model that ito can use: " + fmt.Sprintf(format, args...), Err: ErrEdited}
}

func modelOf(h modelHeader, f *File) (*ito.Model, error) {
	p, err := path.FromNamed(h.Path)
	if err != nil {
		return nil, notModel("%v", err)
	}
	net, err := readNet(h.Network, f)
	if err != nil {
		return nil, err
	}
	kind, ok := predictionOf(h.Predicts)
	if !ok {
		return nil, notModel("it predicts %q", h.Predicts)
	}
	m := &ito.Model{Path: p, Transform: h.Transform, Columns: h.Columns, Conditions: h.Conditions,
		Vocabulary: h.Vocabulary, Nodes: h.Nodes, Provenance: h.Provenance}
	if h.Space != nil {
		m.Space = *h.Space
	}
	if h.Table != nil {
		m.Encoding = h.Table
	}
	tensors := len(net.Layout())
	if net.Quantised != nil {
		tensors += len(net.Quantised.Scales)
	}
	if m.Field, err = bind(p, net, kind, h, f); err != nil {
		return nil, err
	}
	if net, ok := m.Field.(*field.Net); h.TimeScale == 0 && kind != ito.PredLogits && (!ok || h.Wrapping == nil ||
		len(net.Moments().Mean) > 0) {
		tensors += 2
	}
	if h.Prior {
		prior, err := readGaussian(f, "prior", net.Ports.Reads())
		if err != nil {
			return nil, err
		}
		m.Prior = &prior
		tensors += 2
	}
	for i, head := range h.Schedules {
		s, used, err := head.read(i, f)
		if err != nil {
			return nil, err
		}
		m.Schedules = append(m.Schedules, s)
		tensors += used
	}
	if len(f.Tensors) != tensors {
		return nil, notModel("%d tensors, its parts have %d", len(f.Tensors), tensors)
	}
	if err := checkModel(m, net.Ports); err != nil {
		return nil, err
	}
	return m, checkSchedules(m, net.Ports.Reads())
}

// readNet reads the network's tensors, each of exactly the shape that its configuration asks for.
func readNet(h networkHeader, f *File) (*nn.Weights, error) {
	n, ports, err := h.network()
	if err != nil {
		return nil, err
	}
	layout, err := nn.Layout(n, ports)
	if err != nil {
		return nil, notModel("%v", err)
	}
	params, quantised, err := h.readParams(f, layout)
	if err != nil {
		return nil, err
	}
	net, err := nn.FromParams(n, ports, params)
	if err != nil {
		return nil, notModel("%v", err)
	}
	if net.Precision, err = ad.ParsePrecision(h.Precision); err != nil {
		return nil, notModel("%v", err)
	}
	net.Quantised = quantised
	return net, nil
}

func readTensor(f *File, name string, d DType, shape []int) (*Tensor, error) {
	t, err := f.Tensor(name)
	if err != nil {
		return nil, notModel("%v", err)
	}
	if t.DType != d || fmt.Sprint(t.Shape) != fmt.Sprint(shape) {
		return nil, notModel("tensor %s is %s%v, not %s%v", name, t.DType, t.Shape, d, shape)
	}
	return t, nil
}

func readGaussian(f *File, name string, d int) (g ito.Gaussian, err error) {
	mean, err := readTensor(f, name+".mean", F64, []int{d})
	if err != nil {
		return g, err
	}
	cov, err := readTensor(f, name+".var", F64, []int{d})
	if _, e := f.Tensor(name + ".var"); e != nil {
		cov, err = readTensor(f, name+".cov", F64, []int{d, d})
	}
	if err != nil {
		return g, err
	}
	if g.Mean, err = mean.Float64s(); err != nil {
		return g, err
	}
	g.Cov, err = cov.Float64s()
	return g, err
}

func predictionOf(name string) (ito.Prediction, bool) {
	for k := ito.PredX0; k <= ito.PredLogits; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}
