package solve

import (
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// GridRule is a way to space steps that has a name.
type GridRule interface {
	// Name is the word of the rule, without its settings.
	Name() string
	// Times implements GridFunc.
	Times(p ito.Path, from, to float64, k int) (ito.Grid, error)
}

// namedGrid is a rule without settings.
type namedGrid struct {
	name string
	f    GridFunc
}

func (g namedGrid) Name() string { return g.name }

func (g namedGrid) Times(p ito.Path, from, to float64, k int) (ito.Grid, error) {
	return g.f(p, from, to, k)
}

// powerGrid is a rule with an exponent.
type powerGrid struct {
	Rho  float64 `above:"0" help:"the exponent ρ"`
	name string
	f    func(rho float64) GridFunc
}

func (g powerGrid) Name() string { return g.name }

func (g powerGrid) Times(p ito.Path, from, to float64, k int) (ito.Grid, error) {
	return g.f(g.Rho)(p, from, to, k)
}

var gridRegistry = newGridRegistry()

func newGridRegistry() *spec.Registry[GridRule] {
	r := spec.NewRegistry("grid", GridRule.Name)
	r.Colons = true
	r.Other = func(word string) (bool, error) {
		_, ok, err := ParseLevels(word)
		return ok, err
	}
	r.Also = []string{"sigmas:", "times:", "lambdas:"}
	return r
}

// Every grid that a word can name, but for those that are listed. A new one adds a line here.
func init() {
	RegisterGrid("equal steps in the path's time", func() GridRule { return namedGrid{"uniform", Uniform} })
	RegisterGrid("in √t", func() GridRule { return namedGrid{"quadratic", Quadratic} })
	RegisterGrid("in log(α/σ)", func() GridRule { return namedGrid{"logsnr", LogSNR} })
	RegisterGrid("equal parts of the levels that leave the mask, and in log σ, on path mixed", func() GridRule {
		return namedGrid{"unmasking", Unmasking}
	})
	RegisterGrid("in (σ/α)^(1/ρ)", func() GridRule { return powerGrid{KarrasRho, "karras", KarrasWith} })
	RegisterGrid("fine at both ends, as 1/K^ρ", func() GridRule { return powerGrid{EndsRho, "ends", EndsWith} })
	RegisterGrid("in log(σ/α), by u^ρ", func() GridRule { return powerGrid{1, "polyexponential", Polyexponential} })
}

// RegisterGrid makes a grid known by its Name, for [GridByName] and the command line. empty returns one with its
// defaults, a struct or a pointer to one, whose exported fields are settings as those of a solver are: see
// [Register]. doc is a line of help. A name that is taken panics.
func RegisterGrid(doc string, empty func() GridRule) { gridRegistry.Register(doc, empty) }

// GridByName finds a grid by its word: the name of one that is registered, with settings after a colon where it has
// some, as karras:rho=5; or a list of levels, as [ParseLevels] reads it, which serves runs of as many steps as it
// has and from its first level to its last.
func GridByName(word string) (GridFunc, error) {
	name, _, _ := strings.Cut(word, ":")
	if !gridRegistry.Has(name) {
		if l, ok, err := ParseLevels(word); ok {
			return l.grid, err
		}
	}
	g, err := gridRegistry.Parse(word)
	if err != nil {
		return nil, err
	}
	return g.Times, nil
}

// GridNames lists the grids that are tried where a search or a comparison is to choose one.
func GridNames() []string { return []string{"uniform", "quadratic", "logsnr", "karras", "ends"} }

// GridHelp lists the registered grids, each with what it is and its settings.
func GridHelp() [][2]string {
	var out [][2]string
	for _, d := range gridRegistry.Describe() {
		form := d.Kind
		for _, s := range d.Settings {
			form += "[:" + s.Name + "=" + s.Default + "]"
		}
		out = append(out, [2]string{form, d.Doc})
	}
	return out
}
