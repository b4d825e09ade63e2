package systems

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// classifierNet reads an image [H,W,C] and writes features and the logits of the classes: two convolutions of three
// taps, each halved by the largest of 2×2 pixels, and two Linears.
type classifierNet struct{ channels int }

func (classifierNet) Kind() string                   { return "image-classifier" }
func (c classifierNet) Resolve() (nn.Network, error) { return c, nil }

func (c classifierNet) Trace(s *nn.Scope, in nn.Inputs) []ad.Value {
	h := in.X[0]
	for i := range 2 {
		h = ad.SiLU(s.Conv2D(fmt.Sprint("conv", i), h, c.channels<<i, nn.Conv{}))
		h = ad.MaxPool2D(h, [2]int{2, 2}, [2]int{})
	}
	features := ad.SiLU(s.Linear("features", ad.Flatten(h), in.Ports.Out[0].Shape[0]))
	return []ad.Value{features, s.Linear("logits", features, in.Ports.Out[1].Shape[0])}
}

// classifier says which class an image is of, and gives the features by which sets of images are compared.
type classifier struct {
	w       *nn.Weights
	forward *ad.Program
	scale   float64 // pixels are divided by it
}

// classifierFeatures is the width of the features, and classifierBatch the rows of a step.
const (
	classifierFeatures = 64
	classifierBatch    = 64
)

// trainClassifier minimises the cross-entropy of the labels on images of the given shape by steps of Adam, on rows that
// every epoch takes once in an order of its own.
func trainClassifier(ctx context.Context, x ito.States, labels []int, shape []int, classes, steps int, seed uint64,
	pool *ad.Pool) (*classifier, error) {
	ports := nn.Ports{X: []nn.Port{{Name: "image", Shape: shape}}, Out: []nn.Port{
		{Name: "features", Shape: []int{classifierFeatures}}, {Name: "logits", Shape: []int{classes}}}}
	w, err := nn.New(classifierNet{8}, ports, seed)
	if err != nil {
		return nil, err
	}
	c := &classifier{w: w, scale: 255}
	d, batch := x.D, min(classifierBatch, x.N)
	step, err := ad.Compile(func(g *ad.Graph) {
		image, label := g.Input("image", ad.F32, d), g.Input("label", ad.F32, classes)
		params := w.Declare(g, ad.F32)
		out := w.ApplyTraining(g, params, image, ad.Value{}, ad.Value{})
		logp := ad.LogSoftmax(ad.Slice(out, 0, classifierFeatures, classifierFeatures+classes), 0)
		for _, v := range ad.Grad(ad.BatchMean(ad.Neg(ad.Dot(logp, label))), params...) {
			g.Output("gradient", v)
		}
	})
	if err != nil {
		return nil, err
	}
	if c.forward, err = ad.Compile(func(g *ad.Graph) {
		image := g.Input("image", ad.F32, d)
		g.Output("out", w.Apply(g, w.Declare(g, ad.F32), image, ad.Value{}, ad.Value{}))
	}); err != nil {
		return nil, err
	}
	images, wanted := make([]float32, batch*d), make([]float32, batch*classes)
	grad := make([]float32, len(w.Params))
	in := append([]ad.Array{ad.F32s(images), ad.F32s(wanted)}, w.Arrays(w.Params)...)
	call := ad.Call{N: batch, Pool: pool, In: in,
		Out: w.Arrays(grad)}
	adam, moments, schedule := nn.DefaultAdam(), nn.NewMoments(len(w.Params)), nn.LRSchedule{Kind: "cosine"}
	var order []int
	for k := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(wanted)
		for i := range batch {
			if len(order) == 0 {
				order = rng.NewKey(seed, rng.PurposeData, uint32(k), 0).Perm(0, x.N)
			}
			at := order[0]
			order = order[1:]
			c.fill(images[i*d:(i+1)*d], x.Row(at))
			wanted[i*classes+labels[at]] = 1
		}
		if err := step.Run(ctx, call); err != nil {
			return nil, err
		}
		adam.Step(moments, w.Params, grad, 2e-3*schedule.At(k, steps), 1)
	}
	return c, nil
}

// fill brings pixels to numbers about 0.
func (c *classifier) fill(dst []float32, pixels []float64) {
	simd.CvtF64F32(dst, pixels)
	for i, v := range dst {
		dst[i] = v/float32(c.scale) - .5
	}
}

// read returns the features of images and the class that each is read as.
func (c *classifier) read(ctx context.Context, x ito.States, pool *ad.Pool) (features ito.States, class []int,
	err error) {
	const block = 500
	wide := c.w.Ports.Writes()
	features = ito.NewStates(x.N, classifierFeatures, 0)
	images, out := make([]float32, block*x.D), make([]float32, block*wide)
	for from := 0; from < x.N; from += block {
		n := min(block, x.N-from)
		for i := range n {
			c.fill(images[i*x.D:(i+1)*x.D], x.Row(from+i))
		}
		if err := c.forward.Run(ctx, ad.Call{N: n, Pool: pool,
			In:  append([]ad.Array{ad.F32s(images[:n*x.D])}, c.w.Arrays(c.w.Params)...),
			Out: []ad.Array{ad.F32s(out[:n*wide])}}); err != nil {
			return features, nil, err
		}
		for i := range n {
			row := out[i*wide : (i+1)*wide]
			simd.CvtF32F64(features.Row(from+i), row[:classifierFeatures])
			best, at := math.Inf(-1), 0
			for k, v := range row[classifierFeatures:] {
				if float64(v) > best {
					best, at = float64(v), k
				}
			}
			class = append(class, at)
		}
	}
	return features, class, nil
}
