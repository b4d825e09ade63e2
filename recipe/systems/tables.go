package systems

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/tabular"
)

var tablesRecipe = Recipe{Name: "tables", run: runTables, tables: true,
	Summary: "tables with types: what a model scores that learnt samples instead of data, whether a classifier tells " +
		"samples from held-out rows, columns and pairs, beside real rows, SMOTE, a Gaussian copula and mixed columns"}

// heldOutPart of the rows of a table are not trained on; all figures are about them.
const heldOutPart = .2

// tableColumns are the figures of a set of rows against those that are held out.
var tableColumns = []string{"score", "of real", "C2ST trees", "C2ST logistic", "columns", "pairs", "closer"}

// runTables trains on four fifths of every table, once for each seed, which makes another split, and judges as many
// samples. A folder is all of its tables.
func runTables(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	files, err := tableFiles(cfg.Data)
	if err != nil {
		return err
	}
	r.Columns = append(slices.Clone(tableColumns), "seconds")
	pool := ad.NewPool(run.WorkerCount())
	defer pool.Close()
	for _, file := range files {
		set, err := openTable(file, cfg)
		if err != nil {
			return err
		}
		for _, seed := range cfg.Seeds {
			if err := set.measure(ctx, cfg, seed, pool, run, r); err != nil {
				return fmt.Errorf("%s, seed %d: %w", set.name, seed, err)
			}
		}
		name := func(of string) string { return set.name + ": " + of }
		real, _ := spread(r.column(name("samples"), "of real"))
		smote, _ := spread(r.column(name(tabular.NameSMOTE), "of real"))
		r.atLeast(.97, real, "%s: %s of a model that learnt samples, over that of one that learnt the data", set.name,
			set.score)
		r.atLeast(0, real-smote, "%s: the same less that of SMOTE", set.name)
		for _, k := range []string{"C2ST trees", "C2ST logistic"} {
			got, _ := spread(r.column(name("samples"), k))
			floor, _ := spread(r.column(name("real"), k))
			r.atMost(floor+.05, got, "%s: AUC of %s, samples against held-out rows", set.name, k)
			bad, _ := spread(r.column(name(tabular.NameMarginals), k))
			if k == "C2ST trees" {
				r.atLeast(.75, bad, "%s: the same of columns that are mixed independently", set.name)
			}
		}
	}
	r.Budget = fmt.Sprintf("%s; %.0f %% of the rows held out, another split for each seed",
		cmp.Or(r.Budget, "defaults"), 100*heldOutPart)
	r.Notes = append(r.Notes,
		"score: R² of a number, AUC of two levels, else mean F1, of 100 boosted trees on held-out rows; of real: over "+
			"that of trees which learnt the data",
		"C2ST: AUC of a classifier between samples and held-out rows, ½ is a guess; columns and pairs as in `ito eval`",
		"closer: share of the samples that are nearer to rows of the training than to as many held-out rows; ½ of "+
			"rows that copy nothing",
		"kinds, levels and ranges of columns are those of the whole table, as if they were declared")
	return nil
}

// tableFiles are the tables of a folder by name, or one file.
func tableFiles(at string) ([]string, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{at}, nil
	}
	var out []string
	for _, ext := range []string{"*.csv", "*.tsv", "*.parquet"} {
		more, err := filepath.Glob(filepath.Join(at, ext))
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if slices.Sort(out); len(out) == 0 {
		return nil, &ito.InputError{Where: at, What: "there is no .csv, .tsv or .parquet file in it",
			Do: "give `data` a table or a folder of some"}
	}
	return out, nil
}

// tableSet is a table with what is predicted in it.
type tableSet struct {
	name   string
	frame  *frame.Frame
	target string
	score  string // R2, AUC or F1
}

// openTable reads a table. Its target is what cfg says, else the last column that can be learnt.
func openTable(file string, cfg RunConfig) (*tableSet, error) {
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	f, err := frame.Read(file, frame.ReadOptions{})
	if err != nil {
		return nil, err
	}
	s := &tableSet{name: name, frame: f}
	for _, word := range cfg.Targets {
		table, column, ok := strings.Cut(word, "=")
		if !ok {
			return nil, &ito.InputError{Where: "`targets` " + word, What: "it names no table and column",
				Do: "write TABLE=COLUMN, where TABLE is the name of the file without its ending"}
		}
		if table != name {
			continue
		}
		if f.Schema.Find(column) < 0 {
			return nil, &ito.InputError{Where: "`targets` " + word, What: "no column has that name",
				Do: suggest.Among(column, f.Schema.Names())}
		}
		s.target = column
	}
	for k := len(f.Schema.Columns) - 1; k >= 0 && s.target == ""; k-- {
		if c := f.Schema.Columns[k]; c.Kind.Numeric() || c.Kind.Levelled() {
			s.target = c.Name
		}
	}
	if s.target == "" {
		return nil, &ito.InputError{Where: file, What: "it has no column that could be predicted", Do: "give another"}
	}
	return s, nil
}

// split is the rows of a table in two, by the seed.
func (s *tableSet) split(seed uint64) (train, held *frame.Frame) {
	key := rng.NewKey(seed, rng.PurposeSplit, 0, 0)
	n := s.frame.Rows
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := range n - 1 {
		j := i + key.Intn(uint64(i), 0, n-i)
		order[i], order[j] = order[j], order[i]
	}
	cut := int(math.Round(heldOutPart * float64(n)))
	take := func(rows []int) *frame.Frame {
		f := &frame.Frame{Name: s.name, Schema: s.frame.Schema, Rows: len(rows)}
		for _, i := range rows {
			f.X = append(f.X, s.frame.Row(i)...)
		}
		return f
	}
	return take(order[cut:]), take(order[:cut])
}

// tableOf is rows of cells as they are measured: without names of rows and free text.
func tableOf(s frame.Schema, cells []float64, rows int) tabular.Table {
	t := tabular.Table{Rows: rows}
	d := len(s.Columns)
	for k, c := range s.Columns {
		if !c.Kind.Learnt() {
			continue
		}
		col := tabular.Column{Name: c.Name, X: make([]float64, rows)}
		for i := range rows {
			col.X[i] = cells[i*d+k]
		}
		if c.Kind.Numeric() {
			col.Step, col.Origin = c.Step, c.Origin
		}
		if c.Kind.Levelled() {
			col.Levels, col.Labels = len(c.Levels), c.Levels
		}
		t.Columns = append(t.Columns, col)
	}
	return t
}
