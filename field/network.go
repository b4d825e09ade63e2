package field

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// Network is a field that is a network on the path that it was trained on: a [Net], a [MomentumNet] or an [InterpolantNet].
type Network interface {
	ito.Field
	// Bound is the path.
	Bound() ito.Path
	// Network is the network itself, whose parameters must not change any more.
	Network() *nn.Weights
	// Moments are those of the data by which inputs and outputs are scaled; empty for a plain network.
	Moments() ito.Gaussian
}

// Bound implements Network.
func (f *Net) Bound() ito.Path { return f.Path }

// Network implements Network.
func (f *Net) Network() *nn.Weights { return f.Net }

// Moments implements Network.
func (f *Net) Moments() ito.Gaussian { return f.Data }
