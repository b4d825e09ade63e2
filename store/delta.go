package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/nn"
)

const (
	kindDelta = "delta"
	keyDelta  = "ito.delta"
)

// Delta is what an adaptation changes of a model, its base. The file holds the numbers that were trained, those of
// every tensor of the network by its name, sparse ones with their places, and the digest of the base.
type Delta struct {
	Adaptation nn.Adaptation
	Trained    []float32 // as the adapter of the base takes them
	Provenance ito.Provenance
}

// deltaHeader is the metadata of a delta's file.
type deltaHeader struct {
	Adaptation spec.Named     `json:"adaptation"`
	Base       string         `json:"base"` // ModelDigest
	Provenance ito.Provenance `json:"provenance"`
}

// ModelDigest is the SHA-256 of a model without the schedules that are stored in it, which come and go.
func ModelDigest(m *ito.Model) (string, error) {
	c := *m
	c.Schedules = nil
	f, err := modelFile(&c)
	if err != nil {
		return "", err
	}
	b, err := Marshal(f)
	return Digest(b), err
}

// adapterOf is the adapter of a model's network.
func adapterOf(m *ito.Model, a nn.Adaptation, seed uint64) (nn.Adapter, *field.Net, error) {
	net, ok := m.Field.(*field.Net)
	if !ok {
		return nil, nil, &ito.UnsupportedError{What: fmt.Sprintf("adapting a %T", m.Field), Why: "it is no network",
			Nearest: "*field.Net"}
	}
	if err := net.Weights.CheckTrainable(); err != nil {
		return nil, nil, &ito.InputError{Where: "the base model", What: err.Error()}
	}
	adapter, err := a.Of(net.Weights, seed)
	return adapter, net, err
}

// SaveDelta writes a delta of a model atomically as a sealed safetensors file.
func SaveDelta(file string, base *ito.Model, d *Delta) error {
	adapter, _, err := adapterOf(base, d.Adaptation, 0)
	if err != nil {
		return err
	}
	h := deltaHeader{Provenance: d.Provenance}
	if h.Base, err = ModelDigest(base); err != nil {
		return err
	}
	if h.Adaptation, err = nn.NamedAdaptation(d.Adaptation); err != nil {
		return err
	}
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f := &File{Metadata: map[string]string{keyKind: kindDelta, keyDelta: string(text)}}
	size := 0
	for _, p := range adapter.Parts() {
		size = max(size, p.Offset+p.Size())
	}
	if size != len(d.Trained) {
		return fmt.Errorf("delta: %d numbers where %s trains %d", len(d.Trained), d.Adaptation.Kind(), size)
	}
	for _, p := range adapter.Parts() {
		f.Tensors = append(f.Tensors, NewF32(p.Name, d.Trained[p.Offset:p.Offset+p.Size()], p.Shape...))
		if p.At != nil {
			f.Tensors = append(f.Tensors, NewI32(p.Name+".at", p.At, len(p.At)))
		}
	}
	return Save(file, f)
}

// LoadDelta reads a delta of a model. One of another model is an *ito.InputError; a file that is damaged, or no delta,
// is a *[FormatError].
func LoadDelta(file string, base *ito.Model) (*Delta, error) {
	f, err := Open(file)
	if err != nil {
		return nil, err
	}
	d, err := parseDelta(file, f, base)
	return d, inFile(err, file)
}

func parseDelta(file string, f *File, base *ito.Model) (*Delta, error) {
	if kind := f.Metadata[keyKind]; kind != kindDelta {
		return nil, &FormatError{What: fmt.Sprintf("it holds a %s, not a delta", kindName(kind)),
			Do: "give what ito train wrote with `from-model`"}
	}
	bad := func(format string, args ...any) error {
		return &FormatError{What: "not a delta that ito can use: " + fmt.Sprintf(format, args...), Err: ErrEdited}
	}
	var h deltaHeader
	if err := exactly(json.RawMessage(f.Metadata[keyDelta]), &h); err != nil {
		return nil, bad("%s: %v", keyDelta, err)
	}
	own, err := ModelDigest(base)
	if err != nil {
		return nil, err
	}
	if own != h.Base {
		return nil, &ito.InputError{Where: file, What: fmt.Sprintf("it is a delta of another model, %.12s…, and "+
			"this one is %.12s…", h.Base, own), Do: "give the model that it was trained from"}
	}
	d := &Delta{Provenance: h.Provenance}
	if d.Adaptation, err = nn.AdaptationFromNamed(h.Adaptation); err != nil {
		return nil, bad("%v", err)
	}
	adapter, _, err := adapterOf(base, d.Adaptation, 0)
	if err != nil {
		return nil, bad("%v", err)
	}
	tensors := 0
	for _, p := range adapter.Parts() {
		t, err := readTensor(f, p.Name, F32, p.Shape)
		if err != nil {
			return nil, err
		}
		v, err := t.Float32s()
		if err != nil {
			return nil, err
		}
		d.Trained = append(d.Trained, v...)
		tensors++
		if p.At == nil {
			continue
		}
		at, err := readTensor(f, p.Name+".at", I32, []int{len(p.At)})
		if err != nil {
			return nil, err
		}
		if !slices.Equal(at.Data, NewI32("", p.At, len(p.At)).Data) {
			return nil, bad("tensor %s.at names other places than %s", p.Name, h.Adaptation.Kind)
		}
		tensors++
	}
	if tensors != len(f.Tensors) {
		return nil, bad("%d tensors, its parts have %d", len(f.Tensors), tensors)
	}
	for _, v := range d.Trained {
		if v-v != 0 {
			return nil, bad("a number is not finite")
		}
	}
	return d, nil
}

// Apply is the base with what the delta changes. Stored schedules, which were searched for the base, are left out.
func (d *Delta) Apply(base *ito.Model) (*ito.Model, error) {
	adapter, net, err := adapterOf(base, d.Adaptation, 0)
	if err != nil {
		return nil, err
	}
	params := make([]float32, len(net.Weights.Params))
	adapter.Expand(params, d.Trained)
	w, err := net.Weights.With(params)
	if err != nil {
		return nil, err
	}
	m := *base
	m.Schedules = nil
	if m.Field, err = field.NewNet(net.Wrap, w, net.Predicts); err != nil {
		return nil, err
	}
	p := &m.Provenance
	p.Digest = Digest([]byte(p.Digest + d.Provenance.Digest + d.Provenance.Config))
	p.Data, p.Version, p.Arch, p.SIMD = p.Data+", then "+d.Provenance.Data, d.Provenance.Version, d.Provenance.Arch,
		d.Provenance.SIMD
	p.HeldOut = nil
	return &m, nil
}
