// Package impute fills the missing cells of a table by draws from a model of it, given the cells that are there.
package impute

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets which table is filled by which model, and where it goes.
type Config struct {
	Data    string `arg:"" where:"local" help:"A table with missing cells"`
	Model   string `arg:"" where:"local" help:"A model that ito train made of such a table"`
	Out     string `required:"" where:"local" placeholder:"FILE" help:"The filled table, a CSV file, or - for standard output"`
	Times   int    `name:"times" default:"1" min:"1" max:"1000" help:"Filled tables, one below the other: each has draws of its own, so that what differs between them is what is not known; with more than one a first column, imputation, numbers them"`
	Seed    uint64 `default:"1" help:"Seed of the draws"`
	NFE     int    `name:"nfe" min:"0" default:"0" placeholder:"K" help:"Network calls a draw; 0: 50"`
	Workers int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`

	task.Reading
}

// Report describes what was filled.
type Report struct {
	Rows   int `json:"rows"`   // of the table
	Filled int `json:"filled"` // cells, in each of the tables
}

// Run fills a table: a missing cell of a learnt column is drawn from the model given the row's other cells, and not
// missing. All else stays as it is written. The same configuration makes the same bytes.
func Run(ctx context.Context, c Config, env task.Env) (Report, error) {
	if err := spec.Check(&c); err != nil {
		return Report{}, err
	}
	if err := task.Apart(c.Out, &c); err != nil {
		return Report{}, err
	}
	m, _, err := task.LoadModel(c.Model)
	if err != nil {
		return Report{}, err
	}
	if err := task.Learnt(c.Out, m); err != nil {
		return Report{}, err
	}
	t, ok := m.Encoding.(*encode.Table)
	if !ok {
		return Report{}, &ito.InputError{Where: c.Model, What: "it is no model of a table with types",
			Do: "train one on the table"}
	}
	in, err := frame.Open(c.Data, frame.ReadOptions{Stdin: env.Stdin, Header: c.Header})
	if err != nil {
		return Report{}, err
	}
	defer in.Close()
	f, err := in.Frame(t.Schema)
	if err != nil {
		return Report{}, err
	}
	q, need, err := t.Gaps(f)
	if err != nil {
		return Report{}, err
	}
	var x ito.States
	if len(need) > 0 {
		if x, err = c.draw(ctx, m, q, len(need), &env); err != nil {
			return Report{}, err
		}
	}
	r := Report{Rows: f.Rows}
	out := env.Stdout
	if c.Out != "-" {
		file, err := os.Create(c.Out + ".partial")
		if err != nil {
			return r, err
		}
		defer os.Remove(file.Name())
		if r.Filled, err = c.write(file, in, t, f, x, need); err == nil {
			err = file.Sync()
		}
		if e := file.Close(); err == nil {
			err = e
		}
		if err != nil {
			return r, err
		}
		return r, os.Rename(file.Name(), c.Out)
	}
	if out == nil {
		return r, &ito.InputError{Where: "`out`", What: "there is no standard output here", Do: "name a file"}
	}
	r.Filled, err = c.write(out, in, t, f, x, need)
	return r, err
}

// draw draws the rows that have gaps, all tables.
func (c *Config) draw(ctx context.Context, m *ito.Model, q *encode.Request, need int, env *task.Env) (ito.States,
	error) {
	cfg := recipe.DefaultSample()
	cfg.N, cfg.Seed, cfg.NFE, cfg.Request = need*c.Times, c.Seed, c.NFE, q
	if err := task.Fits("times", cfg.N, len(m.Columns)); err != nil {
		return ito.States{}, err
	}
	x := ito.NewStates(cfg.N, len(m.Columns), 0)
	done := 0
	_, err := recipe.Sample(ctx, m, cfg, recipe.RunOptions{Workers: c.Workers, Version: env.Version},
		func(s ito.States) error {
			copy(x.X[done*x.D:], s.X)
			done += s.N
			env.Count("impute", int64(done), int64(cfg.N))
			return nil
		})
	return x, err
}

// write writes the tables.
func (c *Config) write(w io.Writer, in *frame.Input, t *encode.Table, f *frame.Frame, x ito.States, need []int) (
	filled int, err error) {
	out := csv.NewWriter(w)
	head := in.Columns
	if c.Times > 1 {
		head = append([]string{"imputation"}, head...)
	}
	if err := out.Write(head); err != nil {
		return 0, err
	}
	at := make([]int, len(t.Schema.Columns))
	for k, col := range t.Schema.Columns {
		at[k] = slices.Index(in.Columns, col.Name)
	}
	for time := range c.Times {
		row, next := 0, 0
		cells := make([]string, len(in.Columns))
		err := in.Rows(func(read []string) error {
			copy(cells, read)
			if next < len(need) && need[next] == row {
				drawn := x.Row(time*len(need) + next)
				for k := range t.Schema.Columns {
					col := &t.Schema.Columns[k]
					if v := f.Row(row)[k]; col.Kind.Learnt() && v != v {
						cells[at[k]] = string(col.Append(nil, drawn[k], 0))
						if time == 0 {
							filled++
						}
					}
				}
				next++
			}
			row++
			line := cells
			if c.Times > 1 {
				line = append([]string{strconv.Itoa(time + 1)}, cells...)
			}
			return out.Write(line)
		})
		if err != nil {
			return filled, err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return filled, fmt.Errorf("%s: %w", c.Out, err)
	}
	return filled, nil
}
