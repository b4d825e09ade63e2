package zoo

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
)

// mixture is Σ_k w_k N(m_k, s²I), normalised: log Z = 0.
type mixture struct {
	means   [][]float64
	weights []float64 // nil: equal
	sd      float64
}

func (m *mixture) weight(k int) float64 {
	if m.weights == nil {
		return 1 / float64(len(m.means))
	}
	return m.weights[k]
}

// smoothMixture is a compiled mixture that knows what it becomes under normal noise: the infer.Smoothed that
// denoising Markov chains need.
type smoothMixture struct {
	*target.Program
	parts infer.NormalMixture
}

// Smoothed implements infer.Smoothed.
func (m smoothMixture) Smoothed(ctx context.Context, logp []float64, grad, x ito.States, sigma []float64) error {
	return m.parts.Smoothed(ctx, logp, grad, x, sigma)
}

func (m *mixture) parts() infer.NormalMixture {
	var p infer.NormalMixture
	for k, mean := range m.means {
		v := make([]float64, len(mean))
		for j := range v {
			v[j] = m.sd * m.sd
		}
		p.Weights, p.Means, p.Vars = append(p.Weights, m.weight(k)), append(p.Means, mean), append(p.Vars, v)
	}
	return p
}

// open writes |x−m|² as |x|² − 2x·m + |m|²: one product of matrices for a batch.
func (m *mixture) open(pool *ad.Pool) (ito.Target, error) {
	d, k := len(m.means[0]), len(m.means)
	v := m.sd * m.sd
	slope, offset := make([]float64, d*k), make([]float64, k)
	for i, mean := range m.means {
		sq := 0.
		for j, c := range mean {
			slope[j*k+i] = c / v
			sq += c * c
		}
		offset[i] = math.Log(m.weight(i)) - sq/(2*v) - float64(d)*(math.Log(m.sd)+.5*math.Log(2*math.Pi))
	}
	p, err := target.Compile(d, pool, func(t *target.Trace) ad.Value {
		logits := ad.Add(ad.MatMul(t.X, t.Data(slope, d, k)), t.Data(offset))
		return ad.Sub(ad.LogSumExp(logits, 0), ad.Scale(ad.Sum(ad.Square(t.X)), .5/v))
	})
	if err != nil {
		return nil, err
	}
	return smoothMixture{p, m.parts()}, nil
}

func (m *mixture) truth() Truth {
	w := make([]float64, len(m.means))
	for k := range w {
		w[k] = m.weight(k)
	}
	return Truth{Modes: m.means, Weights: w, Sample: m.sample}
}

func (m *mixture) sample(dst ito.States, seed uint64) {
	key := rng.NewKey(seed, rng.PurposeTarget, 0, 0)
	key.Normals64(dst.X, dst.D, dst.ID)
	u := make([]float64, dst.N)
	key.Uniforms64(u, 1, dst.ID)
	for i := range dst.N {
		k := 0
		for rest := u[i] - m.weight(0); rest > 0 && k < len(m.means)-1; rest -= m.weight(k) {
			k++
		}
		for j, c := range m.means[k] {
			dst.X[i*dst.D+j] = c + m.sd*dst.X[i*dst.D+j]
		}
	}
}

func lattice(at ...float64) [][]float64 {
	var means [][]float64
	for _, a := range at {
		for _, b := range at {
			means = append(means, []float64{a, b})
		}
	}
	return means
}

var (
	twoModes = &mixture{means: [][]float64{{-5}, {5}}, weights: []float64{.1, .9}, sd: 1}
	grid9    = &mixture{means: lattice(-5, 0, 5), sd: math.Sqrt(.3)}
	grid16   = &mixture{means: lattice(-15, -5, 5, 15), sd: 1}
	// The covariance factor of FAB is softplus(1) times the identity.
	fab40    = &mixture{means: fabMeans(40, 2), sd: math.Log1p(math.E)}
	vsm40    = &mixture{means: vsmMeans(40, 2), sd: 1}
	vsm40x50 = &mixture{means: vsmMeans(40, 50), sd: 1}
)
