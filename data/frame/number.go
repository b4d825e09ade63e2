package frame

import (
	"math"
	"strconv"
	"strings"
)

// written is a number as a cell has it.
type written struct {
	value    float64
	mantissa int64 // value = mantissa · 10^−places, where exact
	places   int   // digits behind the point
	exact    bool  // the digits fit a mantissa below 2⁵³, and there is no exponent
	leading  bool  // it begins with a zero before other digits: a code
	exponent bool
}

// parseNumber reads a decimal number with the given point. Infinities, NaN, hexadecimal and grouped digits are none.
func parseNumber(s string, point byte) (w written, ok bool) {
	i, n := 0, len(s)
	if n > 0 && (s[0] == '-' || s[0] == '+') {
		i++
	}
	start, digits, m := i, 0, int64(0)
	w.exact = true
	take := func() {
		for ; i < n && s[i] >= '0' && s[i] <= '9'; i++ {
			if digits++; m >= 1<<49 {
				w.exact = false
			} else {
				m = 10*m + int64(s[i]-'0')
			}
		}
	}
	take()
	w.leading = digits > 1 && s[start] == '0'
	if i < n && s[i] == point {
		i++
		before := digits
		take()
		w.places = digits - before
	}
	if digits == 0 {
		return w, false
	}
	if i < n && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < n && (s[j] == '-' || s[j] == '+') {
			j++
		}
		if j == n {
			return w, false
		}
		for ; j < n; j++ {
			if s[j] < '0' || s[j] > '9' {
				return w, false
			}
		}
		i, w.exact, w.exponent = n, false, true
	}
	if i != n {
		return w, false
	}
	if point != '.' {
		s = strings.Replace(s, string(point), ".", 1)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return w, false
	}
	if s[0] == '-' {
		m = -m
	}
	w.value, w.mantissa = v+0, m
	return w, true
}

// integer reports a number without a fraction.
func (w written) integer() bool { return w.value == math.Trunc(w.value) }

// inexact reports a whole number that a float64 does not hold.
func (w written) inexact() bool { return w.places == 0 && !w.exponent && math.Abs(w.value) > 1<<53 }

// lattice finds the coarsest step of which all numbers are multiples, up to one origin.
type lattice struct {
	seen, lost bool
	places     int   // of first and step
	first      int64 // · 10^−places
	step       int64
}

// mostPlaces are those of a lattice.
const mostPlaces = 15

func (l *lattice) add(w written) {
	if l.lost {
		return
	}
	if !w.exact || w.places > mostPlaces {
		l.lost = true
		return
	}
	m := w.mantissa
	if !l.seen {
		l.seen, l.places, l.first = true, w.places, m
		return
	}
	for ; l.places < w.places; l.places++ {
		if abs(l.first) > 1<<58 || l.step > 1<<58 {
			l.lost = true
			return
		}
		l.first, l.step = l.first*10, l.step*10
	}
	for p := w.places; p < l.places; p++ {
		if abs(m) > 1<<58 {
			l.lost = true
			return
		}
		m *= 10
	}
	l.step = gcd(l.step, abs(m-l.first))
}

// found is the lattice as numbers; step 0 where there is none.
func (l *lattice) found() (step, origin float64) {
	if l.lost || l.step == 0 {
		return 0, 0
	}
	unit := pow10(l.places)
	o := ((l.first % l.step) + l.step) % l.step
	return float64(l.step) / unit, float64(o) / unit
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func pow10(n int) float64 { return math.Pow10(n) }

// Snap is the number of the column that is nearest to v: on its lattice, within its bounds.
func (c *Column) Snap(v float64) float64 {
	if math.IsNaN(v) {
		return v
	}
	if c.Step > 0 {
		v = c.point(math.Round((v - c.Origin) / c.Step))
	}
	return min(max(v, c.Low), c.High)
}

// point is place k of the lattice, rounded to as many digits as the cells are written with, so that it is the very
// float64 that reading the cell gives.
func (c *Column) point(k float64) float64 {
	v := c.Origin + float64(k*c.Step)
	if c.Kind == Time || c.MostPlaces < 0 {
		return v
	}
	if c.MostPlaces == 0 {
		return math.Round(v)
	}
	unit := pow10(c.MostPlaces)
	return math.Round(v*unit) / unit
}

// appendNumber writes a number as the column has them.
func (c *Column) appendNumber(b []byte, v float64) []byte {
	v += 0 // no −0
	if c.MostPlaces < 0 {
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	from := len(b)
	b = strconv.AppendFloat(b, v, 'f', c.MostPlaces, 64)
	if c.MostPlaces > c.Places {
		end, least := len(b), len(b)-(c.MostPlaces-c.Places)
		for end > least && b[end-1] == '0' {
			end--
		}
		if b[end-1] == '.' {
			end--
		}
		b = b[:end]
	}
	if string(b[from:]) == "-0" {
		b = append(b[:from], '0')
	}
	return b
}
