package wrap

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// cutFeature bounds c(t); e^{±10} is noise of 22026 times the data or the reverse.
const cutFeature = 10

// ratio is log(σ/α) of mode k.
func (s schedule) ratio(k int) float64 { return math.Log(s.sigma[k] / s.alpha[k]) }

// feature is c(t).
func (c *Moments) feature(s schedule) float64 {
	if c.modes == 1 {
		f := [1]float64{s.ratio(0)}
		c.features(f[:])
		return f[0]
	}
	terms := make([]float64, c.d)
	c.featureTerms(terms, s)
	sum := 0.0
	for _, v := range terms {
		sum += v
	}
	return sum / float64(c.d)
}

// features replaces each log(σ/α) of a schedule of one mode by its c(t). Every sum has the order of the modes.
func (c *Moments) features(ratio []float64) {
	simd.CutSums64(ratio, c.log, cutFeature)
	for i := range ratio {
		ratio[i] /= float64(c.d)
	}
}

// featureTerms writes log(σ/(α√s0)) of every mode, cut.
func (c *Moments) featureTerms(terms []float64, s schedule) {
	const block = 128
	var room [block]float64
	for at := 0; at < len(terms); at += block {
		end := min(at+block, len(terms))
		ratio := room[:end-at]
		simd.Div64(ratio, s.sigma[at:end], s.alpha[at:end])
		simd.MathLog64(terms[at:end], ratio)
		simd.Sub64(terms[at:end], terms[at:end], c.log[at:end])
		simd.MinS64(terms[at:end], terms[at:end], cutFeature)
		simd.MaxS64(terms[at:end], terms[at:end], -cutFeature)
	}
}

// featureRows computes c(t) of several rows of a schedule of many modes: their sums, each in the order of the modes, go
// side by side, since one alone waits for its additions.
type featureRows struct {
	of    *Moments
	terms [featureSide][]float64
	to    [featureSide]int
	n     int
}

const featureSide = 4

func (c *Moments) newFeatureRows() *featureRows {
	r, all := &featureRows{of: c}, make([]float64, featureSide*c.d)
	for i := range r.terms {
		r.terms[i] = all[i*c.d : (i+1)*c.d]
	}
	return r
}

// add takes the schedule of row i, whose feature feat[i] is set now or by a later call.
func (r *featureRows) add(feat []float64, i int, s schedule) {
	r.of.featureTerms(r.terms[r.n], s)
	r.to[r.n] = i
	if r.n++; r.n == featureSide {
		r.flush(feat)
	}
}

// flush sets the features of all rows.
func (r *featureRows) flush(feat []float64) {
	if r.n == 0 {
		return
	}
	d := r.of.d // of fewer rows than four, the others are left over
	x, y, z, w := r.terms[0][:d], r.terms[1][:d], r.terms[2][:d], r.terms[3][:d]
	var sum [featureSide]float64
	for k, v := range x {
		sum[0] += v
		sum[1] += y[k]
		sum[2] += z[k]
		sum[3] += w[k]
	}
	for i := range r.n {
		feat[r.to[i]] = sum[i] / float64(d)
	}
	r.n = 0
}

// cut is v within ±cutFeature.
func cut(v float64) float64 {
	if v > cutFeature {
		return cutFeature
	}
	if v < -cutFeature {
		return -cutFeature
	}
	return v
}
