// Package importing makes a model of the weights of another program.
package importing

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets whose weights are taken, as which network, and what they were trained for.
type Config struct {
	Weights    string   `arg:"" where:"local" help:"The weights, a safetensors file of F32, F16, BF16 or F64"`
	As         string   `required:"" name:"as" placeholder:"NETWORK" help:"The network that they are, as csdi:impute=true,steps=50 or mlp:width=64,time=raw"`
	Out        string   `required:"" where:"local" placeholder:"FILE" help:"The model to write, a safetensors file"`
	Map        string   `where:"local" placeholder:"FILE" help:"A TOML map of names: \"layer{i}.mid\" = \"blocks.{i}.middle\". Without one it is that of the program that published such networks, or the names are the same"`
	Shape      []int    `required:"" placeholder:"N,…" min:"1" help:"Shape of a state, as 35,48 or 32,32,3"`
	Path       string   `default:"vp" placeholder:"WORD" help:"The path on which they were trained, with its settings"`
	Predicts   string   `default:"eps" enum:"x0,eps,score,velocity" help:"What the network says: ${enum}"`
	Condition  []string `placeholder:"NAME,…" help:"Conditions that the network reads: NAME for a number and a flag, NAME:LEVELS for a class"`
	TimeScale  float64  `name:"time-scale" default:"0" help:"The network reads the time times this; 0: the label of the path where it has labels, as discrete does, and otherwise the time"`
	Columns    []string `placeholder:"NAME,…" help:"Names of the numbers of a state"`
	Provenance string   `placeholder:"TEXT" help:"Where the weights come from, for ito info"`
}

// Report describes what was imported.
type Report struct {
	Out        string     `json:"out"`
	Network    string     `json:"network"`
	Path       string     `json:"path"`
	Predicts   string     `json:"predicts"`
	Tensors    int        `json:"tensors"`
	Parameters int        `json:"parameters"`
	Model      *ito.Model `json:"-"`
}

// Run reads the weights, binds them to their path and writes the model. What does not fit is an [ito.InputError] or a
// [store.FormatError] that names it.
func Run(_ context.Context, c Config, env task.Env) (*Report, error) {
	if device, err := task.Place("out", c.Out); err != nil {
		return nil, err
	} else if device {
		return nil, &ito.InputError{Where: "`out`", What: "a model is no stream", Do: "give the name of a file"}
	}
	net, err := nn.Parse(c.As)
	if err != nil {
		return nil, err
	}
	p, err := path.Parse(c.Path)
	if err != nil {
		return nil, err
	}
	m := &ito.Model{Path: p, Columns: c.Columns}
	m.Space = ito.Space{Parts: []ito.Part{{Name: "x", Shape: c.Shape}}}
	if err := m.Space.Check(); err != nil {
		return nil, err
	}
	if m.Conditions, err = c.conditions(net); err != nil {
		return nil, err
	}
	f, tensors, err := c.field(m, net)
	if err != nil {
		return nil, err
	}
	m.Field = f
	m.Provenance = ito.Provenance{Version: env.Version, Data: c.Provenance,
		Created: env.Time().UTC().Format(time.RFC3339)}
	if err := store.SaveModel(c.Out, m); err != nil {
		return nil, err
	}
	word, err := nn.Word(f.Weights.Net)
	if err != nil {
		return nil, err
	}
	return &Report{Out: c.Out, Network: word, Path: p.Name(), Predicts: c.Predicts, Tensors: tensors,
		Parameters: len(f.Weights.Params), Model: m}, nil
}

// field is the network with its weights on its path.
func (c *Config) field(m *ito.Model, net nn.Network) (*field.Net, int, error) {
	p, ok := m.Path.(ito.Diagonal)
	if !ok {
		return nil, 0, &ito.UnsupportedError{What: "importing a network of path " + m.Path.Name(),
			Why: "its weights are bound with more than time and state", Nearest: "vp, ve, edm, flow or discrete"}
	}
	kind, err := predictionOf(c.Predicts)
	if err != nil {
		return nil, 0, err
	}
	names, err := c.names()
	if err != nil {
		return nil, 0, err
	}
	file, err := store.ReadFile(c.Weights)
	if err != nil {
		return nil, 0, err
	}
	ports := learn.PortsOf(m.Space, m.CondWidth(), 1, 1)
	w, err := store.ImportNetwork(file.Tensors, net, ports, names)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", c.Weights, err)
	}
	var f *field.Net
	if _, labelled := p.(interface{ Label(float64) float64 }); labelled && c.TimeScale == 0 {
		f, err = field.NewLabelled(p, w, kind)
	} else {
		f, err = field.NewPlain(p, w, kind, c.TimeScale)
	}
	return f, len(file.Tensors), err
}

func (c *Config) names() (*store.Names, error) {
	if c.Map == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.Map)
	if err != nil {
		return nil, &ito.InputError{Where: "`map` " + c.Map, What: "it cannot be read: " + err.Error(),
			Do: "give a TOML file of names"}
	}
	return store.ParseNames(string(text), c.Map)
}

// conditions are those that the network reads: with cells that are given a number for every cell stands in front,
// called cell.0, cell.1, … in row-major order, any of which may be given.
func (c *Config) conditions(net nn.Network) ([]ito.Condition, error) {
	var list []ito.Condition
	if n, ok := net.(nn.Imputer); ok && n.Imputes() {
		cells := 1
		for _, s := range c.Shape {
			cells *= s
		}
		for i := range cells {
			list = append(list, ito.Condition{Column: "cell." + strconv.Itoa(i), SD: 1, Optional: true})
		}
	}
	for _, word := range c.Condition {
		name, levels, classes := strings.Cut(word, ":")
		k := ito.Condition{Column: name, SD: 1}
		if n, err := strconv.Atoi(levels); classes && (err != nil || n < 1 || n > 1<<16) || name == "" {
			return nil, &ito.InputError{Where: "`condition`", What: fmt.Sprintf("%q is no condition", word),
				Do: "give NAME, or NAME:LEVELS with a number of levels"}
		} else if classes {
			k.SD = 0
			for i := range n {
				k.Levels = append(k.Levels, strconv.Itoa(i))
			}
		}
		list = append(list, k)
	}
	return list, nil
}

func predictionOf(word string) (ito.Prediction, error) {
	var known []string
	for k := ito.PredX0; k <= ito.PredVelocity; k++ {
		if k.String() == word {
			return k, nil
		}
		known = append(known, k.String())
	}
	return 0, &ito.InputError{Where: "`predicts`", What: fmt.Sprintf("unknown prediction %q", word),
		Do: suggest.Among(word, known)}
}
