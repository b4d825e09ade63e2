package forecast

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
)

const (
	keyForecaster = "ito.forecaster"
	fileVersion   = 1
)

// Header is what a file says of a model beside its state: what data it can be asked about.
type Header struct {
	Version    int             `json:"version"`
	Model      spec.Named      `json:"model"`
	Horizon    int             `json:"horizon"`
	Freq       Freq            `json:"freq"`
	Known      []string        `json:"known,omitempty"`
	Past       []string        `json:"past,omitempty"`
	Seed       uint64          `json:"seed"`
	Series     int             `json:"series"` // of the data
	Digest     string          `json:"digest"`
	Until      time.Time       `json:"until"` // last time of the data
	Program    string          `json:"program,omitempty"`
	Config     json.RawMessage `json:"config,omitempty"`     // of the state
	Covariates json.RawMessage `json:"covariates,omitempty"` // how the reader made them, for it alone
}

// NewHeader describes a model that was fitted to a set.
func NewHeader(m Model, data *Set, o FitOptions) (Header, error) {
	named, err := registry.Marshal(m)
	if err != nil {
		return Header{}, err
	}
	h := Header{Version: fileVersion, Model: named, Horizon: o.Horizon, Freq: data.Freq, Seed: o.Seed,
		Series: len(data.Series), Digest: data.Digest()}
	h.Known, h.Past = data.Names()
	for _, s := range data.Series {
		if end := s.Time(s.Len() - 1); end.After(h.Until) {
			h.Until = end
		}
	}
	return h, nil
}

// Save writes a fitted model atomically as a sealed safetensors file.
func Save(file string, h Header, f Fitted) error {
	s, err := f.State()
	if err != nil {
		return err
	}
	h.Config = s.Config
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return store.Save(file, &store.File{Metadata: map[string]string{
		"ito.kind": FileKind, keyForecaster: string(text)}, Tensors: s.Tensors})
}

// FileKind is the kind of file that a forecaster is: see [store.File.Kind].
const FileKind = "forecaster"

// Load reads what Save wrote. A file that is no forecaster is an *ito.InputError.
func Load(file string) (h Header, fitted Fitted, err error) {
	err = store.OpenWith(file, func(f *store.File, _ string) (err error) {
		h, fitted, err = Restore(file, f)
		return err
	})
	return h, fitted, err
}

// Restore is Load of a file that is open; it keeps none of its bytes. Messages call it by the name.
func Restore(file string, f *store.File) (Header, Fitted, error) {
	h, s, err := stateOf(file, f)
	if err != nil {
		return h, nil, err
	}
	m, err := registry.Unmarshal(h.Model)
	if err != nil {
		return h, nil, err
	}
	fitted, err := m.Restore(s)
	if err != nil {
		return h, nil, fmt.Errorf("%s: %w", file, err)
	}
	return h, fitted, nil
}

// Read is what a file says of its model and its state, of any kind of model: it need not be registered.
func Read(file string) (h Header, s State, err error) {
	f, err := store.Open(file)
	if err != nil {
		return h, s, err
	}
	return stateOf(file, f)
}

func stateOf(file string, f *store.File) (h Header, s State, err error) {
	text, ok := f.Metadata[keyForecaster]
	if !ok {
		return h, s, &ito.InputError{Where: file, What: "it holds no forecaster",
			Do: "make one with ito forecast train"}
	}
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return h, s, &ito.InputError{Where: file, What: "its header cannot be read: " + err.Error()}
	}
	if h.Version != fileVersion {
		return h, s, &ito.InputError{Where: file, What: fmt.Sprintf("its format is %d, this program reads %d",
			h.Version, fileVersion), Do: "use a program of its time"}
	}
	return h, State{Config: h.Config, Tensors: f.Tensors}, nil
}

// Fits reports data that a model was not made for: another frequency, or covariates that are not its own.
func (h Header) Fits(d *Set) error {
	if d.Freq != h.Freq {
		return &ito.InputError{Where: d.Name, What: fmt.Sprintf("its frequency is %s, the model's %s", d.Freq, h.Freq),
			Do: "give data of the model's frequency, or train on these"}
	}
	known, past := d.Names()
	for _, c := range []struct {
		kind        string
		model, data []string
	}{{"known", h.Known, known}, {"past", h.Past, past}} {
		if fmt.Sprint(c.model) != fmt.Sprint(c.data) {
			return &ito.InputError{Where: d.Name, What: fmt.Sprintf("its %s covariates are %v, the model's %v", c.kind,
				c.data, c.model), Do: "declare the same ones in the same order"}
		}
	}
	return nil
}
