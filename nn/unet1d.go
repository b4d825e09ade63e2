package nn

import "github.com/seed9a7962a8/ito/ad"

// UNet1D is a [UNet] over sequences [L,C]; [L] is one channel. The length is a multiple of 2^(levels−1).
type UNet1D struct{ UNet }

func init() { Register("A U-Net over sequences [L,C].", func() Network { return UNet1D{} }) }

// Kind implements Network.
func (UNet1D) Kind() string { return "unet1d" }

// Resolve implements Network.
func (c UNet1D) Resolve() (Network, error) {
	u, err := c.UNet.resolve()
	return UNet1D{u}, err
}

// Trace implements Network.
func (c UNet1D) Trace(s *Scope, in Inputs) []ad.Value {
	x, out := onePart(s, in, 2, c.Kind(), "a sequence [L,C]")
	emb := s.embedInputs(in, c.Base+c.Base%2, 4*c.Base)
	return []ad.Value{ad.Reshape(c.trace(s, x, emb, out), in.Ports.Out[0].Shape...)}
}
