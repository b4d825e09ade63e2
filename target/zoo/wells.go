package zoo

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/dist"
)

// doubleWell is −Σ_{i<wells} (x_i²−δ)² − ½Σ_{i≥wells} x_i².
type doubleWell struct {
	d, wells int
	delta    float64
}

func (w doubleWell) open(pool *ad.Pool) (ito.Target, error) {
	return target.Compile(w.d, pool, func(t *target.Trace) ad.Value {
		lp := ad.Neg(ad.Sum(ad.Square(ad.Shift(ad.Square(ad.Slice(t.X, 0, 0, w.wells)), -w.delta))))
		if w.wells < w.d {
			lp = ad.Sub(lp, ad.Scale(ad.Sum(ad.Square(ad.Slice(t.X, 0, w.wells, w.d))), .5))
		}
		return lp
	})
}

func (w doubleWell) truth() Truth {
	tab := tabulate(-6, 6, func(x float64) float64 { return -(x*x - w.delta) * (x*x - w.delta) })
	truth := Truth{LogZ: float64(w.wells)*tab.logZ + .5*float64(w.d-w.wells)*math.Log(2*math.Pi)}
	for signs := range 1 << w.wells {
		m := make([]float64, w.d)
		for i := range w.wells {
			m[i] = math.Sqrt(w.delta) * float64(signs>>i&1*2-1)
		}
		truth.Modes = append(truth.Modes, m)
		truth.Weights = append(truth.Weights, 1/float64(int(1)<<w.wells))
	}
	truth.Sample = product(func(i int) *table {
		if i < w.wells {
			return tab
		}
		return nil
	})
	return truth
}

// product draws coordinate i from a table, or from N(0,1) where there is none.
func product(of func(i int) *table) func(dst ito.States, seed uint64) {
	return func(dst ito.States, seed uint64) {
		key := rng.NewKey(seed, rng.PurposeTarget, 0, 0)
		key.Normals64(dst.X, dst.D, dst.ID)
		u := make([]float64, len(dst.X))
		key.Uniforms64(u, dst.D, dst.ID)
		for i := range dst.X {
			if tab := of(i % dst.D); tab != nil {
				dst.X[i] = tab.quantile(u[i])
			}
		}
	}
}

// openManyWell is Σ_{i<16} −x_{2i}⁴ + 6x_{2i}² + ½x_{2i} − ½x_{2i+1}².
func openManyWell(pool *ad.Pool) (ito.Target, error) {
	return target.Compile(32, pool, func(t *target.Trace) ad.Value {
		x, y := ad.SliceStep(t.X, 0, 0, 32, 2), ad.SliceStep(t.X, 0, 1, 32, 2)
		x2 := ad.Square(x)
		well := ad.Add(ad.Sub(ad.Scale(x2, 6), ad.Square(x2)), ad.Scale(x, .5))
		return ad.Sum(ad.Sub(well, ad.Scale(ad.Square(y), .5)))
	})
}

func manyWellTruth() Truth {
	tab := tabulate(-6, 6, func(x float64) float64 { return -x*x*x*x + 6*x*x + x/2 })
	return Truth{LogZ: 16 * (tab.logZ + .5*math.Log(2*math.Pi)), Sample: product(func(i int) *table {
		if i%2 == 0 {
			return tab
		}
		return nil
	})}
}

// openFunnel is N(x_1; 0, 9) Π N(x_i; 0, e^{x_1}), log Z = 0.
func openFunnel(pool *ad.Pool) (ito.Target, error) {
	return target.Compile(10, pool, func(t *target.Trace) ad.Value {
		zero, three := t.G.Scalar(ad.F64, 0), t.G.Scalar(ad.F64, 3)
		v, x := ad.At(t.X, 0, 0), ad.Slice(t.X, 0, 1, 10)
		rest := ad.Sum(ad.Square(x))
		// Σ log N(x_i; 0, e^v) = −½e^{−v}Σx² − 9v/2 − (9/2) log 2π.
		lp := ad.Shift(ad.Sub(ad.Scale(ad.Mul(ad.Exp(ad.Neg(v)), rest), -.5), ad.Scale(v, 4.5)),
			-4.5*math.Log(2*math.Pi))
		return ad.Add(lp, dist.Normal(v, zero, three))
	})
}

func funnelTruth() Truth {
	return Truth{
		Sample: func(dst ito.States, seed uint64) {
			ito.Seed(seed).Normal(dst, rng.PurposeTarget, 0, 0)
			for i := range dst.N {
				r := dst.Row(i)
				r[0] *= 3
				for k := 1; k < len(r); k++ {
					r[k] *= math.Exp(r[0] / 2)
				}
			}
		},
		Normalise: func(x []float64) {
			for k := 1; k < len(x); k++ {
				x[k] *= math.Exp(-x[0] / 2)
			}
			x[0] /= 3
		},
	}
}
