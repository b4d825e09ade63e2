package draws

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Points are the methods whose files hold one place and no draws: ito's and CmdStan's.
var points = []string{"map", "optimize"}

// IsPoint reports a file of one place, such as a mode, which says nothing of the places around it.
func (m *Meta) IsPoint() bool { return slices.Contains(points, m.Method) }

const standardErrors = "standard_errors"

// SetErrors keeps the standard errors of a point's parameters, NaN where one has none.
func (m *Meta) SetErrors(se []float64) {
	cells := make([]string, len(se))
	for i, v := range se {
		cells[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	m.Config = append(m.Config, Setting{standardErrors, strings.Join(cells, ",")})
}

// errors are what SetErrors kept; nil where there are none.
func (m *Meta) errors() []float64 {
	for _, s := range m.Config {
		if s.Key != standardErrors {
			continue
		}
		var se []float64
		for cell := range strings.SplitSeq(s.Value, ",") {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return nil
			}
			se = append(se, v)
		}
		if len(se) == len(m.Parameters()) {
			return se
		}
	}
	return nil
}

// pointAdvice is what to remember of a point.
const pointAdvice = "This is a point estimate: where the density is greatest, and no draws of it. For means and " +
	"intervals of the posterior run nuts."

// judgePoint makes the table of a point of the rows of its one draw.
func (s *Summary) judgePoint(m *Meta, f *findings) {
	s.Point, s.Warnings = true, []string{}
	se := m.errors()
	for i := range s.Parameters {
		r := Row{Name: s.Parameters[i].Name, Mean: s.Parameters[i].Mean}
		r.MCSE, r.SD, r.Q5, r.Median, r.Q95 = math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
		r.RHat, r.ESSBulk, r.ESSTail = math.NaN(), math.NaN(), math.NaN()
		if se != nil {
			r.SD = se[i]
		}
		s.Parameters[i] = r
	}
	if len(f.bad) > 0 {
		s.found("do not use the parameters that are not finite", "%s values that are not finite", has(f.bad))
	}
	s.Advice = s.conclude()
}
