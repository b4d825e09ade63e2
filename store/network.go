package store

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/nn"
)

// networkVersion is the version of the layout of a model whose network has a kind and ports; before, there was one
// family.
const networkVersion = 3

// networkHeader is a network without its parameters: its kind, its config and the ports that it stands between.
type networkHeader struct {
	spec.Named
	Ports     nn.Ports `json:"ports"`
	Precision string   `json:"precision,omitempty"` // of its products; empty: float32
	// Quantised is there where the weights of layers are bytes.
	Quantised *quantisedHeader `json:"quantised,omitempty"`
}

func newNetworkHeader(w *nn.Weights) (networkHeader, error) {
	n, err := nn.Named(w.Net)
	h := networkHeader{Named: n, Ports: w.Ports}
	if w.Precision != ad.Full {
		h.Precision = w.Precision.String()
	}
	h.Quantised = newQuantisedHeader(w.Quantised)
	return h, err
}

// network is what the header describes. A kind that this program does not have is named.
func (h networkHeader) network() (nn.Network, nn.Ports, error) {
	net, err := nn.FromNamed(h.Named)
	if err != nil {
		return nil, h.Ports, notModel("%v", err)
	}
	return net, h.Ports, nil
}

// UnmarshalJSON implements json.Unmarshaler. It reads what versions 1 and 2 wrote too: a dense or residual network.
func (h *networkHeader) UnmarshalJSON(text []byte) error {
	var old struct {
		In   *int   `json:"in"`
		Out  int    `json:"out"`
		Cond int    `json:"cond"`
		Kind string `json:"kind"`
		nn.MLP
	}
	type plain networkHeader
	if json.Unmarshal(text, &old) != nil || old.In == nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		return d.Decode((*plain)(h))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&old); err != nil {
		return err
	}
	switch old.Kind {
	case "", "dense":
	case "residual":
		old.MLP.Residual = true
	default:
		return errors.New("a network of kind " + old.Kind)
	}
	config, err := json.Marshal(old.MLP)
	*h = networkHeader{Named: spec.Named{Kind: old.MLP.Kind(), Config: config},
		Ports: nn.Flat(*old.In, old.Out, old.Cond)}
	return err
}
