package nn

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// somewhere is a law of images [size,size] that are a pattern of side×side numbers at a uniform place, and zeros
// elsewhere.
type somewhere struct {
	size, side int
	sigma      float64
}

func (s somewhere) pattern() []float64 {
	p := make([]float64, s.side*s.side)
	for i := range p {
		p[i] = 1
		if i*i%5 > 1 {
			p[i] = -1
		}
	}
	return p
}

func (s somewhere) places() int { n := s.size - s.side + 1; return n * n }

// draw fills rows of a step: the image and the image in noise.
func (s somewhere) draw(x0, x []float32, step uint32) {
	d := s.size * s.size
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
		k, w := int(u[i]*float32(s.places())), s.size-s.side+1
		for j, v := range p {
			x0[i*d+(k/w+j/s.side)*s.size+k%w+j%s.side] = float32(v)
		}
	}
	for i := range x {
		x[i] = x0[i] + float32(s.sigma)*x[i]
	}
}

// best is the posterior mean of the image, which no denoiser beats.
func (s somewhere) best(x []float32) []float32 {
	w, p := s.size-s.side+1, s.pattern()
	logs, most := make([]float64, s.places()), math.Inf(-1)
	for k := range logs {
		for j, v := range p {
			logs[k] += v * float64(x[(k/w+j/s.side)*s.size+k%w+j%s.side]) / (s.sigma * s.sigma)
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
			out[(k/w+j/s.side)*s.size+k%w+j%s.side] += float32(l / total * v)
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
	shape := []int{s.size, s.size, 1}
	d := s.size * s.size
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
	s := somewhere{12, 3, .8}
	const steps, n = 600, 32
	loss, best := trainDenoiser(t, UNet2D{UNet{Base: 8, Mult: "1-2"}}, s, steps, n, 5e-3)
	t.Logf("unet2d: %.3f of the optimum", loss/best)
	if loss > 1.05*best {
		t.Errorf("unet2d's loss is %.3f times the optimum", loss/best)
	}
	least := math.Inf(1)
	for _, lr := range []float64{1e-3, 5e-3} {
		dense, best := trainDenoiser(t, MLP{Width: 128}, s, steps, n, lr)
		least = min(least, dense/best)
	}
	t.Logf("mlp: %.3f of the optimum", least)
	if least < 2 {
		t.Errorf("mlp's loss is %.3f times the optimum: the task does not need the structure", least)
	}
}
