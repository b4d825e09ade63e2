package infer

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// PotentialTraining fits a [LearnedPotential] by the novel score matching loss of arXiv:2402.06320, §3.2,
//
//	E‖∇log ĝ(λ_t, x_t) − √(1−λ_t)∇log g_0(x_0)‖²,  x_t = √(1−λ_t) x_0 + √λ_t σ ε,
//
// t stratified over [10⁻³, 1] and x_0 among the particles of runs of [PDDS]. A round trains with the potential of
// its start in these runs, which are made anew every Refresh iterations, as in the authors' program: the loss has
// its minimum at ∇log g_t where x_0 has the target's distribution, and on the particles of one run, taken again and
// again, the network learns these. The potential is the moving average of the weights. One gradient a particle and
// step of a run, and one a row of training.
type PotentialTraining struct {
	Target       ito.Target
	Kernel       PDDS              // the run whose particles are learnt from; its Potential is not looked at
	Potential    *LearnedPotential // its Params are the moving average
	Rounds       int               // 0: 2
	Iterations   int               // of a round; 0: 4000
	Refresh      int               // iterations between runs; 0: 100
	Batch        int               // 0: 300
	LearningRate float64           // at the start of a round; 0: .001
	Decay        float64           // of the learning rate in 50 iterations; 0: .95
	Seed         uint64
	Pool         *ad.Pool

	// What a checkpoint keeps, beside Potential.Params.
	Done    int
	Moments *nn.Moments
	Weights []float32 // that Adam moves
	Frozen  []float32 // of the potential of the round's runs
	X, G    []float64 // [N,D] the particles of the last run and ∇log g_0 there
	Spent   float64   // gradients of the runs
}

func (c *PotentialTraining) iterations() int { return whole(c.Iterations, 4000) }

func (c *PotentialTraining) refresh() int { return whole(c.Refresh, 100) }

func (c *PotentialTraining) batch() int { return whole(c.Batch, 300) }

// Progress implements Trainer.
func (c *PotentialTraining) Progress() (done, of int) {
	return c.Done, whole(c.Rounds, 2) * c.iterations()
}

// Gradients implements Trainer.
func (c *PotentialTraining) Gradients() float64 { return c.Spent + float64(c.Done*c.batch()) }

func (c *PotentialTraining) validate() error {
	if c.Target == nil || c.Potential == nil || c.Target.Dim() != c.Potential.D || c.Rounds < 0 || c.Iterations < 0 ||
		c.Refresh < 0 || c.Batch < 0 || c.LearningRate < 0 || c.Decay < 0 || c.Decay > 1 {
		return &ito.InputError{Where: "training of a potential",
			What: fmt.Sprintf("%d rounds of %d iterations of %d rows, learning rate %v", c.Rounds, c.Iterations,
				c.Batch, c.LearningRate),
			Do: "give a potential of the target's dimension and positive numbers"}
	}
	return c.Kernel.validate(c.Target.Dim())
}

// round begins one: the runs keep the present potential, and the optimiser begins anew.
func (c *PotentialTraining) round() {
	c.Frozen = append(c.Frozen[:0], c.Potential.Params...)
	c.Weights = append(c.Weights[:0], c.Potential.Params...)
	c.Moments = nn.NewMoments(len(c.Weights))
}

// run makes the particles that the next iterations learn from.
func (c *PotentialTraining) run(ctx context.Context) error {
	frozen := *c.Potential
	frozen.Params = c.Frozen
	k := c.Kernel
	k.Potential = &frozen
	s := NewState(k, 1, c.Target.Dim(), uint64(c.Done))
	r, err := Run(ctx, c.Target, k, s, Options{Seed: c.Seed + 1})
	if err != nil {
		return err
	}
	c.Spent += r.Gradients
	c.X, c.G = s.X, s.Var("grad")
	return nil
}

// Step implements Trainer: one iteration, and where particles are due the run before.
func (c *PotentialTraining) Step(ctx context.Context) (Loss, error) {
	if err := c.validate(); err != nil {
		return Loss{}, err
	}
	at := c.Done % c.iterations()
	if at == 0 {
		c.round()
	}
	if at%c.refresh() == 0 {
		if err := c.run(ctx); err != nil {
			return Loss{}, err
		}
	}
	x, feat, naive, want, err := c.rows(ctx)
	if err != nil {
		return Loss{}, err
	}
	average := c.Potential.Params
	c.Potential.Params = c.Weights
	in := append(c.Potential.inputs(x, feat), ad.F32s(naive), ad.F32s(want))
	c.Potential.Params = average
	grad, loss := make([]float32, len(c.Weights)), make([]float32, 1)
	n := len(c.Potential.main.Params)
	out := append([]ad.Array{ad.F32s(loss)}, c.Potential.main.Arrays(grad[:n])...)
	out = append(out, c.Potential.scale.Arrays(grad[n:])...)
	if err := c.Potential.loss.Run(ctx, ad.Call{N: c.batch(), In: in, Out: out, Pool: c.Pool}); err != nil {
		return Loss{}, err
	}
	result := Loss{Iteration: c.Done, Value: float64(loss[0]) / float64(c.Potential.D)}
	scale, norm := nn.Clip(grad, 1)
	if !finite(norm) {
		return result, &ito.NonFiniteError{What: "the gradient of the potential's loss", Step: c.Done}
	}
	lr := or(c.LearningRate, .001) * math.Pow(or(c.Decay, .95), float64(at)/50)
	nn.DefaultAdam().Step(c.Moments, c.Weights, grad, lr, scale)
	nn.EMA{Decay: .999, WarmUp: true}.Update(average, c.Weights, uint64(at+1))
	c.Done++
	return result, nil
}

// rows draws the rows of an iteration: x_t with the features of λ_t, the naive gradient there and the gradient to
// be matched. A row whose gradients are not finite is replaced by x = 0, λ = 0, which says nothing.
func (c *PotentialTraining) rows(ctx context.Context) (x, feat, naive, want []float32, err error) {
	b, d, k := c.batch(), c.Potential.D, c.Kernel.custom()
	ids := make([]uint64, b)
	for i := range ids {
		ids[i] = uint64(i)
	}
	key := func(p rng.Purpose) rng.Key { return rng.NewKey(c.Seed, p, uint32(c.Done), 0) }
	u, pick, ε := make([]float64, b), make([]float64, b), make([]float64, b*d)
	key(rng.PurposeTime).Uniforms64(u, 1, ids)
	key(rng.PurposeData).Uniforms64(pick, 1, ids)
	key(rng.PurposePath).Normals64(ε, d, ids)
	s := &State{Groups: b, Slots: 1, D: d, ID: ids}
	s.add("tally", tallyWidth)
	y, g, logg := make([]float64, b*d), make([]float64, b*d), make([]float64, b)
	want, feat = make([]float32, b*d), make([]float32, b)
	x, naive = make([]float32, b*d), make([]float32, b*d)
	λ := make([]float64, b)
	for i := range b {
		t := 1e-3 + (1-1e-3)*(float64(i)+u[i])/float64(b)
		λ[i] = k.Noise(t)
		from := int(pick[i]*float64(len(c.X)/d)) * d
		for j := range d {
			v := math.Sqrt(1-λ[i])*c.X[from+j] + math.Sqrt(λ[i])*k.Sigma*ε[i*d+j]
			x[i*d+j], want[i*d+j] = float32(v), float32(math.Sqrt(1-λ[i])*c.G[from+j])
			y[i*d+j] = math.Sqrt(1-λ[i]) * v
		}
		feat[i] = levelFeature(λ[i])
	}
	if err := (Naive{}).Log(ctx, Problem{Target: c.Target}, s, 0, k.Sigma, logg, g, y); err != nil {
		return nil, nil, nil, nil, err
	}
	for i := range b {
		lo, hi := i*d, (i+1)*d
		ok := finiteRow(g[lo:hi])
		for j := lo; j < hi; j++ {
			naive[j] = float32(math.Sqrt(1-λ[i]) * g[j])
			ok = ok && want[j]-want[j] == 0
		}
		if !ok {
			for _, z := range [][]float32{x, naive, want} {
				clear(z[lo:hi])
			}
			feat[i] = 0
		}
	}
	return x, feat, naive, want, nil
}

// Run takes iterations until all rounds are done. progress, unless nil, hears of every one; an error of it ends the
// run.
func (c *PotentialTraining) Run(ctx context.Context, progress func(Loss) error) error {
	for {
		if done, of := c.Progress(); done >= of {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		loss, err := c.Step(ctx)
		if err != nil {
			return err
		}
		if progress != nil {
			if err := progress(loss); err != nil {
				return err
			}
		}
	}
}

const potentialMagic = "ito-infer-potential-2\n"

// MarshalBinary implements Trainer. It never fails.
func (c *PotentialTraining) MarshalBinary() ([]byte, error) {
	average := c.Potential.Params
	weights, frozen := c.Weights, c.Frozen
	if weights == nil {
		weights, frozen = average, average
	}
	b := text([]byte(potentialMagic), string(marshalTraining(trainingMagic, c.Done, 0, weights, c.Moments)))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.Spent))
	for _, part := range [][]float32{average, frozen} {
		for _, v := range part {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return numbers(numbers(b, c.X), c.G), nil
}

// UnmarshalBinary implements Trainer: c must have the potential that the bytes are of.
func (c *PotentialTraining) UnmarshalBinary(data []byte) error {
	n, d := len(c.Potential.Params), c.Potential.D
	bad := &ito.InputError{Where: "training state", What: fmt.Sprintf("%d bytes that are damaged, or of another "+
		"potential", len(data))}
	if !bytes.HasPrefix(data, []byte(potentialMagic)) {
		return bad
	}
	r := reader{data: data[len(potentialMagic):]}
	training, spent := r.text(), math.Float64frombits(r.word())
	particles := len(r.data) - 8*n
	if r.bad || particles < 0 || particles%(16*d) != 0 {
		return bad
	}
	weights := make([]float32, n)
	done, _, moments, err := unmarshalTraining(trainingMagic, []byte(training), weights)
	if err != nil {
		return err
	}
	c.Done, c.Spent, c.Weights, c.Moments, c.Frozen = done, spent, weights, moments, make([]float32, n)
	for k, part := range [][]float32{c.Potential.Params, c.Frozen} {
		for i := range part {
			part[i] = math.Float32frombits(binary.LittleEndian.Uint32(r.data[4*(k*n+i):]))
		}
	}
	r.data = r.data[8*n:]
	c.X = r.numbers(particles / 16)
	c.G = r.numbers(particles / 16)
	return nil
}
