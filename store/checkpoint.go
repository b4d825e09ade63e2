package store

import (
	"encoding/json"
	"fmt"
)

const (
	kindCheckpoint  = "checkpoint"
	keyConfig       = "ito.config"
	keyConfigDigest = "ito.config.digest"
	keyState        = "ito.state"
)

// Checkpoint is the state of a run from which it continues to the same bytes: whatever the run wants
// to keep as JSON and tensors, and the configuration that it belongs to.
type Checkpoint struct {
	Config  string          // the run's configuration as JSON or TOML, see CompareConfig
	State   json.RawMessage // stage, step, addresses, …; nil is null
	Tensors []Tensor
}

// Tensor returns the tensor of the given name.
func (c *Checkpoint) Tensor(name string) (*Tensor, error) {
	return (&File{Tensors: c.Tensors}).Tensor(name)
}

// Save writes the checkpoint atomically as a sealed safetensors file.
func (c *Checkpoint) Save(path string) error {
	state := c.State
	if state == nil {
		state = json.RawMessage("null")
	}
	if !json.Valid(state) {
		return fmt.Errorf("%s: the state of a checkpoint must be JSON", path)
	}
	return Save(path, &File{Tensors: c.Tensors, Metadata: map[string]string{
		keyKind:         kindCheckpoint,
		keyConfig:       c.Config,
		keyConfigDigest: Digest([]byte(c.Config)),
		keyState:        string(state),
	}})
}

// LoadCheckpoint reads what Save wrote. A file that is not there matches fs.ErrNotExist.
func LoadCheckpoint(path string) (*Checkpoint, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	if kind := f.Metadata[keyKind]; kind != kindCheckpoint {
		return nil, &FormatError{Path: path, What: fmt.Sprintf("it holds a %s, not a checkpoint", kindName(kind))}
	}
	c := &Checkpoint{Config: f.Metadata[keyConfig], State: json.RawMessage(f.Metadata[keyState]), Tensors: f.Tensors}
	if !json.Valid(c.State) || Digest([]byte(c.Config)) != f.Metadata[keyConfigDigest] {
		return nil, &FormatError{Path: path, What: "the checkpoint's state or configuration is not one that ito wrote",
			Err: ErrEdited}
	}
	return c, nil
}

func kindName(kind string) string {
	if kind == "" {
		return "file of no kind"
	}
	return kind
}

// useOf says, by what a file holds instead of a model, what it is for.
var useOf = map[string]string{
	kindCheckpoint: "go on with its training, `resume`; the model is written at its end",
	kindDelta:      "give the model that it is of, and this as its `delta`",
	"forecaster":   "ask it by ito forecast predict, backtest, detect, impute, refine or synth",
}
