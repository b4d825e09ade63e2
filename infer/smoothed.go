package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"

	"gonum.org/v1/gonum/floats"
)

// NormalMixture is Σ w_k N(m_k, v_k), diagonal variances, as a Target and as a [mcmc.Smoothed] density, which is the
// mixture with variances v_k + σ².
type NormalMixture struct {
	Weights []float64   // [K], need not sum to 1
	Means   [][]float64 // [K][D]
	Vars    [][]float64 // [K][D]
}

// Dim implements ito.Target.
func (m NormalMixture) Dim() int { return len(m.Means[0]) }

// LogDensity implements ito.Target.
func (m NormalMixture) LogDensity(ctx context.Context, dst []float64, x ito.States) error {
	return m.Smoothed(ctx, dst, ito.States{}, x, nil)
}

// Gradient implements ito.Target.
func (m NormalMixture) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	return m.Smoothed(ctx, logp, grad, x, nil)
}

// Smoothed implements Smoothed; no sigma means none.
func (m NormalMixture) Smoothed(_ context.Context, logp []float64, grad, x ito.States, sigma []float64) error {
	l := make([]float64, len(m.Weights))
	for i := range x.N {
		σ2, r := 0., x.Row(i)
		if sigma != nil {
			σ2 = sigma[i] * sigma[i]
		}
		for k, w := range m.Weights {
			l[k] = math.Log(w)
			for j, v := range r {
				s := m.Vars[k][j] + σ2
				l[k] -= (v-m.Means[k][j])*(v-m.Means[k][j])/(2*s) + math.Log(2*math.Pi*s)/2
			}
		}
		logp[i] = metric.LogSumExp(l)
		if grad.N == 0 {
			continue
		}
		g := grad.Row(i)
		clear(g)
		for k := range l {
			w := math.Exp(l[k] - logp[i])
			for j, v := range r {
				g[j] += w * (m.Means[k][j] - v) / (m.Vars[k][j] + σ2)
			}
		}
	}
	return nil
}

// HVP implements ito.HVPer: with the parts' shares w, g_k = (m_k−x)/v_k and g = Σw_k g_k, Σ w_k(g_k(g_k·v) − v/v_k)
// − g(g·v).
func (m NormalMixture) HVP(ctx context.Context, hv, x, v ito.States) error {
	logp, grad := make([]float64, x.N), x.Like(x.D)
	if err := m.Smoothed(ctx, logp, grad, x, nil); err != nil {
		return err
	}
	for i := range x.N {
		r, q, h := x.Row(i), v.Row(i), hv.Row(i)
		along := floats.Dot(grad.Row(i), q)
		for j, g := range grad.Row(i) {
			h[j] = -g * along
		}
		for k, w := range m.Weights {
			l, slope := math.Log(w)-logp[i], 0.
			for j, y := range r {
				s := m.Vars[k][j]
				l -= (y-m.Means[k][j])*(y-m.Means[k][j])/(2*s) + math.Log(2*math.Pi*s)/2
				slope += (m.Means[k][j] - y) / s * q[j]
			}
			w := math.Exp(l)
			for j, y := range r {
				h[j] += w * ((m.Means[k][j]-y)*slope - q[j]) / m.Vars[k][j]
			}
		}
	}
	return nil
}
