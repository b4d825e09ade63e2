package nn

import "github.com/seed9a7962a8/ito/ad"

// ResBlock are the settings of a residual block of a U-Net.
type ResBlock struct {
	Out     int     // channels
	Groups  int     // of its norms
	Dropout float64 // share of the numbers before its second convolution that a step of training leaves out
}

// ResBlock is the residual block of DDPM (Ho et al. 2020, arXiv:2006.11239, appendix B) with the adaptive norm of ADM
// (Dhariwal & Nichol 2021, arXiv:2105.05233, §3) over x [L,C] or [H,W,C]:
//
//	h = conv(SiLU(norm(x))),  h = conv(dropout(SiLU(film(h, emb)))),  skip(x) + h
//
// with layers "norm0", "conv0", "norm1", "conv1", and "skip", of one tap, where the number of channels changes. The
// second convolution begins as zeros, so that the block begins as its skip.
func (s *Scope) ResBlock(name string, x, emb ad.Value, b ResBlock) ad.Value {
	r := s.Within("%s", name)
	h := r.convolve("conv0", ad.SiLU(r.GroupNorm("norm0", x, b.Groups)), b.Out, Conv{})
	h = r.Dropout(ad.SiLU(r.FiLMNorm("norm1", h, emb, b.Groups)), b.Dropout)
	h = r.convolve("conv1", h, b.Out, Conv{Zero: true})
	if lastAxis(s, name, x) != b.Out {
		x = r.convolve("skip", x, b.Out, Conv{Kernel: 1})
	}
	return ad.Add(x, h)
}
