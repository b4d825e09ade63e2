package anomaly

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/rng"
)

// Kind is a kind of fault.
type Kind string

// Kinds of faults, of which each lasts half a season and has a size, in units of the spread of a series' changes from
// one season to the next.
const (
	Drop  Kind = "drop"  // every value is lower by the size
	Surge Kind = "surge" // every value is higher
	Ramp  Kind = "ramp"  // it grows to the size
	Stuck Kind = "stuck" // the value before stays
	Noise Kind = "noise" // the size times a normal number is added
)

// Kinds of all faults.
func Kinds() []Kind { return []Kind{Drop, Surge, Ramp, Stuck, Noise} }

// Fault is one that was put into a series: steps First to Last.
type Fault struct {
	Kind        Kind
	First, Last int
}

// Spread is the standard deviation of the changes x_t − x_{t−m} over √2 of the observed values before step from: what
// a perfect repetition of the season leaves. 0: there are fewer than two.
func Spread(x []float64, m, from int) float64 {
	var n, mean, m2 float64
	for t := m; t < from; t++ {
		if d := x[t] - x[t-m]; !math.IsNaN(d) {
			n++
			e := d - mean
			mean += e / n
			m2 += e * (d - mean)
		}
	}
	if n < 2 {
		return 0
	}
	return math.Sqrt(m2 / (n - 1) / 2)
}

// Put writes a fault of a kind into x, at a step of [from, len(x)) that is a function of the key and the id, where
// there is room for one of length steps, and returns where it is. A fault that does not fit or whose values would not
// be finite is an error.
func Put(x []float64, kind Kind, from, length int, size float64, key rng.Key, id uint64) (Fault, error) {
	room := len(x) - from - length
	if room < 1 || from < 1 {
		return Fault{}, fmt.Errorf("%d steps from %d on have no room for a fault of %d", len(x), from, length)
	}
	f := Fault{Kind: kind, First: from + key.Intn(id, 0, room)}
	f.Last = f.First + length - 1
	z := make([]float64, length)
	key.Normals64At(z, length, []uint64{id}, 1)
	before := f.First - 1
	for before > 0 && math.IsNaN(x[before]) {
		before--
	}
	for k := range length {
		t := f.First + k
		switch kind {
		case Drop:
			x[t] -= size
		case Surge:
			x[t] += size
		case Ramp:
			x[t] += size * float64(k+1) / float64(length)
		case Stuck:
			if !math.IsNaN(x[t]) {
				x[t] = x[before]
			}
		case Noise:
			x[t] += size * z[k]
		default:
			return Fault{}, fmt.Errorf("no kind of fault %q", kind)
		}
		if math.IsInf(x[t], 0) {
			return Fault{}, fmt.Errorf("a fault of size %g is beyond the numbers", size)
		}
	}
	return f, nil
}

// Tally counts what a detector found. The zero value is empty.
type Tally struct {
	Faults int // that were there
	Hits   int // of them, found
	Alarms int // anomalies that were reported
	True   int // of them, over a fault or within the echo behind it
	Delay  int // steps from the beginning of a fault to its alarm, over all hits
	Steps  int // that were looked at
}

// Add counts the anomalies of a series with one fault, or none: nil. An alarm that was raised during the fault, or up
// to grace steps behind it, is a hit; alarms up to echo steps behind are no false ones, since a method that repeats
// the past sees a fault again.
func (c *Tally) Add(found []Found, fault *Fault, grace, echo, steps int) {
	c.Steps += steps
	c.Alarms += len(found)
	if fault == nil {
		return
	}
	c.Faults++
	hit := false
	for _, a := range found {
		if a.Raised >= fault.First && a.First <= fault.Last+echo {
			c.True++
		}
		if !hit && a.Raised >= fault.First && a.Raised <= fault.Last+grace {
			hit = true
			c.Hits++
			c.Delay += a.Raised - fault.First
		}
	}
}

// Recall is the part of the faults that were found; NaN without any.
func (c *Tally) Recall() float64 { return float64(c.Hits) / float64(c.Faults) }

// Precision is the part of the alarms that had a reason; NaN without any.
func (c *Tally) Precision() float64 { return float64(c.True) / float64(c.Alarms) }

// MeanDelay is in steps, of what was found; NaN where nothing was.
func (c *Tally) MeanDelay() float64 { return float64(c.Delay) / float64(c.Hits) }
