package metric

import "math"

// Summary says what the chains of one quantity tell of it: location, scale, quantiles, and whether to believe them.
type Summary struct {
	Name     string  `json:"name"`
	Mean     float64 `json:"mean"`
	Median   float64 `json:"median"`
	SD       float64 `json:"sd"` // divided by n−1
	Q5       float64 `json:"q5"`
	Q95      float64 `json:"q95"`
	RHat     float64 `json:"rhat"`
	ESSBulk  float64 `json:"ess_bulk"`
	ESSTail  float64 `json:"ess_tail"`
	MCSEMean float64 `json:"mcse_mean"`
	MCSESD   float64 `json:"mcse_sd"`
}

// Summarise computes the summary of one quantity from the draws of its chains, one slice a chain. What is not
// defined is NaN. See [RHat].
func Summarise(name string, chains [][]float64) Summary {
	s := Summary{Name: name}
	all := sortedDraws(chains)
	if len(all) == 0 {
		nan := math.NaN()
		return Summary{name, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan}
	}
	unit, e := inUnits(chains)
	mean, variance := meanVariance(flat(unit))
	s.Mean, s.SD = math.Ldexp(mean, e), math.Ldexp(math.Sqrt(variance), e)
	s.Median, s.Q5, s.Q95 = quantile(all, .5), quantile(all, .05), quantile(all, .95)
	s.RHat, s.ESSBulk, s.ESSTail = RHat(chains), ESSBulk(chains), ESSTail(chains)
	s.MCSEMean, s.MCSESD = MCSEMean(chains), MCSESD(chains)
	return s
}

// Converged applies the usual thresholds: R̂ ≤ 1.01 and bulk and tail ESS of 100 a chain or more.
func (s Summary) Converged(chains int) bool {
	least := 100 * float64(chains)
	return s.RHat <= 1.01 && s.ESSBulk >= least && s.ESSTail >= least
}
