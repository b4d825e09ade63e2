package nn

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// somewhere is a law of images [size,size], or of series [size], that are a pattern of side numbers along every axis at
// a uniform place, and zeros elsewhere.
type somewhere struct {
	size, side int
	sigma      float64
	line       bool // series
}

func (s somewhere) pattern() []float64 {
	p := make([]float64, s.side*s.side)
	if s.line {
		p = p[:s.side]
	}
	for i := range p {
		p[i] = 1
		if i*i%5 > 1 {
			p[i] = -1
		}
	}
	return p
}

// shape is that of a state.
func (s somewhere) shape() []int {
	if s.line {
		return []int{s.size, 1}
	}
	return []int{s.size, s.size, 1}
}

// places is how many places there are for the pattern, and at is where number j of it lies at place k.
func (s somewhere) places() int {
	n := s.size - s.side + 1
	if s.line {
		return n
	}
	return n * n
}

func (s somewhere) at(k, j int) int {
	w := s.size - s.side + 1
	if s.line {
		return k + j
	}
	return (k/w+j/s.side)*s.size + k%w + j%s.side
}

// draw fills rows of a step: the image and the image in noise.
func (s somewhere) draw(x0, x []float32, step uint32) {
	d := sizeOf(s.shape())
	n := len(x) / d
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = uint64(i)
	}
	u := make([]float32, n)
	rng.NewKey(3, rng.PurposeData, step, 0).Uniforms32(u, 1, ids)
	rng.NewKey(3, rng.PurposePath, step, 0).Normals32(x, d, ids)
	clear(x0)
	p := s.pattern()
	for i := range n {
		k := int(u[i] * float32(s.places()))
		for j, v := range p {
			x0[i*d+s.at(k, j)] = float32(v)
		}
	}
	for i := range x {
		x[i] = x0[i] + float32(s.sigma)*x[i]
	}
}

// best is the posterior mean of the image, which no denoiser beats.
func (s somewhere) best(x []float32) []float32 {
	p := s.pattern()
	logs, most := make([]float64, s.places()), math.Inf(-1)
	for k := range logs {
		for j, v := range p {
			logs[k] += v * float64(x[s.at(k, j)]) / (s.sigma * s.sigma)
		}
		most = max(most, logs[k])
	}
	total := 0.
	for k := range logs {
		logs[k] = math.Exp(logs[k] - most)
		total += logs[k]
	}
	out := make([]float32, len(x))
	for k, l := range logs {
		for j, v := range p {
			out[s.at(k, j)] += float32(l / total * v)
		}
	}
	return out
}

func square32(a, b []float32) float64 {
	s := 0.
	for i, v := range a {
		s += float64(v-b[i]) * float64(v-b[i])
	}
	return s / float64(len(a))
}

// trainDenoiser trains a network on the law, and returns its loss on 2000 held-out rows and that of the posterior mean
// on the same rows.
func trainDenoiser(t *testing.T, net Network, s somewhere, steps, n int, lr float64) (loss, best float64) {
	shape := s.shape()
	d := sizeOf(shape)
	w, err := New(net, between(shape, shape), 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ad.Compile(func(g *ad.Graph) {
		x, x0 := g.Input("x", ad.F32, d), g.Input("x0", ad.F32, d)
		params := w.Declare(g, ad.F32)
		out := w.Apply(g, params, x, ad.Rows(g.Const(ad.F32, []float64{0}, 1)), ad.Value{})
		l := ad.BatchMean(ad.Mean(ad.Square(ad.Sub(out, x0))))
		g.Output("loss", l)
		for _, v := range ad.Grad(l, params...) {
			g.Output("g", v)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	x, x0 := make([]float32, n*d), make([]float32, n*d)
	grad, value, ema := make([]float32, len(w.Params)), make([]float32, 1), append([]float32(nil), w.Params...)
	call := ad.Call{N: n, In: append([]ad.Array{ad.F32s(x), ad.F32s(x0)}, w.Arrays(w.Params)...),
		Out: append([]ad.Array{ad.F32s(value)}, w.Arrays(grad)...)}
	adam, m := DefaultAdam(), NewMoments(len(w.Params))
	for k := range steps {
		s.draw(x0, x, uint32(k))
		if err := p.Run(context.Background(), call); err != nil {
			t.Fatal(err)
		}
		factor, _ := Clip(grad, 1)
		adam.Step(m, w.Params, grad, lr*LRSchedule{Kind: "cosine", WarmUp: 20}.At(k, steps), factor)
		EMA{Decay: .99, WarmUp: true}.Update(ema, w.Params, uint64(k+1))
	}
	copy(w.Params, ema)
	for k := range 2000 / n {
		s.draw(x0, x, uint32(1<<20+k))
		if err := p.Run(context.Background(), call); err != nil {
			t.Fatal(err)
		}
		loss += float64(value[0])
		for i := range n {
			best += square32(s.best(x[i*d:(i+1)*d]), x0[i*d:(i+1)*d]) / float64(n)
		}
	}
	return loss, best
}

// TestTranslation: a pattern at a random place in noise. A U-Net comes within 5 % of the posterior mean, which is the
// optimum in closed form; a dense network with more parameters, as many steps and the better of two learning rates
// stays at more than twice that.
func TestTranslation(t *testing.T) {
	if testing.Short() {
		t.Skip("trains three networks, ten seconds of one core")
	}
	checkTranslation(t, UNet2D{UNet{Base: 8, Mult: "1-2"}}, MLP{Width: 128}, somewhere{12, 3, .8, false}, 600, 32)
}

// TestTranslation1D is the same along a line.
func TestTranslation1D(t *testing.T) {
	if testing.Short() {
		t.Skip("trains three networks")
	}
	checkTranslation(t, UNet1D{UNet{Base: 8, Mult: "1-2", Attention: "none"}}, MLP{Width: 80},
		somewhere{80, 6, .7, true}, 500, 32)
}

func checkTranslation(t *testing.T, net, dense Network, s somewhere, steps, n int) {
	t.Helper()
	loss, best := trainDenoiser(t, net, s, steps, n, 5e-3)
	t.Logf("%s: %.3f of the optimum %.4f", net.Kind(), loss/best, best/float64(2000/n))
	if loss > 1.05*best {
		t.Errorf("%s's loss is %.3f times the optimum", net.Kind(), loss/best)
	}
	size := func(net Network) int {
		w, err := New(net, between(s.shape(), s.shape()), 1)
		if err != nil {
			t.Fatal(err)
		}
		return len(w.Params)
	}
	if a, b := size(net), size(dense); b < a {
		t.Fatalf("the MLP has %d parameters and %s %d: not as many", b, net.Kind(), a)
	}
	least := math.Inf(1)
	for _, lr := range []float64{1e-3, 5e-3} {
		loss, best := trainDenoiser(t, dense, s, steps, n, lr)
		least = min(least, loss/best)
	}
	t.Logf("mlp: %.3f of the optimum", least)
	if least < 2 {
		t.Errorf("mlp's loss is %.3f times the optimum: the task does not need the structure", least)
	}
}
