package forecast

import (
	"errors"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast/score"
)

func asInput(err error, bad **ito.InputError, not **ito.UnsupportedError) bool {
	return errors.As(err, bad) || errors.As(err, not)
}

// compare forms the ratios to the yardstick, and the verdict.
func (r *BacktestReport) compare() {
	var naive []float64
	for i := range r.Models {
		if r.Models[i].Model == yardstick {
			naive = r.Models[i].loss
		}
	}
	for i := range r.Models {
		m := &r.Models[i]
		if len(m.loss) != len(naive) {
			continue
		}
		ratios := make([]float64, len(naive))
		for k := range naive {
			ratios[k] = m.loss[k] / naive[k]
		}
		g, n := score.GeometricMean(ratios)
		m.Ratio, m.Of = finite(g), n
	}
	r.Verdict, r.Against, r.Best = verdict(r.Models)
}

// verdict is a sentence about the scores alone: whether the best method that learns beats the best baseline, by the
// geometric mean over forecasts of the ratio of their losses, by more than two standard errors. A tie is a loss.
func verdict(models []ModelScores) (text string, against bool, best string) {
	var learnt, base *ModelScores
	for i := range models {
		m := &models[i]
		at := &learnt
		if m.Baseline {
			at = &base
		}
		if m.Ratio != nil && (*at == nil || *m.Ratio < *(*at).Ratio) {
			*at = m
		}
	}
	switch {
	case base == nil && learnt == nil:
		return "nothing can be compared: no forecast has a loss above 0 beside the seasonal naive's", false, ""
	case learnt == nil:
		return fmt.Sprintf("%s is the best baseline: its loss is %.3g times the seasonal naive's; what is trained "+
			"must beat it", base.Model, *base.Ratio), false, base.Model
	case base == nil:
		return fmt.Sprintf("%s has %.3g times the seasonal naive's loss, and no baseline was tried", learnt.Model,
			*learnt.Ratio), false, learnt.Model
	}
	mean, se, n := meanLog(learnt.loss, base.loss)
	ratio := math.Exp(mean)
	switch {
	case n == 0:
		return fmt.Sprintf("%s and %s have no losses that can be compared", learnt.Model, base.Model), true, base.Model
	case mean+2*se < 0:
		return fmt.Sprintf("%s beats %s, the best baseline: its loss is %.3g times that one's (%.3g to %.3g, "+
				"two standard "+
				"errors, %d forecasts)", learnt.Model, base.Model, ratio, math.Exp(mean-2*se),
				math.Exp(mean+2*se), n), false,
			learnt.Model
	case mean-2*se > 0:
		return fmt.Sprintf("use %s: %s loses to it, with %.3g times its loss (%.3g to %.3g, two standard errors, "+
				"%d forecasts)", base.Model, learnt.Model, ratio, math.Exp(mean-2*se), math.Exp(mean+2*se), n),
			true, base.Model
	}
	return fmt.Sprintf("use %s: %s is no better, with %.3g times its loss (%.3g to %.3g, two standard errors, "+
		"%d forecasts)", base.Model, learnt.Model, ratio, math.Exp(mean-2*se), math.Exp(mean+2*se), n), true, base.Model
}

// meanLog is the mean of log a/b over the pairs that have one, and its standard error; infinite of one pair.
func meanLog(a, b []float64) (mean, se float64, n int) {
	var logs []float64
	for i := range min(len(a), len(b)) {
		if l := math.Log(a[i] / b[i]); !math.IsNaN(l) && !math.IsInf(l, 0) {
			logs = append(logs, l)
			mean += l
		}
	}
	n = len(logs)
	if n == 0 {
		return 0, math.Inf(1), 0
	}
	mean /= float64(n)
	if n == 1 {
		return mean, math.Inf(1), 1
	}
	for _, l := range logs {
		se += (l - mean) * (l - mean)
	}
	return mean, math.Sqrt(se / float64(n-1) / float64(n)), n
}
