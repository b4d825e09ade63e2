package nn

import "github.com/seed9a7962a8/ito/ad"

// activations are the words of the activations.
var activations = []string{"silu", "gelu", "tanh", "relu"}

// activate applies the activation of a resolved config: gelu is that with erf.
func activate(name string, z ad.Value) ad.Value {
	switch name {
	case "gelu":
		return ad.GELU(z)
	case "tanh":
		return ad.Tanh(z)
	case "relu":
		return ad.Max(ad.Zeros(z), z)
	}
	return ad.SiLU(z)
}
