package infer

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// MeanField fits the normal q = N(m, diag s²) of greatest evidence lower bound to a target,
//
//	ELBO = E_q[log ρ(x) − log q(x)] ≤ log ∫ρ,  x = m + s z,  z ~ N(0, I),
//
// by Adam on the reparameterised gradient that leaves out the score of q (Roeder, Wu and Duvenaud, arXiv:1703.09194),
//
//	h = ∇log ρ(x) + z/s,  ∂/∂m = E[h],  ∂/∂log s = E[h s z],
//
// whose noise is zero where q is ρ. Draws come in pairs ±z. A step of m is taken in units of s, in the beginning of
// at least 1, so that neither a far mean nor a narrow target needs another rate. For a normal of precision Λ the
// optimum is its mean and s² = 1/Λ_jj: narrower than the marginals where coordinates are correlated, and of several
// modes it takes one. Batch gradients an iteration.
type MeanField struct {
	Target       ito.Target
	Iterations   int     // 0: 5000
	Batch        int     // draws of an iteration, an even number; 0: 32
	LearningRate float64 // at the start, falling to a thousandth of it; 0: .1
	Seed         uint64

	// What a checkpoint keeps. Mean and SD are the fit so far and never move: others may hold the slices.
	Mean, SD []float64
	Done     int
	Dropped  int // draws left out because a value was not finite
	Moments  *nn.Moments
	// The last two fifths of the iterations: their number, Σ ELBO and Σ ELBO² of each.
	Late [2][3]float64
}

// NewMeanField makes a fit to t that begins at N(0, I).
func NewMeanField(t ito.Target, seed uint64) *MeanField {
	d := t.Dim()
	c := &MeanField{Target: t, Seed: seed, Mean: make([]float64, d), SD: make([]float64, d),
		Moments: nn.NewMoments(2 * d)}
	for j := range c.SD {
		c.SD[j] = 1
	}
	return c
}

func (c *MeanField) iterations() int { return whole(c.Iterations, 5000) }

func (c *MeanField) batch() int { return whole(c.Batch, 32) }

// Progress implements Trainer.
func (c *MeanField) Progress() (done, of int) { return c.Done, c.iterations() }

// Gradients implements Trainer.
func (c *MeanField) Gradients() float64 { return float64(c.Done * c.batch()) }

// Reference is the fit, sharing memory.
func (c *MeanField) Reference() Reference { return Reference{Mean: c.Mean, SD: c.SD} }

func (c *MeanField) validate() error {
	if d := len(c.Mean); c.Target == nil || c.Target.Dim() != d || len(c.SD) != d || c.Moments == nil ||
		c.Iterations < 0 || c.Batch < 0 || c.Batch%2 != 0 || !(c.LearningRate >= 0) {
		return &ito.InputError{Where: "mean field", What: fmt.Sprintf("%d iterations of %d draws, learning rate %v",
			c.Iterations, c.Batch, c.LearningRate),
			Do: "make it by NewMeanField and give an even number of draws and positive numbers"}
	}
	return nil
}

// Step implements Trainer. The noise is addressed by Seed and Done. An iteration without a pair of finite gradients
// is a *ito.NonFiniteError.
func (c *MeanField) Step(ctx context.Context) (Loss, error) {
	if err := c.validate(); err != nil {
		return Loss{}, err
	}
	n, d := c.batch(), len(c.Mean)
	z, x, g := ito.NewStates(n, d, 0), ito.NewStates(n, d, 0), ito.NewStates(n, d, 0)
	rng.NewKey(c.Seed, rng.PurposePath, uint32(c.Done), 1).Normals64(z.X[:n/2*d], d, z.ID[:n/2])
	for i := range n / 2 * d {
		z.X[n/2*d+i] = -z.X[i]
	}
	for i := range x.X {
		x.X[i] = c.Mean[i%d] + c.SD[i%d]*z.X[i]
	}
	logp := make([]float64, n)
	if err := c.Target.Gradient(ctx, logp, g, x); err != nil {
		return Loss{}, err
	}
	loss := Loss{Iteration: c.Done}
	slope := make([]float64, 2*d)
	kept, squares := 0., 0.
	q := c.Reference()
	for i := range n / 2 {
		pair := [2]int{i, i + n/2}
		bound := 0.
		for _, k := range pair {
			bound += (logp[k] - q.logDensity(x.Row(k))) / 2
		}
		if !finite(bound) || !finiteRow(g.Row(pair[0])) || !finiteRow(g.Row(pair[1])) {
			loss.Dropped += 2
			continue
		}
		kept++
		δ := bound - loss.ELBO
		loss.ELBO += δ / kept
		squares += δ * (bound - loss.ELBO)
		for _, k := range pair {
			for j, v := range g.Row(k) {
				zj := z.Row(k)[j]
				h := (c.SD[j]*v + zj) / 2
				slope[j] += h
				slope[d+j] += h * zj
			}
		}
	}
	if kept == 0 {
		return loss, &ito.NonFiniteError{What: "the gradient at every draw of the mean field", Step: c.Done}
	}
	loss.Value, loss.Variance = -loss.ELBO/float64(d), 2*squares/max(kept-1, 1)/float64(d)
	c.move(slope, -1/kept)
	c.Dropped += loss.Dropped
	if k := 5*c.Done/c.iterations() - 3; k >= 0 {
		l := &c.Late[min(k, 1)]
		l[0]++
		l[1] += loss.ELBO
		l[2] += loss.ELBO * loss.ELBO
	}
	c.Done++
	return loss, nil
}

// mostSlope keeps the square of a slope within float32.
const mostSlope = 1e18

// move takes a step of Adam in the coordinates (m/u, log s), u = s or, where s < 1, s^τ with τ the time that has
// passed, of 1.
func (c *MeanField) move(slope []float64, scale float64) {
	d := len(c.Mean)
	grad, by := make([]float32, 2*d), make([]float32, 2*d)
	for i, v := range slope {
		grad[i] = float32(clip(v*scale, mostSlope))
	}
	τ := float64(c.Done) / float64(c.iterations())
	lr := or(c.LearningRate, .1) * math.Pow(1e-3, τ)
	// .999 does not forget the steep start within the fit
	nn.Adam{Beta1: .9, Beta2: .99, Eps: 1e-8}.Step(c.Moments, by, grad, lr, 1)
	for j := range d {
		c.Mean[j] += max(c.SD[j], math.Pow(c.SD[j], τ)) * float64(by[j])
		c.SD[j] *= math.Exp(float64(by[d+j]))
	}
}

// Bound is the mean ELBO of the last fifth of the iterations, with its standard error, and what it gained on the
// fifth before. NaN before the end.
func (c *MeanField) Bound() (elbo, se, gain float64) {
	mean := func(l [3]float64) (m, v float64) {
		m = l[1] / l[0]
		return m, max(0, l[2]/l[0]-m*m) / (l[0] - 1)
	}
	before, v0 := mean(c.Late[0])
	after, v1 := mean(c.Late[1])
	return after, math.Sqrt(v0 + v1), after - before
}

// Warnings say whether the fit has not come to rest.
func (c *MeanField) Warnings() []string {
	var w []string
	if _, se, gain := c.Bound(); gain > max(.1, 5*se) {
		w = append(w, fmt.Sprintf("the mean-field fit had not come to rest: its bound rose by %.2g ± %.1g nats over "+
			"the last fifth of %d iterations; give it more", gain, se, c.Done))
	}
	if n := c.Done * c.batch(); 100*c.Dropped > n {
		w = append(w, fmt.Sprintf("%d of %d draws of the mean-field fit were left out because a value was not finite",
			c.Dropped, n))
	}
	return w
}

const meanFieldMagic = "ito-infer-meanfield-1\n"

// MarshalBinary implements Trainer. It never fails.
func (c *MeanField) MarshalBinary() ([]byte, error) {
	b := []byte(meanFieldMagic)
	for _, n := range []uint64{uint64(len(c.Mean)), uint64(c.Done), uint64(c.Dropped), c.Moments.Steps} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, x := range [][]float64{c.Mean, c.SD, widen(c.Moments.M), widen(c.Moments.V), c.Late[0][:], c.Late[1][:]} {
		b = numbers(b, x)
	}
	return b, nil
}

// UnmarshalBinary implements Trainer: c must be of the dimension that the bytes are of.
func (c *MeanField) UnmarshalBinary(data []byte) error {
	d, head := len(c.Mean), len(meanFieldMagic)
	bad := &ito.InputError{Where: "training state", What: fmt.Sprintf("%d bytes that are damaged, or of a mean field "+
		"of another dimension than %d", len(data), d)}
	if len(data) < head || string(data[:head]) != meanFieldMagic {
		return bad
	}
	r := reader{data: data[head:]}
	dim, done, dropped, steps := r.count(math.MaxInt32), r.count(math.MaxInt32), r.count(math.MaxInt), r.word()
	mean, sd, m, v, late := r.numbers(d), r.numbers(d), r.numbers(2*d), r.numbers(2*d), r.numbers(6)
	if dim != d || r.bad || len(r.data) > 0 {
		return bad
	}
	copy(c.Mean, mean)
	copy(c.SD, sd)
	c.Done, c.Dropped = done, dropped
	c.Moments = &nn.Moments{Steps: steps, M: narrow(m), V: narrow(v)}
	copy(c.Late[0][:], late[:3])
	copy(c.Late[1][:], late[3:])
	return nil
}
