package serve

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/target/model"
)

// language is the ending of the model files of the model language, whose densities ito infer draws from.
const language = ".star"

// mostSource bounds such a file.
const mostSource = 4 << 20

// CardDensity is what is told of a file of the model language.
type CardDensity struct {
	Data       bool           `json:"needs_data" doc:"It asks for data, which are the body of a request"`
	Quantities []CardQuantity `json:"quantities,omitempty" doc:"What a draw has; with data it is known when they are there"`
}

// CardQuantity is something that every draw has.
type CardQuantity struct {
	Name    string `json:"name"`
	Kind    string `json:"kind" enum:"parameter,derived,generated"`
	Shape   []int  `json:"shape,omitempty"`
	Support string `json:"support,omitempty" doc:"Of a parameter, as declared"`
}

// loadDensity reads a file of the model language. It is compiled once without data, so that what is no program is
// told when it is read.
func loadDensity(name, file string, info fs.FileInfo) (*served, error) {
	if info.Size() > mostSource {
		return nil, &store.FormatError{What: "it is longer than 4 MiB", Do: "serve a model file"}
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &served{name: name, digest: store.Digest(src), source: src, info: info}
	d := &CardDensity{}
	m, err := model.Compile(name+language, string(src), nil, model.CompileOptions{})
	var bad *model.Error
	switch {
	case errors.As(err, &bad) && bad.NoData:
		d.Data = true
	case err != nil:
		return nil, &store.FormatError{What: err.Error(), Do: "mend it"}
	default:
		for _, q := range m.Quantities() {
			d.Quantities = append(d.Quantities, CardQuantity{q.Name, q.Kind.String(), q.Shape, q.Support})
		}
	}
	s.card = &Card{Name: name, Kind: density, Digest: s.digest, Bytes: info.Size(),
		Modified: info.ModTime().UTC().Truncate(time.Second), Columns: []CardColumn{}, Density: d}
	return s, nil
}

// isDensity reports that a file is one of the model language.
func isDensity(file string) bool { return strings.HasSuffix(file, language) }

// density is get of a model of which draws are inferred.
func (m *models) density(name string) (*served, error) {
	s, err := m.get(name)
	if err == nil && s.source == nil {
		return nil, s.other("infers no draws")
	}
	return s, err
}
