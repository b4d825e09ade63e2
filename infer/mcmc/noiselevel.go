package mcmc

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// NoiseLevels is a classifier of noise levels, p(σ_l | x) for equally probable levels, learnt by cross-entropy on
// x_0 + σ_l z with x_0 from data (arXiv:2209.14593, §4.2). It is a small dense network of x divided by the standard
// deviation that data and noise have together.
type NoiseLevels struct {
	levels []float64
	scale  float64
	net    *nn.Weights
	logits *ad.Program
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

// TrainNoiseLevels fits a classifier to the rows of data. progress, unless nil, is called after every iteration.
func TrainNoiseLevels(ctx context.Context, data ito.States, c LevelTraining,
	progress func(infer.TrainingReport)) (*NoiseLevels,
	error) {
	t, err := NewLevelTrainer(data, c)
	if err != nil {
		return nil, err
	}
	if err := infer.Train(ctx, t, func(loss infer.TrainingReport) error {
		if progress != nil {
			progress(loss)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return t.levels, nil
}

// LevelTrainer is a Trainer of [NoiseLevels]: a loop under the cross-entropy.
type LevelTrainer struct {
	*levelLoss
	loop *learn.Loop
}

// Levels is what is trained.
func (t *LevelTrainer) Levels() *NoiseLevels { return t.levels }

// NewLevelTrainer prepares the training of a classifier on the rows of data.
func NewLevelTrainer(data ito.States, c LevelTraining) (*LevelTrainer, error) {
	if err := data.Check(); err != nil {
		return nil, err
	}
	bad := data.N < 1 || len(c.Levels) < 2 || c.Iterations < 0 || c.Batch < 0 || c.Width < 0 || c.LearningRate < 0 ||
		!infer.AllFinite(data.X)
	for l, σ := range c.Levels {
		bad = bad || !(σ > 0) || !infer.Finite(σ) || l > 0 && σ <= c.Levels[l-1]
	}
	if bad {
		return nil, &ito.InputError{Where: "noise levels", What: fmt.Sprintf("%d rows, levels %v", data.N, c.Levels),
			Do: "give finite data and two increasing positive levels or more"}
	}
	k, err := newNoiseLevels(data, c)
	if err != nil {
		return nil, err
	}
	of, rate := cmp.Or(c.Iterations, 3000), cmp.Or(c.LearningRate, .002)
	loop, err := learn.NewLoop(learn.Optimiser{Steps: of,
		Rate: func(step int) float64 { return rate * math.Pow(.01, float64(step)/float64(of)) },
		Adam: nn.DefaultAdam(), Clip: 1}, k.net)
	if err != nil {
		return nil, err
	}
	k.net = loop.Networks()[0]
	b := cmp.Or(c.Batch, 512)
	l := &levelLoss{data: data, c: c, levels: k, x: make([]float32, b*data.D), level: make([]float32, b*len(k.levels))}
	return &LevelTrainer{l, loop}, loop.Bind(l)
}

// Step implements Trainer.
func (t *LevelTrainer) Step(ctx context.Context) (infer.TrainingReport, error) {
	it := t.loop.Step()
	err := t.loop.Run(ctx, it+1, learn.LoopOptions{Pool: t.c.Pool})
	return infer.TrainingReport{Iteration: it, Value: t.loop.Loss()}, err
}

// Progress implements Trainer.
func (t *LevelTrainer) Progress() (done, of int) { return t.loop.Step(), cmp.Or(t.c.Iterations, 3000) }

// Gradients implements Trainer: none, the classifier learns from data.
func (t *LevelTrainer) Gradients() float64 { return 0 }

const levelTrainerName = "noise levels"

// State implements Trainer.
func (t *LevelTrainer) State() ([]infer.TrainerState, error) {
	return []infer.TrainerState{{Trainer: levelTrainerName, Loop: t.loop.State()}}, nil
}

// Restore implements Trainer.
func (t *LevelTrainer) Restore(states []infer.TrainerState) error {
	s, err := infer.SingleState(states, levelTrainerName, nil)
	if err != nil {
		return err
	}
	return t.loop.Restore(s.Loop)
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
	if k.net, err = nn.New(nn.MLP{Width: cmp.Or(c.Width, 64), Depth: 3, Time: nn.TimeNone},
		nn.Flat(data.D, len(c.Levels), 0), c.Seed); err != nil {
		return nil, err
	}
	k.logits, err = ad.Compile(func(g *ad.Graph) {
		x := g.Input("x", ad.F32, data.D)
		params := k.net.Declare(g, ad.F32)
		g.Output("logp", ad.LogSoftmax(k.net.Apply(g, params, x, ad.Value{}, ad.Value{}), 0))
	})
	return k, err
}

// levelLoss is the cross-entropy of levels that go round in the batch.
type levelLoss struct {
	data     ito.States
	c        LevelTraining
	levels   *NoiseLevels
	x, level []float32 // [N,D], [N,L] one-hot
}

// Rows implements learn.Loss.
func (l *levelLoss) Rows() int { return cmp.Or(l.c.Batch, 512) }

// Trace implements learn.Loss.
func (l *levelLoss) Trace(g *ad.Graph, nets []learn.Apply) ad.Value {
	x, level := g.Input("x", ad.F32, l.data.D), g.Input("level", ad.F32, len(l.levels.levels))
	logp := ad.LogSoftmax(nets[0](x, ad.Value{}, ad.Value{}), 0)
	return ad.Neg(ad.BatchMean(ad.Dot(logp, level)))
}

// Inputs implements learn.Loss.
func (l *levelLoss) Inputs() []ad.Array { return []ad.Array{ad.F32s(l.x), ad.F32s(l.level)} }

// Outputs implements learn.Loss.
func (*levelLoss) Outputs() []ad.Array { return nil }

// Draw implements learn.Loss.
func (l *levelLoss) Draw(_ context.Context, step uint32, _ *ad.Pool) error {
	b, d, k := l.Rows(), l.data.D, l.levels
	m := len(k.levels)
	ids := make([]uint64, b)
	for i := range ids {
		ids[i] = uint64(i)
	}
	z, pick := make([]float64, b*d), make([]float64, b)
	rng.NewKey(l.c.Seed, rng.PurposePath, step, 0).Normals64(z, d, ids)
	rng.NewKey(l.c.Seed, rng.PurposeData, step, 0).Uniforms64(pick, 1, ids)
	clear(l.level)
	for i := range b {
		at, row := (i+int(step)*b)%m, l.data.Row(int(pick[i]*float64(l.data.N)))
		l.level[i*m+at] = 1
		for j, v := range row {
			l.x[i*d+j] = float32((v + k.levels[at]*z[i*d+j]) / k.scale)
		}
	}
	return nil
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
	if err := k.logits.Run(ctx, ad.Call{N: x.N, In: append([]ad.Array{ad.F32s(in)}, k.net.Arrays(k.net.Params)...),
		Out: []ad.Array{ad.F32s(out)}}); err != nil {
		return err
	}
	for i, v := range out {
		logp[i] = float64(v)
	}
	return nil
}
