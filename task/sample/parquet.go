package sample

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// groupBytes bounds the values of a row group, which are in memory until it is complete.
const groupBytes = 8 << 20

// parquetWriter writes rows as a Parquet file: the ids, where they are asked for, as 64-bit integers, and a column
// of doubles for each of the model's, or of 64-bit integers where its rows are whole. Row groups have a number of
// rows that follows from the columns alone, so equal samples make equal bytes however they arrive.
type parquetWriter struct {
	out    *parquet.GenericWriter[any]
	withID bool
	whole  bool
	table  *frame.Schema // of a table with types; nil: rows are numbers
	d      int
	at     []int // places of the columns among the model's; nil: all
	per    int   // rows of a group
	ids    []uint64
	x      []float64 // of the group so far, row by row
	values []parquet.Value
}

func newParquetWriter(w io.Writer, c *Config, m *ito.Model) (*parquetWriter, error) {
	at, err := c.Written(m)
	if err != nil {
		return nil, err
	}
	columns := Pick(task.Columns(m, task.Width(m)), at)
	d := len(columns)
	p := &parquetWriter{at: at, withID: c.WithID, whole: m.Transform.Whole || m.Space.Tokens(), d: d,
		per: max(1, groupBytes/(8*(d+1)))}
	root := ordered{Group: parquet.Group{}}
	put := func(name string, t parquet.Type) {
		root.fields = append(root.fields, &namedField{parquet.Leaf(t), name})
	}
	if c.WithID {
		name := "id"
		if slices.Contains(columns, name) {
			name = ".id"
		}
		put(name, parquet.Int64Type)
	}
	if t, ok := m.Encoding.(*encode.Table); ok {
		s := pickSchema(t.Schema, at)
		p.table = &s
	}
	for k, name := range columns {
		if p.table != nil {
			root.fields = append(root.fields, &namedField{cellNode(&p.table.Columns[k]), name})
			continue
		}
		if p.whole {
			put(name, parquet.Int64Type)
		} else {
			put(name, parquet.DoubleType)
		}
	}
	p.out = parquet.NewGenericWriter[any](w, parquet.NewSchema("samples", root), parquet.CreatedBy("ito", "1", ""))
	return p, nil
}

// WriteRows appends rows.
func (p *parquetWriter) WriteRows(x ito.States) error {
	x = PickRows(x, p.at)
	for at := 0; at < x.N; {
		k := min(x.N-at, p.per-len(p.ids))
		part := x.Slice(at, at+k)
		p.ids, p.x = append(p.ids, part.ID...), append(p.x, part.X...)
		at += k
		if len(p.ids) == p.per {
			if err := p.group(); err != nil {
				return err
			}
		}
	}
	return nil
}

// group writes the rows that are held as a row group.
func (p *parquetWriter) group() error {
	for c, column := range p.out.ColumnWriters() {
		p.values = p.values[:0]
		k := c
		if p.withID {
			k--
		}
		for i, id := range p.ids {
			var v parquet.Value
			switch {
			case k < 0:
				v = parquet.Int64Value(int64(id))
			case p.table != nil:
				p.values = append(p.values, cellValue(&p.table.Columns[k], p.x[i*p.d+k], id, c))
				continue
			case p.whole:
				v = parquet.Int64Value(int64(p.x[i*p.d+k]))
			default:
				v = parquet.DoubleValue(p.x[i*p.d+k])
			}
			p.values = append(p.values, v.Level(0, 0, c))
		}
		if _, err := column.WriteRowValues(p.values); err != nil {
			return err
		}
	}
	p.ids, p.x = p.ids[:0], p.x[:0]
	return p.out.Flush()
}

// Close writes the last group and the end of the file.
func (p *parquetWriter) Close() error {
	if len(p.ids) > 0 {
		if err := p.group(); err != nil {
			return err
		}
	}
	return p.out.Close()
}

// ordered is a group that keeps the order of its columns, as parquet.Group does not.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (g ordered) Fields() []parquet.Field { return g.fields }
func (g ordered) GoType() reflect.Type    { return reflect.TypeFor[struct{}]() }

type namedField struct {
	parquet.Node
	name string
}

func (f *namedField) Name() string                           { return f.name }
func (f *namedField) Value(base reflect.Value) reflect.Value { return base }

// drawWhole draws into a file that stands whole or not at all: what its end says of its beginning leaves nothing to
// resume.
func (c *Config) drawWhole(ctx context.Context, env *Env, m *ito.Model) (r recipe.SampleReport, err error) {
	if c.Resume {
		return r, &ito.InputError{Where: "`resume` " + c.Out, What: "a Parquet file is written whole or not at all",
			Do: "leave it out, or write a .csv or .npy file"}
	}
	return r, store.WriteFile(c.Out, func(w io.Writer) error {
		p, err := newParquetWriter(w, c, m)
		if err != nil {
			return err
		}
		out := &output{sink: p.WriteRows}
		if c.Trajectory != "" {
			if out.tracks, err = openTracks(c.Trajectory, 0, c.N, ""); err != nil {
				return err
			}
		}
		if r, err = c.draw(ctx, env, m, out); err == nil {
			err = p.Close()
		}
		if err == nil && out.tracks != nil {
			return out.tracks.close()
		}
		if err != nil && out.tracks != nil {
			return errors.Join(err, out.tracks.discard())
		}
		return err
	})
}
