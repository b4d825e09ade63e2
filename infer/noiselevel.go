package infer

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// NoiseLevels is a classifier of noise levels, p(σ_l | x) for equally probable levels, learnt by cross-entropy on x_0 + σ_l z with x_0 from data (arXiv:2209.14593, §4.2). It is a small dense network
// of x divided by the standard deviation that data and noise have together.
type NoiseLevels struct {
	levels []float64
	scale  float64
	net    *nn.Weights
	logits *ad.Program
	loss   *ad.Program
}

// LevelTraining is how [TrainNoiseLevels] learns.
type LevelTraining struct {
	Levels       []float64 // σ, increasing
	Width        int       // of three hidden layers; 0: 64
	Iterations   int       // 0: 3000
	Batch        int       // 0: 512
	LearningRate float64   // falls to a hundredth; 0: .002
	Seed         uint64
	Pool         *ad.Pool
}

// TrainNoiseLevels fits a classifier to the rows of data. progress, unless nil, hears of every iteration.
func TrainNoiseLevels(ctx context.Context, data ito.States, c LevelTraining, progress func(Loss)) (*NoiseLevels, error) {
	t, err := newLevelTrainer(data, c)
	if err != nil {
		return nil, err
	}
	for done, of := t.Progress(); done < of; done++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		loss, err := t.Step(ctx)
		if err != nil {
			return nil, err
		}
		if progress != nil {
			progress(loss)
		}
	}
	return t.levels, nil
}

// levelTrainer is a Trainer of NoiseLevels.
type levelTrainer struct {
	data    ito.States
	c       LevelTraining
	levels  *NoiseLevels
	moments *nn.Moments
	done    int
}

func newLevelTrainer(data ito.States, c LevelTraining) (*levelTrainer, error) {
	if err := data.Check(); err != nil {
		return nil, err
	}
	bad := data.N < 1 || len(c.Levels) < 2 || c.Iterations < 0 || c.Batch < 0 || c.Width < 0 || c.LearningRate < 0 || !finiteRow(data.X)
	for l, σ := range c.Levels {
		bad = bad || !(σ > 0) || !finite(σ) || l > 0 && σ <= c.Levels[l-1]
	}
	if bad {
		return nil, &ito.InputError{Where: "noise levels", What: fmt.Sprintf("%d rows, levels %v", data.N, c.Levels), Do: "give finite data and two increasing positive levels or more"}
	}
	k, err := newNoiseLevels(data, c)
	if err != nil {
		return nil, err
	}
	return &levelTrainer{data: data, c: c, levels: k, moments: nn.NewMoments(len(k.net.Params))}, nil
}

// Step implements Trainer.
func (t *levelTrainer) Step(ctx context.Context) (Loss, error) {
	it, of := t.Progress()
	loss, grad, err := t.levels.batch(ctx, t.data, t.c, it)
	if err != nil {
		return Loss{}, err
	}
	factor, norm := nn.Clip(grad, 1)
	if !finite(norm) {
		return Loss{}, &ito.NonFiniteError{What: "the gradient of the classifier's loss", Step: it}
	}
	nn.DefaultAdam().Step(t.moments, t.levels.net.Params, grad, cmp.Or(t.c.LearningRate, .002)*math.Pow(.01, float64(it)/float64(of)), factor)
	t.done++
	return Loss{Iteration: it, Value: loss}, nil
}

// Progress implements Trainer.
func (t *levelTrainer) Progress() (done, of int) { return t.done, cmp.Or(t.c.Iterations, 3000) }

// Gradients implements Trainer: none, the classifier learns from data.
func (t *levelTrainer) Gradients() float64 { return 0 }

// MarshalBinary implements Trainer. It never fails.
func (t *levelTrainer) MarshalBinary() ([]byte, error) {
	return marshalTraining(t.done, 0, t.levels.net.Params, t.moments), nil
}

// UnmarshalBinary implements Trainer.
func (t *levelTrainer) UnmarshalBinary(data []byte) error {
	done, _, moments, err := unmarshalTraining(data, t.levels.net.Params)
	if err == nil {
		t.done, t.moments = done, moments
	}
	return err
}

func newNoiseLevels(data ito.States, c LevelTraining) (*NoiseLevels, error) {
	k := &NoiseLevels{levels: append([]float64(nil), c.Levels...)}
	var sum, sq, noise float64
	for _, v := range data.X {
		sum += v
	}
	mean := sum / float64(len(data.X))
	for _, v := range data.X {
		sq += (v - mean) * (v - mean)
	}
	for _, σ := range c.Levels {
		noise += σ * σ / float64(len(c.Levels))
	}
	k.scale = math.Sqrt(sq/float64(len(data.X)) + mean*mean + noise)
	var err error
	if k.net, err = nn.New(nn.MLP{Width: whole(c.Width, 64), Depth: 3, Time: nn.TimeNone}, nn.Flat(data.D, len(c.Levels), 0), c.Seed); err != nil {
		return nil, err
	}
	trace := func(g *ad.Graph) (logp ad.Value, params []ad.Value) {
		x := g.Input("x", ad.F32, data.D)
		params = k.net.Declare(g, ad.F32)
		return ad.LogSoftmax(k.net.Apply(g, params, x, ad.Value{}, ad.Value{}), 0), params
	}
	if k.logits, err = ad.Compile(func(g *ad.Graph) {
		logp, _ := trace(g)
		g.Output("logp", logp)
	}); err != nil {
		return nil, err
	}
	k.loss, err = ad.Compile(func(g *ad.Graph) {
		logp, params := trace(g)
		loss := ad.Neg(ad.BatchMean(ad.Dot(logp, g.Input("level", ad.F32, len(c.Levels)))))
		g.Output("loss", loss)
		for i, v := range ad.Grad(loss, params...) {
			g.Output(layerName("gradient", i), v)
		}
	})
	return k, err
}

// batch is the loss of one iteration and its gradient. Levels go round in the batch.
func (k *NoiseLevels) batch(ctx context.Context, data ito.States, c LevelTraining, it int) (float64, []float32, error) {
	b, d, m := whole(c.Batch, 512), data.D, len(k.levels)
	ids := make([]uint64, b)
	for i := range ids {
		ids[i] = uint64(i)
	}
	z, pick := make([]float64, b*d), make([]float64, b)
	rng.NewKey(c.Seed, rng.PurposePath, uint32(it), 0).Normals64(z, d, ids)
	rng.NewKey(c.Seed, rng.PurposeData, uint32(it), 0).Uniforms64(pick, 1, ids)
	x, level := make([]float32, b*d), make([]float32, b*m)
	for i := range b {
		l, row := (i+it*b)%m, data.Row(int(pick[i]*float64(data.N)))
		level[i*m+l] = 1
		for j, v := range row {
			x[i*d+j] = float32((v + k.levels[l]*z[i*d+j]) / k.scale)
		}
	}
	grad, loss := make([]float32, len(k.net.Params)), make([]float32, 1)
	in := append(append([]ad.Array{ad.F32s(x)}, k.net.Arrays(k.net.Params)...), ad.F32s(level))
	out := append([]ad.Array{ad.F32s(loss)}, k.net.Arrays(grad)...)
	err := k.loss.Run(ctx, ad.Call{N: b, In: in, Out: out, Pool: c.Pool})
	return float64(loss[0]), grad, err
}

// Count implements LevelPosterior.
func (k *NoiseLevels) Count() int { return len(k.levels) }

// Levels implements LevelPosterior.
func (k *NoiseLevels) Levels(ctx context.Context, logp []float64, x ito.States) error {
	in := make([]float32, len(x.X))
	for i, v := range x.X {
		in[i] = float32(v / k.scale)
	}
	out := make([]float32, len(logp))
	if err := k.logits.Run(ctx, ad.Call{N: x.N, In: append([]ad.Array{ad.F32s(in)}, k.net.Arrays(k.net.Params)...), Out: []ad.Array{ad.F32s(out)}}); err != nil {
		return err
	}
	for i, v := range out {
		logp[i] = float64(v)
	}
	return nil
}
