package diffusion

import (
	"encoding/json"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/wrap"
)

// stored is what a file holds of a field: all that it is made of but its numbers, and what the model adds.
type stored struct {
	Network spec.Named      `json:"network"`
	Ports   nn.Ports        `json:"ports"`
	Path    string          `json:"path"`
	Setting json.RawMessage `json:"setting"` // of the path

	Precision string `json:"precision,omitempty"` // of the network's products; empty: float32
	extra
}

// extra is what a model keeps beside its field.
type extra struct {
	Frame frame    `json:"frame"`
	Joint []string `json:"joint,omitempty"` // the series of a panel
	Times ito.Grid `json:"times,omitempty"` // at which the sampler stops, where they were searched for
}

// write is the state of a field that was trained.
func write(f *field.Net, e extra) (forecast.State, error) {
	var out forecast.State
	s := stored{Ports: f.Weights.Ports, extra: e}
	if f.Weights.Precision != ad.Full {
		s.Precision = f.Weights.Precision.String()
	}
	var err error
	if s.Network, err = nn.Named(f.Weights.Net); err != nil {
		return out, err
	}
	if s.Path, s.Setting, err = path.Marshal(f.Bound()); err != nil {
		return out, err
	}
	if out.Config, err = json.Marshal(s); err != nil {
		return out, err
	}
	g := f.Moments()
	out.Tensors = []store.Tensor{store.NewF32("params", f.Weights.Params, len(f.Weights.Params)),
		store.NewF64("moments.mean", g.Mean, len(g.Mean)), store.NewF64("moments.cov", g.Cov, len(g.Cov))}
	return out, nil
}

// read is the field of a state that write wrote, predicting ε.
func read(s forecast.State) (*field.Net, extra, error) {
	var c stored
	bad := func(what any) (*field.Net, extra, error) {
		return nil, c.extra, &ito.InputError{Where: "model", What: fmt.Sprintf("its state cannot be read: %v", what),
			Do: "train it again"}
	}
	if err := json.Unmarshal(s.Config, &c); err != nil {
		return bad(err)
	}
	net, err := nn.FromNamed(c.Network)
	if err != nil {
		return nil, c.extra, err
	}
	p, err := path.Unmarshal(c.Path, c.Setting)
	if err != nil {
		return nil, c.extra, err
	}
	var params []float32
	var g ito.Gaussian
	for i := range s.Tensors {
		t := &s.Tensors[i]
		switch t.Name {
		case "params":
			params, err = t.Float32s()
		case "moments.mean":
			g.Mean, err = t.Float64s()
		case "moments.cov":
			g.Cov, err = t.Float64s()
		}
		if err != nil {
			return bad(err)
		}
	}
	if err := g.Check("moments"); err != nil {
		return bad(err)
	}
	w, err := nn.FromParams(net, c.Ports, params)
	if err != nil {
		return bad(err)
	}
	if w.Precision, err = ad.ParsePrecision(c.Precision); err != nil {
		return bad(err)
	}
	wrapping, err := wrap.For(p, g)
	if err != nil {
		return bad(err)
	}
	f, err := field.NewNet(wrapping, w, kindOf(p))
	if err != nil {
		return bad(err)
	}
	return f, c.extra, nil
}

// kindOf is what a network predicts on a path.
func kindOf(p ito.Path) ito.Prediction {
	if _, ok := p.(ito.Diagonal); ok {
		return ito.PredEps
	}
	return ito.PredScore
}
