package nn

import "github.com/seed9a7962a8/ito/ad"

// UNet2D is a [UNet] over images [H,W,C], channels last; [H,W] is one channel. Height and width are multiples of
// 2^(levels−1).
type UNet2D struct{ UNet }

func init() { Register("A U-Net over images [H,W,C].", func() Network { return UNet2D{} }) }

// Kind implements Network.
func (UNet2D) Kind() string { return "unet2d" }

// Resolve implements Network.
func (c UNet2D) Resolve() (Network, error) {
	u, err := c.UNet.resolve()
	return UNet2D{u}, err
}

// Trace implements Network.
func (c UNet2D) Trace(s *Scope, in Inputs) []ad.Value {
	x, out := onePart(s, in, 3, c.Kind(), "an image [H,W,C]")
	emb := s.embedInputs(in, c.Base+c.Base%2, 4*c.Base)
	return []ad.Value{ad.Reshape(c.trace(s, x, emb, out), in.Ports.Out[0].Shape...)}
}
