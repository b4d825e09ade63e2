package tabular

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/metric"
)

// Privacy is what the samples give away of the rows of data. DCR is the distance to the closest record under the mixed
// distance of [Space], as SDMetrics has it. None of it proves privacy: a row can be betrayed by what no distance sees.
type Privacy struct {
	// Rows of samples that stand in the data cell by cell, beside rows of data that stand there twice.
	Copies     float64 `json:"copies"`
	RealCopies float64 `json:"real_copies"`
	CopiesP    float64 `json:"copies_p"`

	// DCR of samples to the data, and of rows of data to the other rows of data.
	DCR      Quantiles `json:"dcr"`
	RealDCR  Quantiles `json:"real_dcr"`
	Nearer   float64   `json:"nearer"` // probability that a sample is nearer than a row of data is; ½ is ideal
	NearerP  float64   `json:"nearer_p"`
	NNDR     Quantiles `json:"nndr"` // distance to the nearest over that to the second nearest
	RealNNDR Quantiles `json:"real_nndr"`
	Queries  int       `json:"queries"` // rows whose nearest were sought
	Records  int       `json:"records"` // rows among which
	Holdout  *Holdout  `json:"holdout,omitempty"`

	// Distances for a picture: of samples, and of rows of data.
	Distances     []float64 `json:"-"`
	RealDistances []float64 `json:"-"`
}

// Holdout is what rows of the same law that the model has not seen add.
type Holdout struct {
	Rows int `json:"rows"` // of data and of holdout, as many
	// Share of the samples nearer to the data than to the holdout, ties counting half; ½ is ideal.
	Closer  float64 `json:"closer"`
	CloserP float64 `json:"closer_p"`
	// NNDR of holdout rows to the data: what rows that nobody copied have.
	NNDR Quantiles `json:"nndr"`
	// Ratio is the median over the samples of distance to the data / distance to the holdout; 1 is ideal.
	Ratio float64 `json:"ratio"`
	// Membership is the AUC of the attack that takes rows near to a sample for rows that were learnt; ½ is a guess.
	Membership  float64 `json:"membership_auc"`
	MembershipP float64 `json:"membership_p"`
}

// Quantiles of distances.
type Quantiles struct {
	Q05    float64 `json:"q05"`
	Median float64 `json:"median"`
}

func quantiles(x []float64) Quantiles {
	s := slices.Clone(x)
	slices.Sort(s)
	return Quantiles{quantile(s, .05), quantile(s, .5)}
}

// queryRows and recordRows bound the search for nearest records.
const queryRows, recordRows = 1000, 20000

// recordBudget bounds queries × records × columns.
const recordBudget = 1e9

// records is the number of rows among which nearest ones are sought.
func records(y Table) int {
	return min(recordRows, max(int(recordBudget)/queryRows/len(y.Columns), queryRows/2))
}

// Private measures what samples x give away of the data y; holdout may be nil. Copies are counted among all rows;
// nearest records are sought for at most 1000 rows among at most 20,000, fewer beyond 50 columns.
//
// P of copies and of nearness are one-sided, at twice the variance that independent rows have, since two rows of data
// that are each other's nearest count twice.
func Private(x, y Table, holdout *Table, seed uint64) Privacy {
	var p Privacy
	space := NewSpace(y)
	p.copies(x, y)
	q, refs := x.some(seed, 0, subSynthetic, queryRows), y.some(seed, 0, subReal, records(y))
	points := space.Points(refs)
	own := Points{min(queryRows, points.n), points.d, points.x[:min(queryRows, points.n)*points.d]}
	p.Queries, p.Records = q.Rows, refs.Rows
	a, b := Nearest(space.Points(q), points, false), Nearest(own, points, true)
	p.Distances, p.DCR, p.NNDR = summary(a)
	p.RealDistances, p.RealDCR, p.RealNNDR = summary(b)
	p.Nearer, p.NearerP = nearer(p.Distances, p.RealDistances, 2)
	if holdout != nil {
		p.Holdout = held(space, x, q, y, *holdout, seed)
	}
	return p
}

// summary are distances and ratios of nearest rows.
func summary(near []Near) (d []float64, first, ratio Quantiles) {
	var r []float64
	for _, n := range near {
		if n.Row < 0 {
			continue // the only row
		}
		d = append(d, n.First)
		switch {
		case n.First == 0 && n.Second == 0, math.IsInf(n.Second, 1):
			r = append(r, 1)
		default:
			r = append(r, n.First/n.Second)
		}
	}
	return d, quantiles(d), quantiles(r)
}

// nearer is the probability that a number of a is below one of b, ties counting half, and P that it is so large where
// both are of one law, at a variance of so many times that of independent numbers.
func nearer(a, b []float64, times float64) (auc, p float64) {
	if len(a) == 0 || len(b) == 0 {
		return .5, 1
	}
	score, label := make([]float64, 0, len(a)+len(b)), make([]float64, len(a)+len(b))
	for i, v := range a {
		score, label[i] = append(score, -v), 1
	}
	for _, v := range b {
		score = append(score, -v)
	}
	n, m := float64(len(a)), float64(len(b))
	auc = metric.AUC(score, label)
	return auc, normalP((auc - .5) / math.Sqrt(times*(n+m+1)/(12*n*m)))
}

// copies counts rows of x that stand in y, and rows of y that stand there again.
func (p *Privacy) copies(x, y Table) {
	rows := make(map[string]int, y.Rows)
	key := func(t Table, i int, b []byte) []byte {
		b = b[:0]
		for _, c := range t.Columns {
			v := c.X[i]
			if v == 0 {
				v = 0 // −0 is 0
			}
			if v != v {
				v = math.NaN() // one gap is like another
			}
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	var b []byte
	for i := range y.Rows {
		b = key(y, i, b)
		rows[string(b)]++
	}
	again, copied := 0, 0
	for _, n := range rows {
		if n > 1 {
			again += n
		}
	}
	for i := range x.Rows {
		if b = key(x, i, b); rows[string(b)] > 0 {
			copied++
		}
	}
	n, m := float64(x.Rows), float64(y.Rows)
	p.Copies, p.RealCopies, p.CopiesP = float64(copied)/n, float64(again)/m, 1
	if all := float64(copied+again) / (n + m); p.Copies > p.RealCopies && all < 1 {
		p.CopiesP = normalP((p.Copies - p.RealCopies) / math.Sqrt(2*all*(1-all)*(1/n+1/m)))
		if again == 0 { // exact where no row of data stands there twice
			p.CopiesP = novelP(copied, x.Rows, y.Rows)
		}
	}
}

// held compares data with holdout, as many random rows of each.
func held(space *Space, x, q, y, h Table, seed uint64) *Holdout {
	n := min(y.Rows, h.Rows, records(y))
	train, hold := space.Points(y.some(seed, 0, subReal, n)), space.Points(h.some(seed, 0, subHoldout, n))
	s := space.Points(q)
	out := &Holdout{Rows: n, CloserP: 1}
	a, b := Nearest(s, train, false), Nearest(s, hold, false)
	ratios := make([]float64, len(a))
	closer := 0.0
	votes := map[int]float64{} // of the nearest record of either: how many samples are decided by it
	for i := range a {
		switch {
		case a[i].First < b[i].First:
			closer++
			votes[a[i].Row]++
		case a[i].First == b[i].First:
			closer += .5
		default:
			votes[-1-b[i].Row]++
		}
		switch {
		case b[i].First > 0:
			ratios[i] = a[i].First / b[i].First
		case a[i].First == 0:
			ratios[i] = 1
		default:
			ratios[i] = math.MaxFloat64
		}
	}
	out.Closer = closer / float64(len(a))
	out.Ratio = quantiles(ratios).Median
	// Under one law each record is of the data or of the holdout by the toss of a coin, with all its samples.
	variance := 0.0
	for _, v := range sortedValues(votes) {
		variance += v * v / 4 / float64(len(a)) / float64(len(a))
	}
	if variance > 0 {
		out.CloserP = normalP((out.Closer - .5) / math.Sqrt(variance))
	}
	m := min(queryRows, n)
	asked, others := Points{m, train.d, train.x[:m*train.d]}, Points{m, hold.d, hold.x[:m*hold.d]}
	attacked := space.Points(x.some(seed, 1, subSynthetic, records(y)))
	da, _, _ := summary(Nearest(asked, attacked, false))
	db, _, _ := summary(Nearest(others, attacked, false))
	out.Membership, out.MembershipP = nearer(da, db, 1)
	_, _, out.NNDR = summary(Nearest(others, train, false))
	return out
}

// sortedValues are the values of a map in order, so that their sum has one order.
func sortedValues(m map[int]float64) []float64 {
	out := make([]float64, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}
