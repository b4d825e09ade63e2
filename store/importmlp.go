package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/nn"
)

// MLP says what the tensors of a PyTorch nn.Sequential of Linear layers do not: what stands between the layers, how
// time enters, and what the network was trained to predict.
type MLP struct {
	Activation string         // between the layers: silu, gelu (with erf), tanh or relu
	TimeScale  float64        // the input is (x, TimeScale·t); 0: the input is x alone
	Predicts   ito.Prediction // of x_t on the path, in data coordinates
}

// mlpPresets are the names by which the program knows an MLP. All read (x, t) with SiLU between the layers.
var mlpPresets = []struct {
	name string
	mlp  MLP
}{
	{"torch-mlp", MLP{"silu", 1, ito.PredEps}},
	{"torch-mlp-score", MLP{"silu", 1, ito.PredScore}},
	{"torch-mlp-velocity", MLP{"silu", 1, ito.PredVelocity}},
	{"torch-mlp-x0", MLP{"silu", 1, ito.PredX0}},
}

// MLPPreset returns a preset by name: torch-mlp (ε), torch-mlp-score, torch-mlp-velocity or torch-mlp-x0.
func MLPPreset(name string) (MLP, error) {
	var names []string
	for _, p := range mlpPresets {
		if p.name == name {
			return p.mlp, nil
		}
		names = append(names, p.name)
	}
	return MLP{}, &ito.InputError{Where: "import", What: fmt.Sprintf("unknown preset %q", name), Do: suggest.Among(name,
		names)}
}

// ImportMLP binds the tensors of a PyTorch nn.Sequential to a path: "0.weight" [out,in], "0.bias", "2.weight", … as
// state_dict names them, all under one prefix or none, in F32, F16 or BF16. Hidden layers have one width. It equals the
// network in PyTorch to the rounding of float32. What does not fit is a *[FormatError].
func ImportMLP(tensors []Tensor, p ito.Diagonal, mlp MLP) (*field.Net, error) {
	layers, err := sequential(tensors)
	if err != nil {
		return nil, err
	}
	first, last := layers[0].weight, layers[len(layers)-1].weight
	c := nn.MLP{Width: first.Shape[0], Depth: len(layers) - 1, Activation: mlp.Activation, Time: nn.TimeNone}
	in := first.Shape[1]
	if mlp.TimeScale != 0 {
		in--
		c.Time = nn.TimeRaw
	}
	ports := nn.Flat(in, last.Shape[0], 0)
	layout, err := nn.Layout(c, ports)
	if err != nil {
		return nil, notMLP("%v", err)
	}
	var params []float32
	for i, want := range layout {
		t := layers[i/2].weight
		if i%2 == 1 {
			t = layers[i/2].bias
		}
		if !slices.Equal(t.Shape, want.Shape) {
			return nil, notMLP("tensor %s has shape %v; in a network of %d inputs with hidden layers of one width it "+
				"is %v",
				t.Name, t.Shape, first.Shape[1], want.Shape)
		}
		v, err := t.Float32s()
		if err != nil {
			return nil, err
		}
		params = append(params, v...)
	}
	net, err := nn.FromParams(c, ports, params)
	if err != nil {
		return nil, notMLP("%v", err)
	}
	f, err := field.NewPlain(p, net, mlp.Predicts, mlp.TimeScale)
	if err != nil {
		return nil, notMLP("%v", err)
	}
	return f, nil
}

func notMLP(format string, args ...any) error {
	return &FormatError{What: "not an MLP that can be imported: " + fmt.Sprintf(format, args...),
		Do: "give the state_dict of an nn.Sequential of Linear layers"}
}

// linearLayer is one Linear of a Sequential.
type linearLayer struct {
	index        int
	weight, bias *Tensor
}

// sequential sorts the tensors into layers by the number in their names.
func sequential(tensors []Tensor) ([]linearLayer, error) {
	var layers []linearLayer
	prefix := ""
	for i := range tensors {
		t := &tensors[i]
		parts := strings.Split(t.Name, ".")
		n := len(parts)
		if n < 2 {
			return nil, notMLP("tensor %q has no layer", t.Name)
		}
		index, err := strconv.Atoi(parts[n-2])
		if err != nil || index < 0 {
			return nil, notMLP("tensor %q has no number of a layer", t.Name)
		}
		if pre := strings.Join(parts[:n-2], "."); i == 0 {
			prefix = pre
		} else if pre != prefix {
			return nil, notMLP("tensors lie under %q and %q", prefix, pre)
		}
		at := slices.IndexFunc(layers, func(l linearLayer) bool { return l.index == index })
		if at < 0 {
			at = len(layers)
			layers = append(layers, linearLayer{index: index})
		}
		l := &layers[at]
		switch {
		case parts[n-1] == "weight" && len(t.Shape) == 2 && l.weight == nil:
			l.weight = t
		case parts[n-1] == "bias" && len(t.Shape) == 1 && l.bias == nil:
			l.bias = t
		default:
			return nil, notMLP("tensor %q of shape %v is neither weight nor bias of a Linear", t.Name, t.Shape)
		}
	}
	slices.SortFunc(layers, func(a, b linearLayer) int { return a.index - b.index })
	for _, l := range layers {
		if l.weight == nil || l.bias == nil {
			return nil, notMLP("layer %d lacks its weight or its bias", l.index)
		}
	}
	if len(layers) < 2 {
		return nil, notMLP("it has %d layers, at least two are needed", len(layers))
	}
	return layers, nil
}
