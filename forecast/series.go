package forecast

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/seed9a7962a8/ito"
)

// Covariate is a column beside the values of a series, NaN where it was not observed.
type Covariate struct {
	Name string
	X    []float64
}

// Label is a name and a value that a series has as a whole: a region, a label of Prometheus.
type Label struct{ Name, Value string }

// Series is one series: Values[k] was observed at Freq.At(Start, k), NaN where it was not.
type Series struct {
	ID     string
	Start  time.Time // of value 0; its location is the zone of the series' calendar
	Freq   Freq
	Values []float64   // [T]
	Past   []Covariate // [T] each: what is only known up to the present
	Known  []Covariate // [T+F] each: what is known F steps ahead
	Static []Label
}

// Len is the number of steps, T.
func (s *Series) Len() int { return len(s.Values) }

// Time is that of step k, which may lie beyond the ends.
func (s *Series) Time(k int) time.Time { return s.Freq.At(s.Start, k) }

// At is the value of step k, NaN where it was not observed or lies beyond an end.
func (s *Series) At(k int) float64 { return at(s.Values, k) }

func at(x []float64, k int) float64 {
	if k < 0 || k >= len(x) {
		return math.NaN()
	}
	return x[k]
}

// At is the covariate at step k, NaN where it was not observed or lies beyond an end.
func (c Covariate) At(k int) float64 { return at(c.X, k) }

// Observed is the number of values that are there.
func (s *Series) Observed() int {
	n := 0
	for _, v := range s.Values {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// Until is the series as it was before step origin, with the known covariates of the horizon steps from it: nothing
// that came later is in it. It shares memory.
func (s *Series) Until(origin, horizon int) *Series {
	c := *s
	c.Values = s.Values[:origin:origin]
	c.Past, c.Known = nil, nil
	for _, p := range s.Past {
		n := min(origin, len(p.X))
		c.Past = append(c.Past, Covariate{p.Name, p.X[:n:n]})
	}
	for _, k := range s.Known {
		n := min(origin+horizon, len(k.X))
		c.Known = append(c.Known, Covariate{k.Name, k.X[:n:n]})
	}
	return &c
}

// maxValue bounds what a series may hold: squares of it, summed, are finite.
const maxValue = 1e120

// Check reports a series that cannot be used: a frequency that is none, an infinity or a number beyond ±1e120, or
// covariates of another length.
func (s *Series) Check() error {
	bad := func(format string, args ...any) error {
		return &ito.InputError{Where: "series " + s.ID, What: fmt.Sprintf(format, args...)}
	}
	if s.Freq.N < 1 {
		return bad("it has no frequency")
	}
	column := func(name string, x []float64) error {
		for k, v := range x {
			if math.Abs(v) > maxValue {
				return bad("%s at %s is %g; numbers beyond ±%g cannot be used", name,
					s.Time(k).Format(time.RFC3339), v, maxValue)
			}
		}
		return nil
	}
	if err := column("the value", s.Values); err != nil {
		return err
	}
	for _, c := range s.Past {
		if len(c.X) != s.Len() {
			return bad("covariate %s has %d steps, the series %d", c.Name, len(c.X), s.Len())
		}
		if err := column("covariate "+c.Name, c.X); err != nil {
			return err
		}
	}
	for _, c := range s.Known {
		if len(c.X) < s.Len() {
			return bad("covariate %s, which is known ahead, has %d steps, the series %d", c.Name, len(c.X), s.Len())
		}
		if err := column("covariate "+c.Name, c.X); err != nil {
			return err
		}
	}
	return nil
}

// Set is series of one frequency with the same covariates.
type Set struct {
	Name   string
	Freq   Freq
	Series []*Series
	Notes  []string // what was found, decided and may be wrong, for people
}

// Names are the names of the covariates.
func (d *Set) Names() (known, past []string) {
	if len(d.Series) == 0 {
		return nil, nil
	}
	for _, c := range d.Series[0].Known {
		known = append(known, c.Name)
	}
	for _, c := range d.Series[0].Past {
		past = append(past, c.Name)
	}
	return known, past
}

// Check reports a set that cannot be used: no series, two of one name, another frequency or other covariates.
func (d *Set) Check() error {
	if len(d.Series) == 0 {
		return &ito.InputError{Where: d.Name, What: "there is no series in it", Do: "give one or more"}
	}
	known, past := d.Names()
	seen := make(map[string]bool, len(d.Series))
	for _, s := range d.Series {
		if err := s.Check(); err != nil {
			return err
		}
		switch {
		case seen[s.ID]:
			return &ito.InputError{Where: d.Name, What: fmt.Sprintf("two series are called %q", s.ID)}
		case s.Freq != d.Freq:
			return &ito.InputError{Where: "series " + s.ID, What: fmt.Sprintf("its frequency is %s, that of "+
				"the others %s", s.Freq, d.Freq), Do: "give series of one frequency"}
		case !named(s.Known, known) || !named(s.Past, past):
			return &ito.InputError{Where: "series " + s.ID, What: "it has other covariates than " + d.Series[0].ID}
		}
		seen[s.ID] = true
	}
	return nil
}

func named(c []Covariate, names []string) bool {
	if len(c) != len(names) {
		return false
	}
	for i := range c {
		if c[i].Name != names[i] {
			return false
		}
	}
	return true
}

// Until is the set as it was before the given number of steps from the end of each series, with the known covariates
// of horizon steps from there. Series that are not that long are left out.
func (d *Set) Until(back, horizon int) *Set {
	c := *d
	c.Series = nil
	for _, s := range d.Series {
		if s.Len() > back {
			c.Series = append(c.Series, s.Until(s.Len()-back, horizon))
		}
	}
	return &c
}

// Digest names what the set holds.
func (d *Set) Digest() string {
	h := sha256.New()
	var b []byte
	write := func(name string, x []float64) {
		b = binary.LittleEndian.AppendUint64(append(append(b[:0], name...), 0), uint64(len(x)))
		for _, v := range x {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
	}
	fmt.Fprintln(h, d.Freq)
	for _, s := range d.Series {
		fmt.Fprintln(h, s.ID, s.Start.UnixNano(), s.Start.Location())
		write("", s.Values)
		for _, c := range s.Known {
			write(c.Name, c.X)
		}
		for _, c := range s.Past {
			write(c.Name, c.X)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
