package learn

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/rng"
)

// Drawn is the drawn end of an interpolant: rows, or a normal law. The zero value is N(0,I).
type Drawn struct {
	X ito.States // N = 0: drawn from Prior
	// Prior is the law of x_1 where it has no rows; nil: N(0,I).
	Prior *ito.Gaussian
	// Coupled: row i belongs to example i of the source, which is an [ito.Coupled]. Otherwise the ends are drawn
	// independently.
	Coupled bool
}

func (p Drawn) check(src ito.Source) error {
	bad := func(format string, args ...any) error {
		return &ito.InputError{Where: "drawn end", What: fmt.Sprintf(format, args...)}
	}
	d := src.Space().Dim()
	if p.X.N == 0 {
		if p.Coupled {
			return bad("there are no rows to couple with")
		}
		if g := p.Prior; g != nil && (len(g.Mean) != d || g.Check("drawn end") != nil) {
			return bad("%d means and %d covariances are no prior of dimension %d", len(g.Mean), len(g.Cov), d)
		}
		return nil
	}
	if p.Prior != nil {
		return bad("it has both rows and a prior")
	}
	if err := (Data{X: p.X}).Check(); err != nil {
		return err
	}
	_, ordered := src.(ito.Coupled)
	switch {
	case p.X.D != d:
		return bad("its rows have dimension %d, those of the sampled end %d", p.X.D, d)
	case p.Coupled && !ordered:
		return bad("the rows of the sampled end have no order to couple by")
	case p.Coupled && p.X.N != src.Len():
		return bad("it has %d rows, the sampled end %d, and each belongs to one", p.X.N, src.Len())
	}
	return nil
}

// prior is the law of x_1 where it has no rows.
func (p Drawn) prior(d int) ito.Gaussian {
	if p.Prior != nil {
		return *p.Prior
	}
	return ito.StandardNormal(d)
}

// moments are those of (x_0,x_1); independent ends have no covariance, whatever a sample of them has. Only
// covariances of a column with itself and with its partner are looked at, of which ends by columns have those of
// themselves.
func (p Drawn) moments(src ito.Source, mirror bool) (ito.Gaussian, error) {
	d := src.Space().Dim()
	g0, err := momentsOf(src)
	if err != nil {
		return g0, err
	}
	g1 := p.prior(d)
	switch {
	case mirror:
		g1 = g0
	case p.X.N > 0:
		if g1, err = momentsOf(Data{X: p.X}); err != nil {
			return g1, err
		}
	}
	mean := append(append([]float64(nil), g0.Mean...), g1.Mean...)
	if d > fullMoments {
		out := ito.Gaussian{Mean: mean, Cov: make([]float64, 2*d)}
		for k := range d {
			out.Cov[k], out.Cov[d+k] = g0.Variance(k), g1.Variance(k)
		}
		return out, nil
	}
	out := ito.Gaussian{Mean: mean, Cov: make([]float64, 4*d*d)}
	cross := make([]float64, d*d)
	switch {
	case mirror:
		for a := range d {
			for b := range d {
				cross[a*d+b] = g0.Covariance(a, b)
			}
		}
	case p.Coupled:
		if err := p.cross(cross, src, g0, g1); err != nil {
			return out, err
		}
	}
	for a := range d {
		for b := range d {
			out.Cov[a*2*d+b], out.Cov[(d+a)*2*d+d+b] = g0.Covariance(a, b), g1.Covariance(a, b)
			out.Cov[a*2*d+d+b], out.Cov[(d+b)*2*d+a] = cross[a*d+b], cross[a*d+b]
		}
	}
	return out, nil
}

// columnCross are the covariances of each column of ends that belong together with its partner, for moments by columns;
// nil where m has them or where there are none.
func (p Drawn) columnCross(src ito.Source, m ito.Gaussian, mirror bool) ([]float64, error) {
	d := src.Space().Dim()
	if !m.PerColumn() || !mirror && !p.Coupled {
		return nil, nil
	}
	if mirror {
		return append([]float64(nil), m.Cov[:d]...), nil
	}
	cross := make([]float64, d)
	for from := 0; from < p.X.N; from += momentChunk {
		x := ito.NewStates(min(momentChunk, p.X.N-from), d, 0)
		if err := src.Read(x, make([]float64, x.N*src.CondWidth()), from); err != nil {
			return nil, err
		}
		for i := range x.N {
			y := p.X.Row(from + i)
			for k, v := range x.Row(i) {
				cross[k] += float64((v-m.Mean[k])*(y[k]-m.Mean[d+k])) / float64(p.X.N)
			}
		}
	}
	return cross, nil
}

// cross adds up the covariances of coupled rows.
func (p Drawn) cross(dst []float64, src ito.Source, g0, g1 ito.Gaussian) error {
	d := p.X.D
	x, cond := ito.NewStates(1, d, 0), make([]float64, src.CondWidth())
	for i := range p.X.N {
		if err := src.Read(x, cond, i); err != nil {
			return err
		}
		for a, v := range x.X {
			for b, y := range p.X.Row(i) {
				dst[a*d+b] += float64((v-g0.Mean[a])*(y-g1.Mean[b])) / float64(p.X.N)
			}
		}
	}
	return nil
}

// fill draws the ends x1 that go with the rows of a step.
func (p Drawn) fill(x1 ito.States, rows *batch, step uint32, mirror bool) error {
	switch {
	case mirror:
		copy(x1.X, rows.x0.X)
	case p.X.N == 0:
		return field.Gaussian(p.prior(x1.D)).Draw(x1, stepNoise{rows.seed, step})
	case p.Coupled:
		order := rows.source.(ito.Coupled)
		for i, id := range x1.ID {
			copy(x1.Row(i), p.X.Row(order.Example(rows.seed, step, id)))
		}
	default:
		others := rng.NewKey(rows.seed, rng.PurposeData, step, 1)
		for i, id := range x1.ID {
			copy(x1.Row(i), p.X.Row(others.Intn(id, 0, p.X.N)))
		}
	}
	return nil
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
