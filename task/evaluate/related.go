package evaluate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/tabular"
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
	// TooFew describes why the columns of a child are not compared; there is no report then
	TooFew string `json:"too_few,omitempty"`
	*TableReport
}

// Joins is how the rows of a child's samples belong to rows of the parent's.
type Joins struct {
	Key     string  `json:"key"`
	Orphans int     `json:"orphans"`                 // rows that belong to none
	Twice   int     `json:"repeated_keys"`           // rows of the parent whose key another has too, or that have none
	Mean    float64 `json:"mean"`                    // rows of a parent
	Real    float64 `json:"real_mean"`               // of the data
	Without float64 `json:"without"`                 // share of parents without any
	RealOut float64 `json:"real_without"`            // of the data
	Score   float64 `json:"rows_score"`              // 1 − KS of the numbers of rows
	Cross   float64 `json:"parent_trends,omitempty"` // mean pair trend of a column of the child and one of the parent
	Floor   float64 `json:"parent_trends_floor,omitempty"`
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
	real, err := readFamily(parent, children, nil, func(s relate.Side) (string, frame.ReadOptions) {
		return s.File, s.Options
	})
	if err != nil {
		return nil, err
	}
	f := &FamilyReport{Samples: c.Samples}
	if c.tables != nil {
		folder, err := c.sampleTables(ctx, env, real.rows[0])
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(folder)
		c.Samples = folder
	}
	samples := func(file string) string { return filepath.Join(c.Samples, relate.Name(file)+".csv") }
	made, err := readFamily(parent, children, real, func(s relate.Side) (string, frame.ReadOptions) {
		return samples(s.File), frame.ReadOptions{Header: s.Options.Header}
	})
	if err != nil {
		return nil, err
	}
	for i := range real.tables {
		side := parent
		if i > 0 {
			side = children[i-1].Side
		}
		name := relate.Name(side.File)
		ft := FamilyTable{Name: name, Rows: made.rows[i], Real: real.rows[i]}
		if x, y := len(made.tables[i].rows), len(real.tables[i].rows); i > 0 && (x < tabular.LeastRows ||
			y < tabular.LeastReal) {
			ft.TooFew = fmt.Sprintf("one row of each of %d parents of the samples and of %d of the data are too few "+
				"to compare their columns, of which %d and %d are needed", x, y, tabular.LeastRows, tabular.LeastReal)
		} else {
			one := *c
			one.Samples, one.Against = samples(side.File), side.File
			o := side.Options
			one.Tables = task.Tables{Types: o.Types, Columns: o.Columns, Ignore: o.Ignore, DropMissing: o.DropMissing,
				NA: o.NA, Decimal: o.Decimal, Delimiter: o.Delimiter, Constraint: o.Rules}
			if i == 0 {
				one.Tables.Schema = c.Schema
			}
			if c.Typed.Report != "" {
				one.Typed.Report = filepath.Join(c.Typed.Report, name)
			}
			if err := real.shape(&one, i); err != nil {
				return nil, err
			}
			r := &reader{c: &one, env: env, made: map[string]*joined{one.Samples: made.tables[i],
				one.Against: real.tables[i]}}
			if ft.TableReport, err = one.compareTables(ctx, r); err != nil {
				return nil, fmt.Errorf("table %s: %w", name, err)
			}
			if c.tables != nil {
				ft.SamplesName = f.Samples + ", table " + name
			}
		}
		if i > 0 {
			ft.Joins = made.joins(real, i-1, f.Tables[0].TableReport, ft.TableReport)
		}
		f.Tables = append(f.Tables, ft)
	}
	f.judge()
	return &Report{Family: f, Verdict: f.Verdict, Samples: f.Samples, Data: c.Against, Seed: c.Seed}, nil
}

// judge describes what the reports say.
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
		if t.TooFew != "" {
			text = append(text, t.Name+": "+t.TooFew+".")
			continue
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
	p, err := c.together()
	if err != nil {
		return err
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

// together is how the tables of the samples belong together.
func (c *Config) together() (sample.Related, error) {
	if m := c.tables; m != nil {
		r := sample.Related{Parent: m.Name}
		for i := range m.Children {
			r.Children, r.Keys = append(r.Children, m.Children[i].Name), append(r.Keys, m.Children[i].Key)
		}
		return r, nil
	}
	name := filepath.Join(c.Samples, sample.Package)
	text, err := os.ReadFile(name)
	if err != nil {
		return sample.Related{}, err
	}
	p, err := sample.ReadPackage(text)
	if err != nil {
		return p, &ito.InputError{Where: name, What: err.Error(), Do: "name `child` and `key`"}
	}
	return p, nil
}

// sampleTables draws the tables of a model into a folder, of as many parents as the data have where nothing else is
// said.
func (c *Config) sampleTables(ctx context.Context, env *Env, parents int) (folder string, err error) {
	if folder, err = os.MkdirTemp("", "ito-tables-"); err != nil {
		return "", err
	}
	s := sample.Config{Model: c.Samples, Out: folder + string(filepath.Separator), Every: time.Second,
		Workers: c.Workers, SampleConfig: c.sampling()}
	if s.N == 0 || s.N == spec.New[ModelSamples]().N {
		s.N = parents
	}
	if _, err = sample.Run(ctx, s, sample.Env{Env: env.Env}); err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	return folder, nil
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
