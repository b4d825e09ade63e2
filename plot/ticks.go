package plot

import (
	"math"
	"strconv"
	"strings"
)

// Tick is a labelled place on an axis. In Label, what follows a ^ is drawn raised.
type Tick struct {
	Value float64
	Label string
}

// linearTicks places at most count ticks at multiples of 1, 2 or 5 times a power of ten.
func linearTicks(lo, hi float64, count int) []Tick {
	raw := (hi - lo) / float64(max(count, 1))
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw*(1-1e-9) {
			step = m * power
			break
		}
	}
	var ticks []Tick
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	// float64 cannot tell the multiples apart
	if !(last-first < 100 && math.Abs(first) < 1<<52 && math.Abs(last) < 1<<52) {
		return []Tick{{lo, number(lo, 0)}, {hi, number(hi, 0)}}
	}
	for i := first; i <= last; i++ {
		v := i * step
		if i == 0 {
			v = 0 // not −0
		}
		ticks = append(ticks, Tick{v, number(v, step)})
	}
	return ticks
}

// logTicks places ticks at powers of ten, and at their doubles and quintuples where few powers fit;
// minor are the unlabelled lines between.
func logTicks(lo, hi float64, count int) (major []Tick, minor []float64) {
	first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	inside := func(v float64) bool { return v >= lo*(1-1e-9) && v <= hi*(1+1e-9) }
	decades := math.Log10(hi) - math.Log10(lo)
	every := max(1, int(math.Ceil(decades/float64(max(count, 1)))))
	multiples := map[bool][]float64{true: {1, 2, 5}, false: {1}}[decades*3 <= float64(count)]
	for k := first; k <= last; k++ {
		power := math.Pow(10, float64(k))
		for _, m := range multiples {
			if v := m * power; inside(v) && k%every == 0 {
				major = append(major, Tick{v, number(v, v)})
			}
		}
		if every == 1 {
			for m := 2.; m < 10; m++ {
				if v := m * power; inside(v) {
					minor = append(minor, v)
				}
			}
		}
	}
	if len(major) < 2 { // less than a factor of two or so: the powers do not help
		return linearTicks(lo, hi, count), nil
	}
	return major, minor
}

// number writes v with as many decimals as steps of the given size need.
func number(v, step float64) string {
	a := math.Abs(v)
	if step == 0 || a >= 1e5 || a != 0 && a < 1e-3 {
		return scientific(v, step)
	}
	if v == 0 && step < 1e-3 {
		return "0"
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	if decimals > 6 {
		return scientific(v, step)
	}
	return minus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// scientific writes m·10^k, and 10^k where m is one. What follows ^ is drawn raised.
func scientific(v, step float64) string {
	digits := 3
	if step > 0 {
		digits = int(math.Floor(math.Log10(math.Abs(v))+1e-9) - math.Floor(math.Log10(step)+1e-9))
	}
	s := strconv.FormatFloat(v, 'e', min(max(digits, 0), 6), 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	k, err := strconv.Atoi(exponent)
	if err != nil || k == 0 {
		return minus(mantissa)
	}
	power := "10^" + minus(strconv.Itoa(k))
	switch mantissa {
	case "1":
		return power
	case "-1":
		return minus("-" + power)
	}
	return minus(mantissa) + "·" + power
}

// minus sets the sign that is as wide as a digit.
func minus(s string) string {
	if strings.HasPrefix(s, "-") {
		return "−" + s[1:]
	}
	return s
}
