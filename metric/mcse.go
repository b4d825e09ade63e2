package metric

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// MCSEMean is the Monte Carlo standard error of the mean, sd/√ESSMean.
func MCSEMean(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	chains, e := inUnits(chains)
	_, v := meanVariance(flat(chains))
	return math.Ldexp(math.Sqrt(v/ESSMean(chains)), e)
}

// MCSESD is the Monte Carlo standard error of the standard deviation, without assuming a normal
// distribution: √((m₄ − m₂²)/(4 m₂ ESSSD)), m_k the central moments (Kenney and Keeping 1951, p. 141).
func MCSESD(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	chains, e := inUnits(chains)
	x := flat(chains)
	mean, _ := meanVariance(x)
	var m2, m4 float64
	for _, v := range x {
		d := (v - mean) * (v - mean)
		m2 += d
		m4 += d * d
	}
	m2, m4 = m2/float64(len(x)), m4/float64(len(x))
	return math.Ldexp(math.Sqrt((m4-m2*m2)/ESSSD(chains)/m2/4), e)
}

// MCSEQuantile is half the distance between the draws at the ends of the interval of probability .683 of
// the p-quantile, whose law is Beta(ESS·p+1, ESS·(1−p)+1).
func MCSEQuantile(chains [][]float64, p float64) float64 {
	e := ESSQuantile(chains, p)
	if math.IsNaN(e) {
		return e
	}
	all := sortedDraws(chains)
	s := float64(len(all))
	a := mathext.InvRegIncBeta(e*p+1, e*(1-p)+1, .1586553)
	b := mathext.InvRegIncBeta(e*p+1, e*(1-p)+1, .8413447)
	lo := all[int(max(math.Floor(a*s), 1))-1]
	hi := all[int(min(math.Ceil(b*s), s))-1]
	return (hi - lo) / 2
}

// EBFMI is the energy's Bayesian fraction of missing information of one chain, Σ(E_n − E_{n−1})²/Σ(E_n − Ē)²
// (Betancourt, arXiv:1604.00695): below .3 the momentum's resampling does not reach the tails.
func EBFMI(energy []float64) float64 {
	v, _ := ColumnEBFMI(InMemory([][]float64{energy}), 0) // memory has no errors
	return v
}

// ColumnEBFMI is EBFMI of one chain of a column of energies, in two passes.
func ColumnEBFMI(energy Column, chain int) (float64, error) {
	n := energy.Draws()
	if n < 2 {
		return math.NaN(), nil
	}
	block := make([]float64, min(n, blockDraws))
	each := func(f func(e float64)) error {
		for at := 0; at < n; at += len(block) {
			b := block[:min(len(block), n-at)]
			if err := energy.Read(b, chain, at); err != nil {
				return err
			}
			for _, e := range b {
				f(e)
			}
		}
		return nil
	}
	var mean, num, den float64
	before := math.NaN() // no draw before the first
	if err := each(func(e float64) { mean += e / float64(n) }); err != nil {
		return 0, err
	}
	err := each(func(e float64) {
		if before == before {
			num += (e - before) * (e - before)
		}
		den += (e - mean) * (e - mean)
		before = e
	})
	return num / den, err
}
