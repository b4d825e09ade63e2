package solve

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Levels is a grid that is listed, in a unit: K+1 levels of K steps.
type Levels struct {
	Unit   LevelUnit
	Values []float64
}

// LevelUnit is what the numbers of Levels are.
type LevelUnit uint8

// The units. Noise and log-SNR are of the geometric mean of σ/α over the modes of a Diagonal path.
const (
	LevelSigma  LevelUnit = iota // σ/α, falling from noise to data; 0 at the end is the data
	LevelTime                    // the path's time
	LevelLambda                  // λ = log(α/σ), rising
)

var levelNames = [...]string{"sigmas", "times", "lambdas"}

var levelUnits = [...]string{"σ/α =", "time", "log(α/σ) ="}

// ParseLevels reads a word for a listed grid: numbers between commas or spaces, which are σ/α, or with their unit
// before them, as in
//
//	80,24.4,5.84,0.965,0.0851,0.002   sigmas:80,10,1,0   times:1,0.5,0.001   lambdas:-5,0,4.5   inf,4,1,0.1,0.001
//
// Where α = 0, σ/α is inf and log(α/σ) is -inf, which only a grid's first level can be. ok is false where the word
// does not look like a list.
func ParseLevels(word string) (l Levels, ok bool, err error) {
	list := word
	if unit, rest, cut := strings.Cut(word, ":"); cut {
		for i, name := range levelNames {
			if name == unit {
				l.Unit, list, ok = LevelUnit(i), rest, true
			}
		}
		if !ok {
			return Levels{}, false, nil
		}
	}
	fields := strings.FieldsFunc(list, func(r rune) bool {
		return r == ',' || r == ' ' || r == '\t' || r == '\n' ||
			r == '\r'
	})
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil && i == 0 && !ok {
			return Levels{}, false, nil
		}
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) && !(i == 0 && (l.Unit == LevelSigma && v > 0 ||
			l.Unit == LevelLambda && v < 0)) {
			return Levels{}, true, &ito.InputError{What: fmt.Sprintf("level %d of the grid is %q", i, f),
				Do: "give finite numbers between commas"}
		}
		l.Values = append(l.Values, v)
	}
	if len(fields) == 0 && !ok {
		return Levels{}, false, nil
	}
	return l, true, l.check()
}

func (l Levels) check() error {
	if len(l.Values) < 2 {
		return &ito.InputError{What: fmt.Sprintf("a grid of %d levels", len(l.Values)),
			Do: "list at least its start and its end"}
	}
	for i, v := range l.Values {
		if l.Unit == LevelSigma && v < 0 {
			return &ito.InputError{What: fmt.Sprintf("σ/α is %g at level %d of the grid", v, i),
				Do: "give none below 0"}
		}
		if i > 0 && !((v-l.Values[i-1])*(l.Values[1]-l.Values[0]) > 0) {
			return &ito.InputError{What: fmt.Sprintf("level %d of the grid is %g after %g", i, v, l.Values[i-1]),
				Do: "levels must go one way without repeats"}
		}
	}
	return nil
}

// String is the word for l.
func (l Levels) String() string {
	words := make([]string, len(l.Values))
	for i, v := range l.Values {
		words[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return levelNames[l.Unit] + ":" + strings.Join(words, ",")
}

// Times are the levels as times of p. The first must be that of the time from, to within 10⁻⁴ of itself, and
// becomes it exactly, and so does a last one of the time to; levels between 0 and the data end of the path's span
// are allowed where the path goes on to 0, and σ/α = 0 is time 0 where there is no noise.
func (l Levels) Times(p ito.Path, from, to float64) (ito.Grid, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	at, err := l.clock(p, from, to)
	if err != nil {
		return nil, err
	}
	g := make(ito.Grid, len(l.Values))
	near := func(v, t float64) bool {
		w := at.level(t)
		return v == w || math.Abs(v-w) <= 1e-4*math.Abs(w) && !math.IsInf(w, 0)
	}
	for i, v := range l.Values {
		switch {
		case i == 0 && !near(v, from):
			return nil, &ito.InputError{What: fmt.Sprintf("the grid begins at %s %g, and samples start at %.6g",
				levelUnits[l.Unit], v, at.level(from)), Do: fmt.Sprintf("begin it with %.6g", at.level(from))}
		case i == 0:
			g[i] = from
		case i == len(g)-1 && near(v, to):
			g[i] = to
		default:
			if g[i], err = at.time(v); err != nil {
				return nil, err
			}
		}
		if i > 0 && !((g[i]-g[i-1])*(to-from) > 0) {
			return nil, &ito.InputError{What: fmt.Sprintf("levels %d and %d of the grid, %g and %g, are not one "+
				"after the other on path %s", i-1, i, l.Values[i-1], v, p.Name()),
				Do: "levels go from noise to data without repeats"}
		}
	}
	return g, nil
}

// levelClock turns levels into times and back.
type levelClock struct {
	level func(t float64) float64
	time  func(level float64) (float64, error)
}

func (l Levels) clock(p ito.Path, from, to float64) (levelClock, error) {
	if l.Unit == LevelTime {
		return levelClock{func(t float64) float64 { return t }, func(t float64) (float64, error) { return t, nil }}, nil
	}
	λ, err := meanLogSNR(p, levelNames[l.Unit])
	if err != nil {
		return levelClock{}, err
	}
	level := func(t float64) float64 { return λ(t) }
	of := func(v float64) float64 { return v }
	if l.Unit == LevelSigma {
		level, of = func(t float64) float64 { return math.Exp(-λ(t)) }, func(v float64) float64 { return -math.Log(v) }
	}
	lo, hi := min(from, to), max(from, to)
	if v := λ(0); lo > 0 && math.IsInf(v, 1) { // the path goes on to where there is no noise
		lo = 0
	}
	return levelClock{level, func(v float64) (float64, error) {
		target := of(v)
		switch {
		case target == λ(lo):
			return lo, nil
		case !(target < λ(lo) && target > λ(hi)):
			return 0, &ito.InputError{What: fmt.Sprintf("the grid has %s %g, and path %s goes from %.6g to %.6g",
				levelUnits[l.Unit], v, p.Name(), level(hi), level(lo)), Do: "give levels between"}
		}
		return inverse(λ, lo, hi, target), nil
	}}, nil
}
