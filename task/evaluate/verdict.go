package evaluate

import (
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito/internal/table"
)

// verdict describes in words what the numbers of a comparison say, and what to do. It is a function of the
// numbers alone.
//
// The W2 is that of columns in standard deviations of the data, so that no unit decides. It counts as within its floor
// when it exceeds it by no more than two standard errors of both together.
func (r *Report) verdict() string {
	w := r.Standard
	spread := 2 * math.Hypot(w.SD, w.FloorSD) / math.Sqrt(float64(max(w.Draws, 1)))
	switch {
	case w.Value <= w.Floor+spread && r.shape() != "":
		return fmt.Sprintf("The samples differ from the data in shape: %s. The standardised W2 of %s, "+
			"within the spread of its floor of %s, does not see it. %s%s",
			r.shape(), table.Number(w.Value), table.Number(w.Floor), r.wrongMoment(), remedy)
	case w.Value <= w.Floor+spread:
		but := ""
		if m := r.worst(); m.off > farOff {
			but = fmt.Sprintf(" But the %s of %s is off: %s instead of %s.", m.name, m.column, table.Number(m.got),
				table.Number(m.want))
		}
		return fmt.Sprintf("The standardised W2 of %s is within the spread of its floor of %s: in draws of %d rows it "+
			"does not tell the samples from the data.%s%s",
			table.Number(w.Value), table.Number(w.Floor), w.N, but, r.smallFloor())
	case w.Value >= w.Baseline:
		return fmt.Sprintf("The samples are no better than normal variates with the moments of the data: the "+
			"standardised W2 is %s against %s, floor %s. %s",
			table.Number(w.Value), table.Number(w.Baseline), table.Number(w.Floor), r.advice())
	}
	return fmt.Sprintf("The samples differ from the data: the standardised W2 of %s is %s times its floor of %s; "+
		"normal variates have %s. %s",
		table.Number(w.Value), table.Number(w.Value/w.Floor), table.Number(w.Floor), table.Number(w.Baseline),
		r.advice())
}

// smallFloor warns of a comparison that can see little.
func (r *Report) smallFloor() string {
	if r.Standard.FloorN < r.Standard.N {
		return fmt.Sprintf(" The floor had only %d rows to a half: more data would see more.", r.Standard.FloorN)
	}
	if r.Standard.N < 500 {
		return " So few rows see little: compare more."
	}
	return ""
}

// moment is one number of a column beside what it should be.
type moment struct {
	name, column string
	got, want    float64
	off          float64 // the difference in units of its floor
}

// farOff is the difference, in mean absolute differences of two halves of the data, beyond which a moment
// counts as wrong: four standard deviations for normal errors.
const farOff = 5

// worst is the moment that is farthest off.
func (r *Report) worst() moment {
	var w moment
	widest := 0.0
	for _, a := range r.Axes {
		widest = max(widest, a.DataSD)
	}
	for _, a := range r.Axes {
		for _, m := range []struct {
			moment
			floor float64
		}{{moment{"mean", a.Column, a.Mean, a.DataMean, 0}, a.MeanFloor}, {moment{"standard deviation", a.Column, a.SD,
			a.DataSD, 0}, a.SDFloor}} {
			unit := m.floor
			if unit == 0 {
				unit = widest / 100 // a column that never varies is right to a hundredth of one that does
			}
			switch m.off = math.Abs(m.got - m.want); {
			case unit > 0:
				m.off /= unit
			case m.off > 0:
				m.off = math.MaxFloat64
			}
			if m.off > w.off {
				w = m.moment
			}
		}
	}
	return w
}

// remedy is what to try.
const remedy = "Train for more steps, or sample with more `nfe`."

// advice names what is wrong, and what to try.
func (r *Report) advice() string {
	if m := r.wrongMoment(); m != "" {
		return m + remedy
	}
	what := "Means and standard deviations are right, so the difference is in the shape"
	if c := r.worstShape(); c != nil {
		what += fmt.Sprintf(", most in that of %s (KS %s, limit %s)", c.Column, table.Number(c.KS),
			table.Number(c.KSLimit))
	}
	return what + ". " + remedy
}

// wrongMoment is the sentence about the moment that is farthest off; "" where none is off.
func (r *Report) wrongMoment() string {
	if m := r.worst(); m.off > farOff {
		return fmt.Sprintf("What is farthest off is the %s of %s, %s instead of %s. ", m.name, m.column,
			table.Number(m.got), table.Number(m.want))
	}
	return ""
}

// shape names what the tests of the shape found; "" where they found nothing, as they do for samples of the data's
// own law but for one time in 1/alarmLevel.
func (r *Report) shape() string {
	var found []string
	if c := r.worstShape(); c != nil {
		others := ""
		if n := r.wrongShapes() - 1; n > 0 {
			others = fmt.Sprintf(" and %d more", n)
		}
		found = append(found, fmt.Sprintf("the distribution of %s%s is another (KS %s, limit %s)", c.Column, others,
			table.Number(c.KS), table.Number(c.KSLimit)))
	}
	if r.Energy.Exceeds() {
		found = append(found, fmt.Sprintf("the energy distance of the rows is %s, limit %s",
			table.Number(r.Energy.Value), table.Number(r.Energy.Limit)))
	}
	if r.Neighbours.Exceeds() {
		found = append(found, fmt.Sprintf("%.3g of nearest neighbours are of the same set, limit %.3g",
			r.Neighbours.Value, r.Neighbours.Limit))
	}
	if len(found) > 0 && r.wrongShapes() == 0 && len(r.Axes) > 1 {
		found = append(found, "no column alone shows it, so columns hang together otherwise")
	}
	return strings.Join(found, "; ")
}

// worstShape is the column farthest beyond its limit; nil where there is none.
func (r *Report) worstShape() *Axis {
	var worst *Axis
	for i := range r.Axes {
		if a := &r.Axes[i]; a.KS > a.KSLimit && (worst == nil || a.KS > worst.KS) {
			worst = a
		}
	}
	return worst
}

// wrongShapes is the number of columns beyond their limit.
func (r *Report) wrongShapes() int {
	n := 0
	for _, a := range r.Axes {
		if a.KS > a.KSLimit {
			n++
		}
	}
	return n
}
