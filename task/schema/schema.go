// Package schema finds out what the columns of a table are.
package schema

import (
	"context"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/task"
)

// Config names the table and how it is read.
type Config struct {
	Data string `arg:"" where:"local" help:"A table: CSV with any delimiter, Parquet or lines of JSON, gzipped or not, or - for standard input"`

	task.Reading
	task.Tables
}

// Report is what was found.
type Report struct {
	Name   string // of the table
	Schema frame.Schema
}

// Run reads the table once and notes why each column is what it is.
func Run(_ context.Context, c Config, env task.Env) (r Report, err error) {
	in, err := c.Input(&env, c.Data, c.Reading)
	if err != nil {
		return r, err
	}
	defer in.Close()
	s, err := in.Infer()
	if s.Columns != nil {
		env.TellSchema(in.Name, s, in.Notes)
	}
	return Report{Name: in.Name, Schema: s}, err
}
