package recipe

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/rng"
)

// normalTable is rows of independent normals, each column mapped.
func normalTable(rows int, columns ...func(z float64) float64) *data.Table {
	s := ito.NewStates(rows, len(columns), 0)
	ito.Seed(5).Normal(s, rng.PurposeTarget, 0, 9)
	for i := range s.X {
		s.X[i] = columns[i%s.D](s.X[i])
	}
	return &data.Table{Name: "t", Rows: rows, Cols: s.D, Columns: data.DefaultColumns(s.D), X: s.X}
}

// Data that the transform does not make fit for the network is told of, by column and row and with what to do
// instead; data that it does is not.
func TestProblemsOfTables(t *testing.T) {
	plain := func(z float64) float64 { return z }
	offset := func(z float64) float64 { return 1e9 + z }
	large := func(z float64) float64 { return 1e4 * z }
	tiny := func(z float64) float64 { return 1e-4 * z }
	minute := func(z float64) float64 { return 1e-160 * z }
	cauchy := func(z float64) float64 { return math.Tan(math.Pi * .5 * math.Erf(z/math.Sqrt2)) }
	cubed := func(z float64) float64 { c := cauchy(z); return c * c * c }
	lognormal := math.Exp
	outlier := func(at int, column int, columns ...func(float64) float64) *data.Table {
		t := normalTable(500, columns...)
		t.X[at*t.Cols+column] = 1e12
		return t
	}
	for _, c := range []struct {
		name      string
		table     *data.Table
		transform string
		problems  string // kind:column …
		words     string
	}{
		{"normal", normalTable(500, plain, plain), "standardise", "", ""},
		{"normal, as it is", normalTable(500, plain, plain), "none", "", ""},
		{"units", normalTable(500, offset, large), "standardise", "", ""},
		{"log-normal", normalTable(500, lognormal, plain), "standardise", "", ""},
		{"an offset, as it is", normalTable(500, plain, offset), "none", "pilot:y",
			"far from the data in column y: nine tenths of them lie in .* of the data in \\[9999999\\d+\\.\\d+, " +
				"100000000\\d\\.\\d+\\]; train with `transform=standardise`"},
		{"large, as it is", normalTable(500, large, plain), "none", "pilot:x", "train with `transform=standardise`"},
		{"tiny, as it is", normalTable(500, plain, tiny), "none", "pilot:y", "train with `transform=standardise`"},
		{"far too small, as it is", normalTable(500, plain, minute), "none", "pilot:y", "train with `types=y=real`"},
		{"heavy tails", normalTable(500, cubed, plain), "standardise", "outlier:x pilot:x",
			"such as its logarithm or asinh"},
		{"heavy tails, as they are", normalTable(500, cubed, plain), "none", "outlier:x pilot:x",
			"such as its logarithm or asinh"},
		{"an outlier", outlier(41, 1, plain, plain), "standardise", "outlier:y pilot:y",
			"row 42 of the data has 1e\\+12 in column y, .* Train with `types=y=real`"},
		{"an outlier, as it is", outlier(7, 0, plain, plain), "none", "outlier:x pilot:x",
			"row 8 of the data has 1e\\+12 in column x"},
		{"an outlier, whitened", outlier(0, 0, plain, plain), "whiten", "outlier:x pilot:x",
			"row 1 of the data has 1e\\+12 in column x"},
	} {
		for _, path := range []string{"flow", "vp"} {
			cfg := DefaultTrain()
			cfg.Path, cfg.Transform, cfg.Steps, cfg.Width, cfg.Depth, cfg.Batch, cfg.LR = path, c.transform, 600, 32, 2,
				128, .005
			_, r, err := Fit(context.Background(), c.table, cfg, RunOptions{})
			if err != nil {
				t.Errorf("%s on %s: %v", c.name, path, err)
				continue
			}
			var got []string
			for _, p := range r.Problems {
				got = append(got, p.Kind+":"+p.Column)
			}
			words := strings.Join(r.Warnings, "\n")
			for _, want := range strings.Fields(c.problems) { // a column that is right may suffer from another
				if !slices.Contains(got, want) {
					t.Errorf("%s on %s: problems %q, want %s", c.name, path, got, want)
				}
			}
			if c.problems == "" && words != "" || !regexp.MustCompile(c.words).MatchString(words) {
				t.Errorf("%s on %s: %s\nwant %s", c.name, path, words, c.words)
			}
		}
	}
}
