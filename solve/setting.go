package solve

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Setting is a choice that the word for a solver may make after its name: ddim:eta=0.5.
type Setting struct {
	Name    string
	Values  string // what it takes, in words: "0…1", "yes|no"
	Default string // of the name without it, but for names that stand for several settings
	Value   string // as it stands
	Help    string

	near func(word string) string
	set  func(word string) (ito.Solver, bool)
}

// worded is a solver with settings.
type worded interface {
	ito.Solver
	settings() []Setting
}

// Settings are what the word for s may choose, in the order in which its name has them; nil for a solver without any.
func Settings(s ito.Solver) []Setting {
	if w, ok := s.(worded); ok {
		return w.settings()
	}
	return nil
}

// called is the name of s, whose settings that are not the default follow the name of its kind.
func called(kind string, s worded) string {
	var b strings.Builder
	b.WriteString(kind)
	for _, c := range s.settings() {
		if c.Value != c.Default {
			b.WriteString(":" + c.Name + "=" + c.Value)
		}
	}
	return b.String()
}

// with is s with a setting "name=value".
func with(s ito.Solver, word string) (ito.Solver, error) {
	all := Settings(s)
	kind, _, _ := strings.Cut(s.Info().Name, ":")
	name, value, ok := strings.Cut(word, "=")
	if len(all) == 0 {
		return nil, &ito.InputError{What: fmt.Sprintf("solver %s has no settings, and %q is given", kind, word), Do: "give its name alone"}
	}
	forms, names := make([]string, len(all)), make([]string, len(all))
	for i, c := range all {
		forms[i], names[i] = c.Name+"="+c.Values, c.Name
	}
	for _, c := range all {
		if c.Name != name || !ok {
			continue
		}
		if next, ok := c.set(value); ok {
			return next, nil
		}
		return nil, &ito.InputError{What: fmt.Sprintf("solver %s takes no %s of %q", kind, name, value), Do: fmt.Sprintf("give %s=%s; the nearest that works is %s=%s", name, c.Values, name, c.near(value))}
	}
	do := "it has " + strings.Join(forms, ", ")
	if near := suggest.Nearest(name, names); near != "" && near != name {
		do = fmt.Sprintf("did you mean %q? It has %s", near, strings.Join(forms, ", "))
	}
	return nil, &ito.InputError{What: fmt.Sprintf("solver %s has no setting %q", kind, word), Do: do}
}

// numeral is a number as a word has it.
func numeral(v float64) string {
	if math.IsInf(v, 1) {
		return "inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// number is a setting with a number from lo to hi, or above lo where open; hi may be infinite, the number only if def is.
func number(name string, lo, hi float64, open bool, v, def float64, help string, to func(float64) ito.Solver) Setting {
	values := numeral(lo) + "…"
	if open {
		values = "above " + numeral(lo)
	}
	if !math.IsInf(hi, 1) {
		values += numeral(hi)
	}
	good := func(x float64) bool {
		return x >= lo && (x > lo || !open) && x <= hi && (!math.IsInf(x, 1) || math.IsInf(def, 1))
	}
	return Setting{Name: name, Values: values, Default: numeral(def), Help: help, Value: numeral(v),
		near: func(word string) string {
			x, err := strconv.ParseFloat(word, 64)
			switch {
			case err != nil || math.IsNaN(x) || math.IsInf(x, 1) || open && x <= lo:
				return numeral(def)
			case x < lo:
				return numeral(lo)
			}
			return numeral(hi)
		},
		set: func(word string) (ito.Solver, bool) {
			x, err := strconv.ParseFloat(word, 64)
			if err != nil || !good(x) {
				return nil, false
			}
			return to(x), true
		}}
}

// count is a setting with a whole number from lo to hi.
func count(name string, lo, hi, v, def int, help string, to func(int) ito.Solver) Setting {
	values := fmt.Sprintf("%d…", lo)
	if hi < math.MaxInt32-1 {
		values += strconv.Itoa(hi)
	}
	return Setting{Name: name, Values: values, Default: strconv.Itoa(def), Help: help, Value: strconv.Itoa(v),
		near: func(word string) string {
			x, err := strconv.ParseFloat(word, 64)
			if err != nil || math.IsNaN(x) {
				return strconv.Itoa(def)
			}
			return numeral(math.Max(float64(lo), math.Min(float64(hi), math.Round(x))))
		},
		set: func(word string) (ito.Solver, bool) {
			n, err := strconv.Atoi(word)
			if err != nil || n < lo || n > hi {
				return nil, false
			}
			return to(n), true
		}}
}

// choice is a setting with one of some words, of which v is the number of the one that stands and def that of the default.
func choice(name string, words []string, v, def int, help string, to func(int) ito.Solver) Setting {
	value := strconv.Itoa(v)
	if v >= 0 && v < len(words) {
		value = words[v]
	}
	return Setting{Name: name, Values: strings.Join(words, "|"), Default: words[def], Help: help, Value: value,
		near: func(word string) string {
			if near := suggest.Nearest(word, words); near != "" {
				return near
			}
			return words[def]
		},
		set: func(word string) (ito.Solver, bool) {
			for i, w := range words {
				if w == word {
					return to(i), true
				}
			}
			return nil, false
		}}
}

// also is a setting that takes another word for one of its values.
func also(c Setting, word, value string) Setting {
	set := c.set
	c.set = func(w string) (ito.Solver, bool) {
		if w == word {
			w = value
		}
		return set(w)
	}
	return c
}

// only is the number of a Go setting among the words of a choice, the first for the empty one.
func only(v string, words []string) int {
	for i, w := range words {
		if w == v {
			return i
		}
	}
	if v == "" {
		return 0
	}
	return -1
}

// compat is the setting that reproduces one of the defects of released code.
func compat(v string, defects []string, to func(string) ito.Solver) Setting {
	words := append([]string{"none"}, defects...)
	return choice("compat", words, only(v, words), 0, "a defect of released code to reproduce", func(i int) ito.Solver {
		if i == 0 {
			return to("")
		}
		return to(words[i])
	})
}

// lowers is the setting of LowerFinal; def says what its zero value means.
func lowers(v, def int, to func(int) ito.Solver) Setting {
	const always = math.MaxInt32
	now := min(max(v, 0), always)
	if v == 0 {
		now = def
	}
	c := count("lower-final", 0, always-1, now, def, "runs of fewer steps than this end with lower orders; 0: none do", func(n int) ito.Solver {
		switch {
		case n == def:
			n = 0
		case n == 0:
			n = -1
		}
		return to(n)
	})
	number := c.set
	c.set = func(word string) (ito.Solver, bool) {
		if word == "always" {
			return to(always), true
		}
		return number(word)
	}
	c.Values = "0…, always"
	if now == always {
		c.Value = "always"
	}
	return c
}

// yes is the number of a switch among no and yes.
func yes(v bool) int {
	if v {
		return 1
	}
	return 0
}

var noYes = []string{"no", "yes"}

// second is the setting of Second in a solver of some order.
func second(v Second, order int, to func(Second) ito.Solver) Setting {
	def := yes(SecondAuto.taylor(order))
	return choice("second", []string{"midpoint", "taylor"}, yes(v.taylor(order)), def, "the weight of the slope in steps of order 2", func(i int) ito.Solver {
		if i == def {
			return to(SecondAuto)
		}
		return to(SecondMidpoint + Second(i))
	})
}
