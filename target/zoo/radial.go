package zoo

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
)

// radial is a density of two dimensions that depends on r = ‖x‖ alone, and is negligible beyond reach.
type radial struct {
	log   func(r float64) float64
	trace func(r ad.Value) ad.Value
	reach float64
}

// ringsPIS is −100 min_k (r−c_k)², c = 1, 3, 5.
var ringsPIS = radial{
	log: func(r float64) float64 {
		d := min(math.Abs(r-1), math.Abs(r-3), math.Abs(r-5))
		return -100 * d * d
	},
	trace: func(r ad.Value) ad.Value {
		sq := func(c float64) ad.Value { return ad.Square(ad.Shift(r, -c)) }
		return ad.Scale(ad.Min(sq(1), ad.Min(sq(3), sq(5))), -100)
	},
	reach: 6.5,
}

// ringsVSM is log(cos r + 1.001) up to r = 4.5π, and 4.5π − r beyond.
var ringsVSM = radial{
	log: func(r float64) float64 {
		if r <= 4.5*math.Pi {
			return math.Log(math.Cos(r) + 1.001)
		}
		return 4.5*math.Pi - r
	},
	trace: func(r ad.Value) ad.Value {
		edge := ad.Shift(ad.Zeros(r), 4.5*math.Pi)
		inner := ad.Log(ad.Shift(ad.Cos(ad.Min(r, edge)), 1.001))
		return ad.Select(ad.LessEqual(r, edge), inner, ad.Sub(edge, r))
	},
	reach: 4.5*math.Pi + 45,
}

// norm is ‖x‖ with a gradient at the origin.
func norm(x ad.Value) ad.Value { return ad.Sqrt(ad.Shift(ad.Sum(ad.Square(x)), 1e-300)) }

func (r radial) open(pool *ad.Pool) (ito.Target, error) {
	return target.Compile(2, pool, func(t *target.Trace) ad.Value { return r.trace(norm(t.X)) })
}

func (r radial) truth() Truth {
	tab := tabulate(0, r.reach, func(x float64) float64 { return r.log(x) + math.Log(x) })
	return Truth{LogZ: tab.logZ + math.Log(2*math.Pi), Sample: func(dst ito.States, seed uint64) {
		u := make([]float64, 2*dst.N)
		rng.NewKey(seed, rng.PurposeTarget, 0, 0).Uniforms64(u, 2, dst.ID)
		for i := range dst.N {
			rad := tab.quantile(u[2*i])
			sin, cos := math.Sincos(2 * math.Pi * u[2*i+1])
			dst.X[2*i], dst.X[2*i+1] = rad*cos, rad*sin
		}
	}}
}

// openMoons is −½((‖x‖−2)/.2)² + log Σ_± exp(−½((x_1∓2)/.3)²).
func openMoons(pool *ad.Pool) (ito.Target, error) {
	return target.Compile(2, pool, func(t *target.Trace) ad.Value {
		a := ad.At(t.X, 0, 0)
		bump := func(c float64) ad.Value { return ad.Scale(ad.Square(ad.Scale(ad.Shift(a, -c), 1/.3)), -.5) }
		ring := ad.Scale(ad.Square(ad.Scale(ad.Shift(norm(t.X), -2), 5)), -.5)
		return ad.Add(ring, ad.LogSumExp(ad.Stack(0, bump(2), bump(-2)), 0))
	})
}

// moonsTruth draws from the ring and keeps a point with the probability of its two bumps, whose sum stays
// below 1 + 2e^{−22}.
func moonsTruth() Truth {
	tab := tabulate(0, 4, func(r float64) float64 { return -.5*(r-2)*(r-2)*25 + math.Log(r) })
	return Truth{LogZ: .804214, Modes: [][]float64{{-2, 0}, {2, 0}}, Weights: []float64{.5, .5},
		Sample: func(dst ito.States, seed uint64) {
			u := make([]float64, 3)
			for i := range dst.N {
				for try := uint32(0); ; try++ {
					rng.NewKey(seed, rng.PurposeTarget, 0, try).Uniforms64(u, 3, dst.ID[i:i+1])
					r := tab.quantile(u[0])
					sin, cos := math.Sincos(2 * math.Pi * u[1])
					x := r * cos
					if u[2] < math.Exp(-.5*(x-2)*(x-2)/.09)+math.Exp(-.5*(x+2)*(x+2)/.09) {
						dst.X[2*i], dst.X[2*i+1] = x, r*sin
						break
					}
				}
			}
		}}
}
