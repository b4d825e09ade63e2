package evaluate

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/metric"
	"gonum.org/v1/gonum/mat"
)

// LogScore is the mean log-likelihood of rows.
type LogScore struct {
	LogP float64 `json:"log_likelihood"` // nats a row, in the units of the columns
	SE   float64 `json:"se"`             // of the mean over rows
	Bits float64 `json:"bits_per_dim"`   // −LogP/(dim ln 2)
}

// LikelihoodReport is the log-likelihood of rows under a model.
type LikelihoodReport struct {
	Model       string     `json:"model"`
	Data        string     `json:"data"`
	DataRows    int        `json:"data_rows"`
	Rows        int        `json:"rows"` // of them that were measured
	Dim         int        `json:"dim"`  // columns that vary
	Span        [2]float64 `json:"span"` // of the path's clock
	Tolerance   float64    `json:"tol"`
	Exact       bool       `json:"exact"`            // the divergence was computed, not estimated
	Probes      int        `json:"probes,omitempty"` // of an estimate
	Dequantised bool       `json:"dequantised,omitempty"`
	Calls       float64    `json:"calls"`     // evaluations of the field a row
	Numerical   float64    `json:"numerical"` // estimated error of a row, by solver and probes

	Value LogScore `json:"value"`
	// Normal is what each half of the rows has under the normal of the moments of the other; nil: they have none.
	Normal *LogScore `json:"normal,omitempty"`
	Full   bool      `json:"normal_covariance,omitempty"` // that normal has covariances, not variances alone
	Gain   float64   `json:"gain"`                        // Value over Normal
	GainSE float64   `json:"gain_se"`                     // of the mean of the differences
}

// scoreOf is the mean of logp and its standard error.
func scoreOf(logp []float64, d int) LogScore {
	n := float64(len(logp))
	mean, squares := 0., 0.
	for _, v := range logp {
		mean += v / n
	}
	for _, v := range logp {
		squares += (v - mean) * (v - mean)
	}
	return LogScore{LogP: mean, SE: math.Sqrt(squares / max(n-1, 1) / n), Bits: -mean / float64(d) / math.Ln2}
}

// normal writes what the rows have under a normal that has not seen them: even ones under the moments of odd ones and
// odd ones under those of even ones. Covariances are looked at where a half has ten rows a column.
func (r *LikelihoodReport) normal(x ito.States, logp []float64, gain float64) error {
	halves := [2]ito.States{ito.NewStates((x.N+1)/2, x.D, 0), ito.NewStates(x.N/2, x.D, 0)}
	for i := range x.N {
		copy(halves[i%2].Row(i/2), x.Row(i))
	}
	if halves[1].N < 2 {
		return nil
	}
	r.Full = x.D <= ito.DefaultFull && halves[1].N >= 10*x.D
	other, diff := make([]float64, x.N), make([]float64, x.N)
	for k := range halves {
		moments := metric.Variances
		if r.Full {
			moments = metric.Moments
		}
		g, err := moments(halves[1-k])
		if err != nil {
			return err
		}
		density, ok := normalDensity(g)
		if !ok {
			r.Full = false
			return nil
		}
		for i := k; i < x.N; i += 2 {
			other[i] = density(x.Row(i)) + gain
			diff[i] = logp[i] - other[i]
		}
	}
	score := scoreOf(other, x.D)
	r.Normal = &score
	all := scoreOf(diff, x.D)
	r.Gain, r.GainSE = all.LogP, all.SE
	return nil
}

// normalDensity is log N(x; mean, cov); false: it has none.
func normalDensity(g ito.Gaussian) (func(x []float64) float64, bool) {
	d := len(g.Mean)
	constant := float64(d) * math.Log(2*math.Pi)
	if g.PerColumn() {
		for _, v := range g.Cov {
			constant += math.Log(v)
		}
		return func(x []float64) float64 {
			s := constant
			for j, v := range x {
				s += (v - g.Mean[j]) * (v - g.Mean[j]) / g.Cov[j]
			}
			return -s / 2
		}, !math.IsInf(constant, 0) && !math.IsNaN(constant)
	}
	var chol mat.Cholesky
	if !chol.Factorize(mat.NewSymDense(d, g.Cov)) || chol.Cond() > 1e12 {
		return nil, false
	}
	constant += chol.LogDet()
	v, u := mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
	return func(x []float64) float64 {
		for j := range x {
			v.SetVec(j, x[j]-g.Mean[j])
		}
		if err := chol.SolveVecTo(u, v); err != nil {
			return math.NaN()
		}
		return -(constant + mat.Dot(v, u)) / 2
	}, true
}

// verdict says in words what the numbers say.
func (r *LikelihoodReport) verdict() string {
	var s string
	gain, se := table.Number(math.Abs(r.Gain)), table.Number(r.GainSE)
	switch {
	case r.Normal == nil:
		s = "The rows have no normal to stand beside them: too few of them, or columns that follow from one another."
	case r.Gain > 2*r.GainSE:
		s = fmt.Sprintf("The model gives a row %s ± %s nats more than a normal of their moments does.", gain, se)
	case r.Gain < -2*r.GainSE:
		s = fmt.Sprintf("The model is worse than a normal of the moments of the rows, by %s ± %s nats a row: train it "+
			"for more `steps`, or see whether the rows are of the law that it was trained on.", gain, se)
	default:
		s = fmt.Sprintf("The model gives a row as much as a normal of their moments does, to %s nats.",
			table.Number(2*r.GainSE))
	}
	if r.Numerical > r.Value.SE && r.Numerical > .01*math.Abs(r.Value.LogP) {
		s += fmt.Sprintf(" The figure of a row is itself known to %s nats only: ", table.Number(r.Numerical))
		if r.Exact {
			return s + "give a smaller `tol`."
		}
		return s + "give more `probes`, or `trace=exact`."
	}
	return s
}
