package steer

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// density is a reward by a compiled program: the log density of a model file, whose parameters are the columns.
type density struct {
	m  *model.Model
	at []int // column of every parameter
}

func newDensity(name string, columns []string, m *ito.Model) (*density, error) {
	bad := func(what, do string) (*density, error) {
		return nil, &ito.InputError{Where: "`reward` model:" + name, What: what, Do: do}
	}
	if m.Encoding != nil {
		return bad("rows of a table with types are no numbers", "give an expression, exec: or classifier:")
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return bad("it cannot be read: "+err.Error(), "give a model file, as of `ito infer`")
	}
	d, err := model.Compile(name, string(src), nil, model.CompileOptions{})
	if err != nil {
		return nil, err
	}
	out := &density{m: d}
	for _, q := range d.Quantities() {
		if q.Kind != model.Parameter {
			continue
		}
		if q.Support != "real" {
			return bad(fmt.Sprintf("parameter %s is %s", q.Name, q.Support), "declare the columns as real")
		}
		k := slices.Index(columns, q.Name)
		switch {
		case k >= 0 && q.Free == 1:
			out.at = append(out.at, k)
		case q.Free == len(columns) && d.Dim() == q.Free:
			for i := range q.Free {
				out.at = append(out.at, i)
			}
		default:
			return bad(fmt.Sprintf("parameter %s, of %d numbers, is no column of the model", q.Name, q.Free),
				fmt.Sprintf("name columns, or one parameter of all %d", len(columns)))
		}
	}
	return out, nil
}

// rate implements rater.
func (d *density) rate(ctx context.Context, dst []float64, rows ito.States) error {
	x := rows.Like(len(d.at))
	for i := range x.N {
		for j, k := range d.at {
			x.Row(i)[j] = rows.Row(i)[k]
		}
	}
	if err := d.m.LogDensity(ctx, dst, x); err != nil {
		return err
	}
	return finite(dst, rows)
}

func (*density) close() error { return nil }
