package model

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/target"
)

// NormalPrior implements target.Priored: the product of the priors, where each is normal(mu, sigma) or
// multi_normal(mu, …) of numbers that are known before sampling, on a parameter without bounds. What target adds
// and what observe says belong to the likelihood.
func (m *Model) NormalPrior() (target.Normal, error) {
	out := target.Normal{}
	for _, p := range m.params {
		if p.law == nil {
			return target.Normal{}, fmt.Errorf("the prior of parameter %q is not a normal distribution with a known "+
				"mean and covariance on all real numbers", p.name)
		}
		from := len(out.Mean)
		out.Mean, out.SD = append(out.Mean, p.law.Mean...), append(out.SD, p.law.SD...)
		for _, b := range p.law.Blocks {
			b.From += from
			out.Blocks = append(out.Blocks, b)
		}
	}
	return out, nil
}

// normalLaw is the normal distribution of a parameter of the given shape; nil where it is none, or is known only to
// the sampler.
func (d *distribution) normalLaw(shape []int) *target.Normal {
	n := size(shape)
	known := func(i int) []float64 {
		if a, ok := d.args[i].(*tensor); ok && a.isData() {
			return repeated(a, shape)
		}
		return nil
	}
	switch {
	case d.name == "normal":
		law := &target.Normal{Mean: known(0), SD: known(1)}
		if law.Mean == nil || law.SD == nil {
			return nil
		}
		return law
	case d.name == "multi_normal" && len(d.args) == 4: // of data, see multiNormal
		mean, lower := known(0), d.args[3].(*tensor)
		k := lower.shape[0]
		if mean == nil || n%k != 0 {
			return nil
		}
		law := &target.Normal{Mean: mean, SD: make([]float64, n)}
		for from := 0; from < n; from += k {
			law.Blocks = append(law.Blocks, target.NormalBlock{From: from, K: k, Lower: lower.x})
		}
		return law
	}
	return nil
}

// repeated is data broadcast to a shape, nil where it does not fit.
func repeated(a *tensor, shape []int) []float64 {
	lead := len(shape) - len(a.shape)
	if lead < 0 {
		return nil
	}
	for i, k := range a.shape {
		if k != 1 && k != shape[lead+i] {
			return nil
		}
	}
	out := make([]float64, size(shape))
	index := slices.Repeat([]int{0}, len(shape))
	for i := range out {
		at := 0
		for j, k := range a.shape {
			at = at*k + min(index[lead+j], k-1)
		}
		out[i] = a.x[at]
		for j := len(index) - 1; j >= 0; j-- {
			if index[j]++; index[j] < shape[j] {
				break
			}
			index[j] = 0
		}
	}
	return out
}
