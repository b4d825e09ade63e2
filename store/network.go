package store

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/seed9a7962a8/ito/nn"
)

// networkVersion is the version of the layout of a model whose network has a kind and ports; before, there was one family.
const networkVersion = 3

// networkHeader is a network without its parameters: its kind, its config and the ports that it stands between.
type networkHeader struct {
	Kind   string          `json:"kind"`
	Config json.RawMessage `json:"config"`
	Ports  nn.Ports        `json:"ports"`
}

func newNetworkHeader(w *nn.Weights) (networkHeader, error) {
	config, err := json.Marshal(w.Net)
	return networkHeader{Kind: w.Net.Kind(), Config: config, Ports: w.Ports}, err
}

// network is what the header describes. A kind that this program does not have is named.
func (h networkHeader) network() (nn.Network, nn.Ports, error) {
	net, err := nn.Empty(h.Kind)
	var unknown *nn.ConfigError
	if errors.As(err, &unknown) {
		return nil, h.Ports, &FormatError{What: "its network is of a kind that this program does not have: " + unknown.What,
			Do: "use a program that imports the package of this network", Err: ErrEdited}
	}
	if err != nil {
		return nil, h.Ports, err
	}
	d := json.NewDecoder(bytes.NewReader(h.Config))
	d.DisallowUnknownFields()
	if err := d.Decode(net); err != nil {
		return nil, h.Ports, notModel("network %s: %v", h.Kind, err)
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
	*h = networkHeader{Kind: old.MLP.Kind(), Config: config, Ports: nn.Flat(*old.In, old.Out, old.Cond)}
	return err
}
