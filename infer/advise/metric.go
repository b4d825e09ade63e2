package advise

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/approx"
	"github.com/seed9a7962a8/ito/infer/mcmc"
)

// mostMetric is the greatest dimension in which the pilot of [Metric] looks at all second derivatives.
const mostMetric = 400

// Metric chooses the metric of nuts and hmc where the settings leave it open and there are more dimensions than those
// in which it is dense anyway, 21 to 400. A diagonal metric takes the parameters' own scales away and leaves their
// correlations: with the axes of the posterior, in these scales, between sd a and b, a trajectory of one length has
// some b/a steps. So the pilot climbs to the mode, takes the second derivatives there, and sets s.Metric to dense where
// b/a is more than twice what a dense metric leaves, which its estimate from n draws, half of the warm-up, has in d
// dimensions: (1+√(d/n))/(1−√(d/n)) (Marchenko and Pastur). why is empty where nothing was decided, also where the
// density has no peak. Cost: four ascents and some 8d gradients.
func Metric(ctx context.Context, m infer.Method, t ito.Target, s *infer.Settings) (why string, err error) {
	d, n := t.Dim(), float64(s.WarmupSteps())/2
	if m.Name != "nuts" && m.Name != "hmc" || s.Metric != "" && s.Metric != "auto" || d <= mcmc.DenseLimit ||
		d > mostMetric || float64(2*d) > n {
		return "", nil
	}
	if c, ok := t.(Counted); ok && c.Operations() > costLimit {
		return "", nil
	}
	k := approx.Mode{Ascent: approx.Ascent{Most: 300, Starts: s.Starts}}
	state := infer.NewState(k, 1, d, 0)
	if _, err := infer.Run(ctx, t, k, state, infer.RunOptions{Seed: s.Seed}); err != nil {
		if errors.Is(err, ito.ErrInput) { // no peak, or no start, of which the sampler will speak
			err = nil
		}
		return "", err
	}
	axes := uneven(state.Var("covariance"), d)
	ratio := math.Sqrt(float64(d) / n)
	if left := (1 + ratio) / (1 - ratio); !(axes > 2*left) {
		return "", nil
	}
	s.Metric = "dense"
	return fmt.Sprintf("metric dense: at the mode the parameters are so correlated that, in their own scales, the "+
		"widest axis is %.0f times the narrowest, which a diagonal metric would pay for in steps", axes), nil
}

// uneven is the ratio of the widest to the narrowest axis of a correlation matrix, NaN where there is none.
func uneven(cov []float64, d int) float64 {
	if len(cov) != d*d || !infer.AllFinite(cov) {
		return math.NaN()
	}
	c := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			c.SetSym(i, j, cov[i*d+j]/math.Sqrt(cov[i*d+i]*cov[j*d+j]))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(c, false) {
		return math.NaN()
	}
	v := e.Values(nil)
	return math.Sqrt(v[d-1] / v[0])
}
