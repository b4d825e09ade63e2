package frame

import (
	"math"
	"slices"
	"strings"
)

// mostLevels are counted one by one; beyond, different cells are estimated.
const mostLevels = 1 << 16

// tally is what one pass finds out of a column, in bounded memory.
type tally struct {
	name    string
	rows    int
	missing int
	example string         // the first cell that is not missing
	gaps    map[string]int // how missing cells are written

	levels map[string]int // cells, as they are written; nil: more than mostLevels
	sketch sketch         // of all cells

	numbers, whole int
	low, high      float64
	codes          offenders // numbers with leading zeros, or beyond 2⁵³
	words          offenders // cells that are no numbers
	notAbove       offenders // 0
	beyond         offenders // a proportion
	fraction       offenders // cells that are no whole numbers
	places, most   int
	exponents      bool
	lattice        lattice
	counting       bool // every number is the one before and one more
	before         float64
	spaces         bool // some cell has words with spaces between them
	longest        int
	prefix         string // all cells begin with it
	digits         int    // behind it, in every cell; −1: not digits only
	zeros          bool   // some cell has zeros before its digits
	next           uint64
	tried          []trial // layouts of times
	triedAt        int     // cells that were tried

}

// trial is a layout that cells may have.
type trial struct {
	layout string
	fits   int
	not    offenders
	lat    lattice
	low    float64
	high   float64
	zones  map[string]int
}

func newTally(name string) *tally {
	t := &tally{name: name, gaps: map[string]int{}, levels: map[string]int{}, low: math.Inf(1), high: math.Inf(-1),
		counting: true, places: mostPlaces}
	for _, l := range layouts {
		t.tried = append(t.tried, trial{layout: l, low: math.Inf(1), high: math.Inf(-1), zones: map[string]int{}})
	}
	return t
}

// add takes a cell without blanks around it.
func (t *tally) add(line int, s string, in *Input) {
	t.rows++
	if in.na[s] {
		t.missing++
		if t.gaps[s] > 0 || len(t.gaps) < 64 {
			t.gaps[strings.Clone(s)]++
		}
		return
	}
	if t.rows-t.missing == 1 {
		t.example = strings.Clone(s)
	}
	t.distinct(s)
	if w, ok := parseNumber(s, in.point); ok {
		t.number(line, s, w)
	} else {
		t.words.add(line, s)
		t.word(s)
	}
	if len(t.tried) > 0 {
		t.time(line, s)
	}
}

// distinct counts the cell.
func (t *tally) distinct(s string) {
	t.sketch.add(s)
	if t.levels == nil {
		return
	}
	if n, ok := t.levels[s]; ok {
		t.levels[s] = n + 1
		return
	}
	if len(t.levels) == mostLevels {
		t.levels = nil
		return
	}
	t.levels[strings.Clone(s)] = 1
}

// different is the number of different cells.
func (t *tally) different() float64 {
	if t.levels != nil {
		return float64(len(t.levels))
	}
	return t.sketch.count()
}

func (t *tally) number(line int, s string, w written) {
	t.numbers++
	if w.leading && w.places == 0 || w.inexact() {
		t.codes.add(line, s)
	}
	if w.integer() {
		t.whole++
	} else {
		t.fraction.add(line, s)
	}
	if !(w.value > 0) {
		t.notAbove.add(line, s)
	}
	if w.value < 0 || w.value > 1 {
		t.beyond.add(line, s)
	}
	if t.numbers > 1 && w.value != t.before+1 {
		t.counting = false
	}
	t.before = w.value
	t.low, t.high = min(t.low, w.value), max(t.high, w.value)
	t.exponents = t.exponents || w.exponent
	t.places, t.most = min(t.places, w.places), max(t.most, w.places)
	t.lattice.add(w)
	t.word(s)
}

// word looks at a cell as the name of something: a prefix and digits.
func (t *tally) word(s string) {
	if t.spaces = t.spaces || strings.ContainsAny(s, " \t\n"); len(s) > t.longest {
		t.longest = len(s)
	}
	cut := len(s)
	for cut > 0 && s[cut-1] >= '0' && s[cut-1] <= '9' {
		cut--
	}
	n := uint64(0)
	for _, c := range s[cut:] {
		n = 10*n + uint64(c-'0')
		if n > 1<<53 {
			n = 1 << 53
		}
	}
	switch digits := len(s) - cut; {
	case t.rows-t.missing == 1:
		t.prefix, t.digits = strings.Clone(s[:cut]), digits
	case t.prefix != s[:cut]:
		t.digits = -1
	case t.digits >= 0 && digits != t.digits:
		t.digits = 0
	}
	t.zeros = t.zeros || len(s)-cut > 1 && s[cut] == '0'
	t.next = max(t.next, n+1)
}

// firstTried cells decide which layouts are looked at further.
const firstTried = 64

func (t *tally) time(line int, s string) {
	if len(s) < 4 || len(s) > 40 {
		for i := range t.tried {
			t.tried[i].not.add(line, s)
		}
	} else {
		for i := range t.tried {
			t.tried[i].try(line, s)
		}
	}
	if t.triedAt++; t.triedAt == firstTried || t.triedAt == 8 {
		t.tried = slices.DeleteFunc(t.tried, func(r trial) bool { return 2*r.fits < t.triedAt })
	}
}

func (r *trial) try(line int, s string) {
	at, zone, ok := parseTime(r.layout, s)
	if !ok {
		r.not.add(line, s)
		return
	}
	r.fits++
	v := unix(at)
	r.low, r.high = min(r.low, v), max(r.high, v)
	w := written{mantissa: at.Unix(), exact: true}
	if at.Nanosecond() > 0 {
		w.mantissa, w.places = at.UnixMicro(), 6
	}
	r.lat.add(w)
	if len(r.zones) < 64 || r.zones[zone] > 0 {
		r.zones[zone]++
	}
}

// sketch estimates how many different words it was given: the k least of their hashes, seen as numbers in (0,1), of
// which the largest stands where k of them are expected (Bar-Yossef et al., 2002). The error is about 1/√k.
type sketch struct {
	least []uint64 // increasing, at most sketchSize
}

const sketchSize = 1024

func (s *sketch) add(word string) {
	h := fnv(word)
	if len(s.least) == sketchSize && h >= s.least[sketchSize-1] {
		return
	}
	at, found := slices.BinarySearch(s.least, h)
	if found {
		return
	}
	s.least = slices.Insert(s.least, at, h)
	if len(s.least) > sketchSize {
		s.least = s.least[:sketchSize]
	}
}

func (s *sketch) count() float64 {
	if len(s.least) < sketchSize {
		return float64(len(s.least))
	}
	return (sketchSize - 1) / (float64(s.least[sketchSize-1]) / math.MaxUint64)
}

// fnv is a 64-bit hash of a word that is the same in every run.
func fnv(word string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * 1099511628211
	}
	// spread the last bytes over all bits
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}
