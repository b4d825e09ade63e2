package solve

import (
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Stored is a solver that a schedule's file holds in a form of its own, since it has more than the settings of a word:
// statistics of the model that it was made for, say. Solvers without it are stored by their settings.
type Stored interface {
	ito.Solver
	// Form is what a file holds: a struct of settings, which becomes JSON, and arrays, each under a name of its own.
	Form() (settings any, arrays []Array, err error)
	// FromForm makes the solver of what Form returned: read fills the struct that its argument points to. What Form
	// would not return is an error.
	FromForm(read func(settings any) error, arrays []Array) (ito.Solver, error)
}

// Array is a matrix [Rows,Columns], row-major.
type Array struct {
	Name          string
	Rows, Columns int
	X             []float64
}

// Sized is a solver for states of one dimension.
type Sized interface {
	ito.Solver
	Dim() int
}

// Named is a solver for a file: its kind, the package that registered it where that is not ito's own, and its settings.
// A solver that its word does not tell is an error.
func Named(s ito.Solver) (spec.Named, error) { return registry.Marshal(s) }

// FromNamed returns the solver that Named wrote. A kind that this program does not have is an *ito.InputError that
// names the package.
func FromNamed(n spec.Named) (ito.Solver, error) { return registry.Unmarshal(n) }

// Empty is a solver of the kind of s with its defaults, or an error where its kind is not registered.
func Empty(s ito.Solver) (ito.Solver, error) {
	return registry.Unmarshal(spec.Named{Kind: kindOf(s), Config: []byte("{}")})
}

// Others are the solvers that other packages than this one have registered, with their default settings.
func Others() []ito.Solver {
	var out []ito.Solver
	for _, s := range Every() {
		if !slices.ContainsFunc(house(), func(h ito.Solver) bool { return kindOf(h) == kindOf(s) }) {
			out = append(out, s)
		}
	}
	return out
}
