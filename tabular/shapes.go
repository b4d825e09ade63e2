package tabular

import (
	"math"
	"slices"
	"strconv"

	"github.com/seed9a7962a8/ito/metric"
)

// ColumnReport compares one column. A P is the probability that rows of the real law are as far off.
type ColumnReport struct {
	Name    string  `json:"column"`
	Measure string  `json:"measure"` // KS of numbers, TV of categories
	Score   float64 `json:"score"`   // 1 − KS or 1 − TV of the cells that are there
	Floor   float64 `json:"floor"`   // the same of two halves of the real rows
	P       float64 `json:"p"`

	Missing      float64 `json:"missing"` // shares of the rows
	RealMissing  float64 `json:"real_missing"`
	MissingScore float64 `json:"missing_score"` // 1 − their difference
	MissingP     float64 `json:"missing_p"`

	// of numbers
	Mean     float64 `json:"mean,omitempty"`
	RealMean float64 `json:"real_mean,omitempty"`
	SD       float64 `json:"sd,omitempty"`
	RealSD   float64 `json:"real_sd,omitempty"`
	Low      float64 `json:"low,omitempty"`
	RealLow  float64 `json:"real_low,omitempty"`
	High     float64 `json:"high,omitempty"`
	RealHigh float64 `json:"real_high,omitempty"`
	// rows with what no real row has
	Below    int     `json:"below,omitempty"`
	BelowP   float64 `json:"below_p"`
	Above    int     `json:"above,omitempty"`
	AboveP   float64 `json:"above_p"`
	Between  int     `json:"between,omitempty"` // numbers between those that the real column can have
	BetweenP float64 `json:"between_p"`
	New      int     `json:"new,omitempty"`   // of categories: levels that the real column does not have
	Level    string  `json:"level,omitempty"` // of categories: that which is farthest off, and its shares
	Share    float64 `json:"share,omitempty"`
	Real     float64 `json:"real_share,omitempty"`

	// Of the test of what hangs together: the partner that is farthest off, and with how many it is off.
	Partner  string  `json:"partner,omitempty"`
	PartnerP float64 `json:"partner_p"`
	Off      int     `json:"off,omitempty"`
	// Grade and Reason are the verdict on the column.
	Grade  Grade  `json:"grade"`
	Reason string `json:"reason,omitempty"`

	write func(float64) string
}

// present are the cells that are there.
func present(x []float64) []float64 {
	out := make([]float64, 0, len(x))
	for _, v := range x {
		if v == v {
			out = append(out, v)
		}
	}
	return out
}

// Shape compares the column x of samples with the column y of the data:
//
//	numbers     1 − KS, the largest difference between the distribution functions
//	categories  1 − TV = 1 − ½Σ|p−q| over the levels
//	gaps        1 − |difference of the shares of rows|
//
// A column without any cell scores 1 against another such and 0 against others. O(n log n).
func Shape(x, y Column) ColumnReport {
	a, b := present(x.X), present(y.X)
	n, m := len(x.X), len(y.X)
	r := ColumnReport{Name: y.Name, write: y.Write, Measure: "KS", Score: 1, P: 1, BelowP: 1, AboveP: 1, BetweenP: 1,
		PartnerP: 1,
		Missing:  1 - float64(len(a))/float64(n), RealMissing: 1 - float64(len(b))/float64(m),
		MissingP: sharesP(n-len(a), n, m-len(b), m)}
	r.MissingScore = 1 - math.Abs(r.Missing-r.RealMissing)
	if y.Levels > 0 {
		r.Measure = "TV"
		r.levels(a, b, y)
		return r
	}
	if len(a) == 0 || len(b) == 0 {
		if len(a)+len(b) > 0 {
			r.Score = 0
		}
		return r
	}
	d := metric.KS(a, b)
	r.Score, r.P = 1-d, ksP(d, len(a), len(b))
	r.Mean, r.SD = moments(a)
	r.RealMean, r.RealSD = moments(b)
	r.Low, r.High = slices.Min(a), slices.Max(a)
	r.RealLow, r.RealHigh = slices.Min(b), slices.Max(b)
	for _, v := range a {
		switch {
		case v < r.RealLow:
			r.Below++
		case v > r.RealHigh:
			r.Above++
		}
		if y.Step > 0 && offLattice(v, y.Step, y.Origin) {
			r.Between++
		}
	}
	r.BelowP, r.AboveP = novelP(r.Below, len(a), len(b)), novelP(r.Above, len(a), len(b))
	r.BetweenP = novelP(r.Between, len(a), len(b))
	return r
}

// offLattice reports a number farther from every Origin + k·Step than rounding explains.
func offLattice(v, step, origin float64) bool {
	k := (v - origin) / step
	return math.Abs(k-math.Round(k)) > 1e-6*max(1, math.Abs(k)*1e-6)
}

func (r *ColumnReport) levels(a, b []float64, y Column) {
	p, q := make([]float64, y.Levels), make([]float64, y.Levels)
	for _, v := range a {
		p[int(v)]++
	}
	for _, v := range b {
		q[int(v)]++
	}
	if len(a) == 0 || len(b) == 0 {
		if len(a)+len(b) > 0 {
			r.Score = 0
		}
		return
	}
	r.P, _ = countsP(p, q)
	off, most := 0.0, -1.0
	for l := range p {
		if p[l] > 0 && q[l] == 0 {
			r.New++
		}
		s, t := p[l]/float64(len(a)), q[l]/float64(len(b))
		off += math.Abs(s-t) / 2
		if math.Abs(s-t) > most {
			most, r.Share, r.Real = math.Abs(s-t), s, t
			if r.Level = strconv.Itoa(l); l < len(y.Labels) {
				r.Level = y.Labels[l]
			}
		}
	}
	r.Score = 1 - off
}

// moments are mean and standard deviation (n−1).
func moments(x []float64) (mean, sd float64) {
	for i, v := range x {
		mean += (v - mean) / float64(i+1)
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(max(len(x)-1, 1)))
}
