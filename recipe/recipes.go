package recipe

import (
	"context"
	"io"
)

// Recipe is a published experiment by name.
type Recipe struct {
	Name    string
	Summary string // one line
	Run     func(ctx context.Context, cfg RunConfig, run Run) (*Result, error)
}

// RunConfig is the configuration of a recipe: the flags of "ito run".
type RunConfig struct {
	Seeds []uint64 `json:"seeds" default:"1,2,3" help:"Seeds: the recipe runs once for each."`
	Steps int      `json:"steps" default:"0" help:"Training steps; 0: the recipe's own."`
}

// Result is what a recipe found: figures for each seed with floors, trivial baseline and controls, checks
// against the recipe's targets, and a last sentence.
type Result struct {
	Name    string   `json:"name"`
	Summary string   `json:"summary"`
	Seeds   []uint64 `json:"seeds"`
	Budget  string   `json:"budget"` // network, steps, batch
	Columns []string `json:"columns"`
	Rows    []Figure `json:"rows"`
	Checks  []Check  `json:"checks"`
	Verdict string   `json:"verdict"`
	Seconds float64  `json:"seconds"`
}

// Figure is one row of a table: mean and standard deviation over the seeds of each column, NaN-free.
type Figure struct {
	Name   string      `json:"name"`
	Mean   []float64   `json:"mean"`
	SD     []float64   `json:"sd"`
	Values [][]float64 `json:"values"` // [seed][column]
}

// Check is a target and what was measured.
type Check struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	Floor float64 `json:"floor,omitempty"`
	OK    bool    `json:"ok"`
}

// Write writes the result as text for people.
func (r *Result) Write(w io.Writer) error { return nil }

// Recipes lists the recipes by name.
func Recipes() []Recipe { return nil }

// Find returns the recipe of a name; an unknown name is an *ito.InputError with the nearest.
func Find(name string) (Recipe, error) { return Recipe{}, nil }
