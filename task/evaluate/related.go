package evaluate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// FamilyReport is the report on a folder of tables that belong together.
type FamilyReport struct {
	Samples string        `json:"samples"`
	Tables  []FamilyTable `json:"tables"`
	Verdict string        `json:"verdict"`
	Against bool          `json:"against"` // the verdict is against the samples
}

// FamilyTable is the report on one: of the parent its rows with the numbers of rows of each child, of a child one row
// of each parent that has some, beside the parent's columns, so that its rows are drawn independently.
type FamilyTable struct {
	Name  string `json:"table"`
	Rows  int    `json:"sample_rows"` // of the samples
	Real  int    `json:"data_rows"`   // of the data
	Joins *Joins `json:"joins,omitempty"`
	*TableReport
}

// Joins is how the rows of a child's samples belong to rows of the parent's.
type Joins struct {
	Key     string  `json:"key"`
	Orphans int     `json:"orphans"`       // rows that belong to none
	Twice   int     `json:"repeated_keys"` // rows of the parent whose key another has too, or that have none
	Mean    float64 `json:"mean"`          // rows of a parent
	Real    float64 `json:"real_mean"`     // of the data
	Without float64 `json:"without"`       // share of parents without any
	RealOut float64 `json:"real_without"`  // of the data
	Score   float64 `json:"rows_score"`    // 1 − KS of the numbers of rows
	Cross   float64 `json:"parent_trends"` // mean pair trend of a column of the child and one of the parent
	Floor   float64 `json:"parent_trends_floor"`
}

// family reports a folder of samples, or a model of several tables.
func (c *Config) family() bool {
	if len(c.Child) > 0 {
		return true
	}
	_, err := os.Stat(filepath.Join(c.Samples, sample.Package))
	return err == nil
}

// evalFamily compares a folder of tables with the tables of the data.
func (c *Config) evalFamily(ctx context.Context, env *Env) (*Report, error) {
	if c.Typed.Holdout != "" || c.Typed.Target != "" || c.Typed.As == "numbers" {
		return nil, &ito.InputError{Where: "`holdout`", What: "tables that belong together are compared as tables, " +
			"without holdout and target", Do: "leave `holdout`, `target` and `as` out, or compare one file"}
	}
	if err := c.related(); err != nil {
		return nil, err
	}
	parent, children, err := task.Related{Child: c.Child, Key: c.Key}.Sides(&env.Env, c.Tables, c.Reading, c.Against)
	if err != nil {
		return nil, err
	}
	samples := func(file string) string { return filepath.Join(c.Samples, relate.Name(file)+".csv") }
	real, err := readFamily(parent, children, func(s relate.Side) (string, frame.Options) { return s.File, s.Options })
	if err != nil {
		return nil, err
	}
	made, err := readFamily(parent, children, func(s relate.Side) (string, frame.Options) {
		return samples(s.File), frame.Options{Header: s.Options.Header}
	})
	if err != nil {
		return nil, err
	}
	f := &FamilyReport{Samples: c.Samples}
	for i := range real.tables {
		side := parent
		if i > 0 {
			side = children[i-1].Side
		}
		one := *c
		one.Samples, one.Against = samples(side.File), side.File
		o := side.Options
		one.Tables = task.Tables{Types: o.Types, Columns: o.Columns, Ignore: o.Ignore, DropMissing: o.DropMissing,
			NA:      o.NA,
			Decimal: o.Decimal, Delimiter: o.Delimiter, Constraint: o.Rules}
		if i == 0 {
			one.Tables.Schema = c.Schema
		}
		if c.Typed.Report != "" {
			one.Typed.Report = filepath.Join(c.Typed.Report, relate.Name(side.File))
		}
		if err := real.shape(&one, i); err != nil {
			return nil, err
		}
		r := &reader{c: &one, env: env, made: map[string]*joined{one.Samples: made.tables[i],
			one.Against: real.tables[i]}}
		t, err := one.compareTables(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", relate.Name(side.File), err)
		}
		ft := FamilyTable{Name: relate.Name(side.File), Rows: made.rows[i], Real: real.rows[i], TableReport: t}
		if i > 0 {
			ft.Joins = made.joins(real, i-1, f.Tables[0].TableReport, t)
		}
		f.Tables = append(f.Tables, ft)
	}
	f.judge()
	return &Report{Family: f, Verdict: f.Verdict, Samples: c.Samples, Data: c.Against, Seed: c.Seed}, nil
}

// judge says what the reports say.
func (f *FamilyReport) judge() {
	var text []string
	for _, t := range f.Tables {
		if j := t.Joins; j != nil {
			if j.Orphans > 0 {
				f.Against = true
				text = append(text, fmt.Sprintf("%d of %d rows of %s belong to no row of %s.", j.Orphans, t.Rows,
					t.Name,
					f.Tables[0].Name))
			}
			if j.Twice > 0 {
				f.Against = true
				text = append(text, fmt.Sprintf("%d rows of %s have no key of their own.", j.Twice, f.Tables[0].Name))
			}
		}
		f.Against = f.Against || t.TableReport.Verdict.Against()
		text = append(text, t.Name+": "+t.TableReport.Verdict.Text)
	}
	f.Verdict = strings.Join(text, "\n")
}

// related finds out which tables there are and how they belong together, where that is not given.
func (c *Config) related() error {
	if len(c.Child) > 0 {
		return nil
	}
	name := filepath.Join(c.Samples, sample.Package)
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	p, err := sample.ReadPackage(text)
	if err != nil {
		return &ito.InputError{Where: name, What: err.Error(), Do: "name `child` and `key`"}
	}
	folder := c.Against
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		folder = filepath.Dir(c.Against)
	} else if c.Against, err = tableIn(folder, p.Parent); err != nil {
		return err
	}
	for i, child := range p.Children {
		file, err := tableIn(folder, child)
		if err != nil {
			return err
		}
		c.Child = append(c.Child, file)
		c.Key = append(c.Key, p.Keys[i].String())
	}
	if relate.Name(c.Against) != p.Parent {
		return &ito.InputError{Where: "`against` " + c.Against, What: "the table of the samples whose rows the " +
			"others " +
			"belong to is called " + p.Parent, Do: "name the table of the data that is called so, or their folder"}
	}
	return nil
}

// tableIn is the file of a table in a folder.
func tableIn(folder, name string) (string, error) {
	var found []string
	for _, ext := range []string{".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".ndjson", ".jsonl"} {
		if file := filepath.Join(folder, name+ext); task.Exists(file) {
			found = append(found, file)
		}
	}
	if len(found) != 1 {
		return "", &ito.InputError{Where: "`against` " + folder, What: fmt.Sprintf("%d files of a table called %s "+
			"are in it",
			len(found), name), Do: "give one " + name + ".csv, or name `child` files"}
	}
	return found[0], nil
}
