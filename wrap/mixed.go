package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
)

// Mixed is the wrapping of a network on a [path.Levelled] path: it predicts x0. Numbers are scaled by their moments as
// in [Moments], column by column; a block is read in units of its scale. Of a block of K corners the network writes
// K−1 logits, those of its corners but the first against the first, and the prediction is the mean Σ_k p_k corner_k;
// of a block that is no mask it is the block itself.
//
// A Mixed is immutable and safe for concurrent use. It has no derivatives.
type Mixed struct {
	path     path.Levelled
	data     ito.Gaussian
	s0, root []float64 // [D] variances
}

// NewMixed is for data of the given moments, of which variances are used.
func NewMixed(p path.Levelled, data ito.Gaussian) (*Mixed, error) {
	const where = "wrapping mixed"
	if len(data.Mean) != p.Dim() {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the data have dimension %d, the path %d",
			len(data.Mean), p.Dim())}
	}
	if err := data.Check(where); err != nil {
		return nil, err
	}
	c := &Mixed{path: p, data: data}
	columns := ito.Gaussian{Mean: make([]float64, len(data.Mean)), Cov: make([]float64, len(data.Mean))}
	for k := range columns.Cov {
		columns.Cov[k] = data.Variance(k)
	}
	var err error
	_, c.s0, c.root, err = modesOf(where, columns, nil, nil)
	return c, err
}

// Kind implements Wrapping.
func (*Mixed) Kind() string { return "mixed" }

// Maker implements Made.
func (*Mixed) Maker() Maker { return MixedMaker{} }

// Path implements Wrapping.
func (c *Mixed) Path() ito.Path { return c.path }

// Moments implements Wrapping.
func (c *Mixed) Moments() ito.Gaussian { return c.data }

// Sizes implements Wrapping.
func (c *Mixed) Sizes() Sizes { d := c.path.Dim(); return Sizes{d, d, d} }

// OutDim implements Wrapping.
func (c *Mixed) OutDim(ito.Prediction) int { return c.path.Dim() }

// Check implements Wrapping: the law of levels is that of x0.
func (c *Mixed) Check(kind ito.Prediction) error {
	if kind == ito.PredX0 {
		return nil
	}
	return &ito.UnsupportedError{What: kind.String() + " on path mixed", Why: "levels are drawn from their own law",
		Nearest: ito.PredX0.String()}
}

// Feature is the time feature at t, log σ within ±10.
func (c *Mixed) Feature(t float64) float64 { return cut(math.Log(t)) }

// Number writes of a number k of x_t at σ what the network reads, and skip, out and offset of
//
//	x̂_0 = skip x_t + out F + offset.
func (c *Mixed) Number(k int, x, σ float64) (in, skip, out, offset float64) {
	s0, m := c.s0[k], c.data.Mean[k]
	v := s0 + float64(σ*σ)
	root := math.Sqrt(v)
	skip = s0 / v
	return (x - m) / root, skip, -σ * c.root[k] / root, m - float64(skip*m)
}

// Rows implements Wrapping.
func (c *Mixed) Rows(ito.Prediction) Rows { return &mixedRows{Mixed: c} }

type mixedRows struct {
	*Mixed
	x ito.States
	t ito.Times
	p []float64 // of the corners of a block, shifted logits first
	// of the numbers at the level of the last call of at
	σ     float64
	scale []float64 // skip, out, offset and the root of the variance of each, side by side
}

// at fills scale for σ.
func (s *mixedRows) at(σ float64) {
	if s.scale != nil && σ == s.σ {
		return
	}
	s.σ, s.scale = σ, s.scale[:0]
	for _, k := range s.path.Numbers() {
		_, skip, out, offset := s.Number(k, 0, σ)
		s.scale = append(s.scale, skip, out, offset, math.Sqrt(s.s0[k]+float64(σ*σ)))
	}
}

// Enter implements Rows.
func (s *mixedRows) Enter(in, feature []float64, x ito.States, t ito.Times, _ ito.Cond) error {
	s.x, s.t = x, t
	for i := range x.N {
		if σ := t.At(i); i == 0 || σ != t.At(i-1) {
			s.at(σ)
			feature[i] = s.Feature(σ)
		} else {
			feature[i] = feature[i-1]
		}
		to, row := in[i*x.D:(i+1)*x.D], x.Row(i)
		for n, k := range s.path.Numbers() {
			to[k] = (row[k] - s.data.Mean[k]) / s.scale[4*n+3]
		}
		s.readBlocks(to, row)
	}
	return nil
}

// Read writes what the network reads of a state at σ.
func (c *Mixed) Read(in, x []float64, σ float64) {
	for _, k := range c.path.Numbers() {
		in[k], _, _, _ = c.Number(k, x[k], σ)
	}
	c.readBlocks(in, x)
}

func (c *Mixed) readBlocks(in, x []float64) {
	for b := range c.path.Blocks() {
		to, scale := c.path.Block(in, b)
		from, _ := c.path.Block(x, b)
		for k, v := range from {
			to[k] = v / scale
		}
	}
}

// Leave implements Rows. The exponentials of all masked levels of a row are taken together.
func (s *mixedRows) Leave(dst ito.States, out []float64) {
	s.p = resize(s.p, s.x.D+s.path.Blocks())
	for i := range s.x.N {
		x, to, f := s.x.Row(i), dst.Row(i), out[i*s.x.D:(i+1)*s.x.D]
		s.at(s.t.At(i))
		for n, k := range s.path.Numbers() {
			c := s.scale[4*n : 4*n+4]
			to[k] = float64(c[0]*x[k]) + float64(c[1]*f[k]) + c[2]
		}
		p := s.p[:0]
		for b := range s.path.Blocks() {
			mean, _ := s.path.Block(to, b)
			if now, _ := s.path.Block(x, b); !path.Masked(now) {
				copy(mean, now)
				continue
			}
			logits, _ := s.path.Block(f, b)
			p = shifted(p, logits)
		}
		simd.Exp64(p, p)
		for b := range s.path.Blocks() {
			if now, _ := s.path.Block(x, b); !path.Masked(now) {
				continue
			}
			mean, scale := s.path.Block(to, b)
			own := p[: len(mean)+1 : len(mean)+1]
			p = p[len(own):]
			normalise(own)
			path.CornerMean(mean, own, scale)
		}
	}
}

// shifted appends the logits behind that of the first corner, 0, all less the largest.
func shifted(p, logits []float64) []float64 {
	top := 0.
	for _, l := range logits {
		top = max(top, l)
	}
	p = append(p, -top)
	for _, l := range logits {
		p = append(p, l-top)
	}
	return p
}

// normalise makes the sum of p 1.
func normalise(p []float64) {
	sum := 0.
	for _, v := range p {
		sum += v
	}
	for k := range p {
		p[k] /= sum
	}
}

// PullOut implements Rows: there are no cotangents.
func (*mixedRows) PullOut(dout []float64, _ ito.States) { clear(dout) }

// PullIn implements Rows.
func (*mixedRows) PullIn(dx ito.States, _ []float64) { clear(dx.X) }

// MixedMaker makes [Mixed].
type MixedMaker struct{}

// Kind implements Maker.
func (MixedMaker) Kind() string { return "mixed" }

// Wrap implements Maker.
func (MixedMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	m, ok := p.(path.Levelled)
	if !ok {
		return nil, &ito.UnsupportedError{What: "wrapping mixed on path " + p.Name(), Why: "it has no blocks of levels",
			Nearest: "path mixed"}
	}
	return typed(NewMixed(m, on.Moments))
}
