package learn

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// Pairs is what an interpolant lies between: the rows x_0 of its sampled end and x_1 of its drawn end.
type Pairs struct {
	X0 ito.States
	X1 ito.States // N = 0: drawn from Prior
	// Prior is the law of x_1 where it has no rows; nil: N(0,I).
	Prior *ito.Gaussian
	// Coupled: row i of X0 belongs to row i of X1. Otherwise the ends are drawn independently.
	Coupled bool
	Cond    ito.Cond // of the rows of X0; the zero value: none
}

func (p Pairs) check() error {
	if err := (Data{p.X0, p.Cond}).check(); err != nil {
		return err
	}
	bad := func(format string, args ...any) error {
		return &ito.InputError{Where: "drawn end", What: fmt.Sprintf(format, args...)}
	}
	d := p.X0.D
	if p.X1.N == 0 {
		if p.Coupled {
			return bad("there are no rows to couple with")
		}
		if g := p.Prior; g != nil && (len(g.Mean) != d || len(g.Cov) != d*d) {
			return bad("%d means and %d covariances are no prior of dimension %d", len(g.Mean), len(g.Cov), d)
		}
		return nil
	}
	if p.Prior != nil {
		return bad("it has both rows and a prior")
	}
	if err := (Data{X: p.X1}).check(); err != nil {
		return err
	}
	switch {
	case p.X1.D != d:
		return bad("its rows have dimension %d, those of the sampled end %d", p.X1.D, d)
	case p.Coupled && p.X1.N != p.X0.N:
		return bad("it has %d rows, the sampled end %d, and each belongs to one", p.X1.N, p.X0.N)
	}
	return nil
}

// prior is the law of x_1 where it has no rows.
func (p Pairs) prior() ito.Gaussian {
	if p.Prior != nil {
		return *p.Prior
	}
	d := p.X0.D
	g := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d*d)}
	for i := range d {
		g.Cov[i*d+i] = 1
	}
	return g
}

// moments are those of (x_0,x_1); independent ends have no covariance, whatever a sample of them has.
func (p Pairs) moments(mirror bool) (ito.Gaussian, error) {
	d := p.X0.D
	g0, err := metric.Moments(p.X0)
	if err != nil {
		return g0, err
	}
	g1 := p.prior()
	switch {
	case mirror:
		g1 = g0
	case p.X1.N > 0:
		if g1, err = metric.Moments(p.X1); err != nil {
			return g1, err
		}
	}
	cross := make([]float64, d*d)
	switch {
	case mirror:
		copy(cross, g0.Cov)
	case p.Coupled:
		for i := range p.X0.N {
			for a, x := range p.X0.Row(i) {
				for b, y := range p.X1.Row(i) {
					cross[a*d+b] += float64((x-g0.Mean[a])*(y-g1.Mean[b])) / float64(p.X0.N)
				}
			}
		}
	}
	out := ito.Gaussian{Mean: append(append([]float64(nil), g0.Mean...), g1.Mean...), Cov: make([]float64, 4*d*d)}
	for a := range d {
		for b := range d {
			out.Cov[a*2*d+b], out.Cov[(d+a)*2*d+d+b] = g0.Cov[a*d+b], g1.Cov[a*d+b]
			out.Cov[a*2*d+d+b], out.Cov[(d+b)*2*d+a] = cross[a*d+b], cross[a*d+b]
		}
	}
	return out, nil
}

// pairBatch draws and prepares the rows of one training step, addressed as those of batch.
type pairBatch struct {
	*wrap.PairBatch
	cond      []float32 // [N,C], zeros where dropped
	x0, x1, z ito.States
	t         ito.Times
	drop      []float64
}

func newPairBatch(n int, p Pairs, heads int) *pairBatch {
	d := p.X0.D
	b := &pairBatch{PairBatch: wrap.NewPairBatch(n, d, heads), cond: make([]float32, n*p.Cond.C), x0: ito.NewStates(n, d, 0), t: make(ito.Times, n)}
	b.x1, b.z = b.x0.Like(d), b.x0.Like(d)
	if p.Cond.C > 0 {
		b.drop = make([]float64, n)
	}
	return b
}

// fill draws rows with replacement, noise, times and dropped conditions of step, and prepares them. With antithetic every
// second row is the one before with the noise's sign turned.
func (b *pairBatch) fill(p Pairs, s *wrap.Pairs, clock clock, antithetic, mirror bool, seed uint64, step uint32, dropout float64) error {
	ids := b.x0.ID
	rows, others := rng.NewKey(seed, rng.PurposeData, step, 0), rng.NewKey(seed, rng.PurposeData, step, 1)
	if b.drop != nil {
		rng.NewKey(seed, rng.PurposeDropout, step, 0).Uniforms64(b.drop, 1, ids)
	}
	if p.X1.N == 0 && !mirror {
		if err := field.Gaussian(p.prior()).Draw(b.x1, stepNoise{seed, step}); err != nil {
			return err
		}
	}
	rng.NewKey(seed, rng.PurposePath, step, 0).Normals64(b.z.X, b.z.D, ids)
	clock.draw(b.t, ids, seed, step)
	c := p.Cond.C
	for i, id := range ids {
		cond := b.cond[i*c : (i+1)*c]
		if antithetic && i%2 == 1 {
			copy(b.x0.Row(i), b.x0.Row(i-1))
			copy(b.x1.Row(i), b.x1.Row(i-1))
			copy(cond, b.cond[(i-1)*c:i*c])
			b.t[i] = b.t[i-1]
			for k, z := range b.z.Row(i - 1) {
				b.z.Row(i)[k] = -z
			}
			continue
		}
		r := rows.Intn(id, 0, p.X0.N)
		copy(b.x0.Row(i), p.X0.Row(r))
		switch {
		case mirror:
			copy(b.x1.Row(i), b.x0.Row(i))
		case p.Coupled:
			copy(b.x1.Row(i), p.X1.Row(r))
		case p.X1.N > 0:
			copy(b.x1.Row(i), p.X1.Row(others.Intn(id, 0, p.X1.N)))
		}
		clear(cond)
		if b.drop != nil && b.drop[i] >= dropout {
			for k, v := range p.Cond.Row(r) {
				cond[k] = float32(v)
			}
		}
	}
	return s.Prepare(b.PairBatch, b.x0, b.x1, b.z, b.t)
}

// stepNoise is the noise of a training step.
type stepNoise struct {
	seed uint64
	step uint32
}

// Normal implements ito.Noise.
func (n stepNoise) Normal(dst ito.States, _ rng.Purpose, _, sub uint32) {
	ito.Seed(n.seed).Normal(dst, rng.PurposePrior, n.step, sub)
}

// Uniform implements ito.Noise.
func (n stepNoise) Uniform(dst ito.States, _ rng.Purpose, _, sub uint32) {
	ito.Seed(n.seed).Uniform(dst, rng.PurposePrior, n.step, sub)
}
