package path

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

type kind struct {
	name   string
	decode func(name string, config []byte) (ito.Path, error)
}

// kinds is every path that a model file can hold. A new path adds one line here. (It is a function, for a
// path may hold another.)
func kinds() []kind {
	return []kind{
		{"vp", plain[VP]},
		{"ve", plain[VE]},
		{"subvp", plain[SubVP]},
		{"edm", plain[EDM]},
		{"flow", plain[Flow]},
		{"cosine", plain[Cosine]},
		{"discrete", built(NewDiscrete)},
		{"vsdm", built(NewVSDM)},
		{"cld", built(NewCLD)},
		{"vsmd", built(NewVSMD)},
		{"piecewise", built(NewPiecewise)},
		{"pfgm", plain[PFGM]},
		{"reverting", built(NewReverting)},
		{"kinetic", built(NewKinetic)},
		{"interpolant", plain[Interpolant]},
		{"onesided", plain[OneSided]},
		{"centred", built(planCentred)},
	}
}

// Marshal returns the kind of a path and its configuration as JSON, defaults filled in. Numbers keep
// every bit. A path that Unmarshal could not read back is an [ito.InputError].
func Marshal(p ito.Path) (kind string, config json.RawMessage, err error) {
	if p == nil {
		return "", nil, &ito.InputError{What: "there is no path to write"}
	}
	kind = p.Name()
	switch q := p.(type) {
	case VP:
		p, err = q.Resolve()
	case VE:
		p, err = q.Resolve()
	case SubVP:
		p, err = q.Resolve()
	case EDM:
		p, err = q.Resolve()
	case Flow:
		p, err = q.Resolve()
	case Cosine:
		p, err = q.Resolve()
	case PFGM:
		p, err = q.Resolve()
	case Interpolant:
		p, err = q.Resolve()
	case OneSided:
		p, err = q.Resolve()
	case *VSDM, *Momentum, *Piecewise, *Discrete, *Reverting, *Kinetic, *Centred:
	default:
		err = unknown("model", "path", kind, names())
	}
	if err != nil {
		return "", nil, err
	}
	config, err = json.Marshal(p)
	return kind, config, err
}

// Unmarshal makes the path that Marshal wrote. An unknown kind, with the nearest known name, an unknown
// field and a value out of range are an [ito.InputError].
func Unmarshal(kind string, config []byte) (ito.Path, error) {
	for _, k := range kinds() {
		if k.name == kind {
			return k.decode(kind, config)
		}
	}
	return nil, unknown("model", "path", kind, names())
}

func names() []string {
	var out []string
	for _, k := range kinds() {
		out = append(out, k.name)
	}
	return out
}

// plain decodes a path that is its own configuration.
func plain[P interface {
	ito.Path
	Resolve() (P, error)
}](name string, config []byte) (ito.Path, error) {
	var p P
	if err := decode(name, config, &p); err != nil {
		return nil, err
	}
	return checked(p.Resolve())
}

// built decodes the configuration of a path that must be planned.
func built[C any, P ito.Path](plan func(C) (P, error)) func(string, []byte) (ito.Path, error) {
	return func(name string, config []byte) (ito.Path, error) {
		var c C
		if err := decode(name, config, &c); err != nil {
			return nil, err
		}
		return checked(plan(c))
	}
}

// decode reads one JSON value and nothing after it, with known fields only.
func decode(name string, config []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(config))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, e := d.Token(); !errors.Is(e, io.EOF) {
			err = errors.New("something follows the configuration")
		}
	}
	if err != nil {
		return &ito.InputError{Where: "path " + name, What: err.Error(), Do: "the model may come from a newer version"}
	}
	return nil
}

// unknown is the error for a word that is not one of the known, naming the nearest.
func unknown(where, what, word string, known []string) error {
	return &ito.InputError{Where: where, What: fmt.Sprintf("unknown %s %q", what, word), Do: suggest.Among(word, known)}
}
