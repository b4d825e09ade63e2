package learn

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// Private makes the steps of a [Loop] differentially private (DP-SGD, Abadi et al. 2016, arXiv:1607.00133, algorithm
// 1): the gradient of every row is scaled to a norm of at most Clip, they are summed, N(0, (Noise·Clip)²) is added in
// every coordinate, and the sum is divided by Rows. What Adam, the moving average and all that comes after make of it
// costs no more. The loss must be a mean over its rows. See [Accountant] for what the steps cost.
type Private struct {
	Clip  float64 // largest norm of the gradient of a row
	Noise float64 // standard deviation over Clip
	Rows  float64 // expected rows of a step
	// Seed is that of the noise: a secret from a source of randomness that nobody can guess, never stored in a model.
	Seed uint64
	// Present is how many rows of a step count: the first ones.
	Present func(step uint32) int
}

// purposePrivate is the stream of the noise of a secret seed.
const purposePrivate = rng.PurposeUser

// MakePrivate has the steps that follow be private. It is called before Bind.
func (l *Loop) MakePrivate(p Private) error {
	if !(p.Clip > 0) || !(p.Noise >= 0) || !(p.Rows > 0) || p.Present == nil || math.IsInf(p.Clip+p.Noise, 0) {
		return &ito.InputError{Where: "differential privacy", What: fmt.Sprintf("clip %g, noise %g, %g rows a step",
			p.Clip, p.Noise, p.Rows), Do: "give a clip and rows above 0, and noise not below it"}
	}
	if len(l.sizes) > 0 || l.adapter != nil {
		return &ito.InputError{Where: "differential privacy", What: "the network is bound already, or adapted"}
	}
	l.private = &p
	return nil
}

// tracePrivate writes a loss and the sum of the rows' clipped gradients.
func (l *Loop) tracePrivate(g *ad.Graph, loss Loss, nets []Apply, params []ad.Value) {
	value := loss.Trace(g, nets)
	present := g.Input("present", ad.F32)
	g.Output("loss", value)
	rows := float64(loss.Rows())
	grads := ad.GradRows(value, params...)
	square := ad.Value{}
	for i, v := range grads {
		grads[i] = ad.Scale(v, rows)
		s := ad.Sum(ad.Square(grads[i]))
		if square.IsZero() {
			square = s
		} else {
			square = ad.Add(square, s)
		}
	}
	norm := ad.Sqrt(ad.Shift(square, 1e-30))
	one := g.Scalar(ad.F32, 1)
	factor := ad.Mul(present, ad.Min(one, ad.Div(ad.Scale(one, l.private.Clip), norm)))
	for _, v := range grads {
		g.Output("gradient", ad.BatchSum(ad.Mul(v, ad.BroadcastTo(factor, v.Shape()...))))
	}
}

// mark says which rows of a step count.
func (l *Loop) mark(step uint32) error {
	n := l.private.Present(step)
	if n > len(l.present) {
		return fmt.Errorf("differential privacy: %d rows in a step that has room for %d", n, len(l.present))
	}
	for i := range l.present {
		l.present[i] = 0
		if i < n {
			l.present[i] = 1
		}
	}
	return nil
}

// blur adds the noise of a step to the sum, and divides it.
func (l *Loop) blur(step uint32) {
	p := l.private
	const chunk = 1 << 12
	z := make([]float64, chunk)
	key := rng.NewKey(p.Seed, purposePrivate, step, 0)
	for from := 0; from < len(l.grad); from += chunk {
		n := min(chunk, len(l.grad)-from)
		key.Normals64(z[:n], n, []uint64{uint64(from / chunk)})
		for i, v := range l.grad[from : from+n] {
			l.grad[from+i] = float32((float64(v) + p.Noise*p.Clip*z[i]) / p.Rows)
		}
	}
}

// PoissonRows draws the rows of a step, each of n with one probability, alone of all others, from a secret seed: the
// gaps between them are geometric.
type PoissonRows struct {
	N    int
	Rate float64
	Most int // rows that a step has room for: beyond it the last are left out
	Seed uint64

	step uint32
	rows []int
	made bool
}

// Room is how many rows a step is given room for: eight standard deviations above the mean, beyond which a step is less
// than once in 10¹⁴.
func Room(n int, rate float64) int {
	mean := float64(n) * rate
	return min(n, int(math.Ceil(mean+8*math.Sqrt(mean*(1-rate))+16)))
}

// Rows are those of a step, in order. It is not for concurrent use, and the slice is good until the next step.
func (p *PoissonRows) Rows(step uint32) []int {
	if p.made && p.step == step {
		return p.rows
	}
	p.made, p.step, p.rows = true, step, p.rows[:0]
	key := rng.NewKey(p.Seed, purposePrivate, step, 1)
	log := math.Log1p(-p.Rate)
	var u [1]float64
	for at, k := -1, uint64(0); len(p.rows) < p.Most; k++ {
		key.Uniforms64(u[:], 1, []uint64{k})
		gap := 1.
		if p.Rate < 1 {
			gap += math.Floor(math.Log(u[0]) / log)
		}
		if gap > float64(p.N) {
			break
		}
		if at += int(gap); at >= p.N {
			break
		}
		p.rows = append(p.rows, at)
	}
	return p.rows
}
