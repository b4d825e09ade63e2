package steer

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"

	starmath "go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
)

// Reward is what a row is worth: a Starlark expression over columns by their names, as "-(x-1)*(x-1) + min(y, 2)", or
// of row, the list of all. It may use math.sqrt and the others of math, abs, min, max and sum; an expression that is
// true or false is worth 1 or 0. In a table with types a level is a word, also in row, a time the seconds since 1970,
// and what is missing None: "spent if city == 'Weimar' and spent != None else 0".
type Reward struct {
	types   []frame.Column // of a table with types; nil: numbers
	text    string
	columns []string
	expr    syntax.Expr
	mu      sync.Mutex // one row at a time
}

// NewReward reads an expression. What is wrong with it is an *ito.InputError with the column.
func NewReward(text string, columns []string) (*Reward, error) {
	bad := func(what, do string) (*Reward, error) {
		return nil, &ito.InputError{Where: "`reward`", What: what, Do: do}
	}
	if strings.TrimSpace(text) == "" {
		return bad("an empty expression", "give one of the columns, as -(x-1)*(x-1)")
	}
	r := &Reward{text: text, columns: columns}
	var err error
	if r.expr, err = options().ParseExpr("reward", text, 0); err != nil {
		return bad(fmt.Sprintf("%q is no expression: %v", text, err), "give one of the columns, as -(x-1)*(x-1)")
	}
	names := map[string]bool{"row": true, "math": true, "sum": true}
	for _, c := range columns {
		names[c] = true
	}
	var unknown string
	syntax.Walk(r.expr, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok && !names[id.Name] && starlark.Universe[id.Name] == nil &&
			!r.attribute(id.Name) && unknown == "" {
			unknown = id.Name
		}
		return true
	})
	if unknown != "" {
		return bad(fmt.Sprintf("%q: there is no column %q", text, unknown), "the columns are "+
			strings.Join(columns, ", ")+", and row is the list of all")
	}
	return r, nil
}

// attribute reports a name that only follows a dot, or is bound by a comprehension or a lambda.
func (r *Reward) attribute(name string) bool {
	free := false
	bound := map[string]bool{}
	syntax.Walk(r.expr, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ForClause:
			if id, ok := n.Vars.(*syntax.Ident); ok {
				bound[id.Name] = true
			}
		case *syntax.LambdaExpr:
			for _, p := range n.Params {
				if id, ok := p.(*syntax.Ident); ok {
					bound[id.Name] = true
				}
			}
		}
		return true
	})
	dotted := map[*syntax.Ident]bool{}
	syntax.Walk(r.expr, func(n syntax.Node) bool {
		if d, ok := n.(*syntax.DotExpr); ok {
			dotted[d.Name] = true
		}
		return true
	})
	syntax.Walk(r.expr, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok && id.Name == name && !dotted[id] && !bound[name] {
			free = true
		}
		return true
	})
	return !free
}

func options() *syntax.FileOptions { return &syntax.FileOptions{} }

// Of is the reward of a row of the columns. A NaN is an *ito.NonFiniteError of the caller's.
func (r *Reward) Of(ctx context.Context, row []float64) (float64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	env := starlark.StringDict{"math": starmath.Module, "sum": starlark.NewBuiltin("sum", sum)}
	all := make([]starlark.Value, len(row))
	for i, v := range row {
		all[i] = r.cell(i, v)
		if i < len(r.columns) {
			env[r.columns[i]] = all[i]
		}
	}
	env["row"] = starlark.NewList(all)
	thread := &starlark.Thread{Name: "reward"}
	thread.SetMaxExecutionSteps(1 << 22)
	v, err := starlark.EvalExprOptions(options(), thread, r.expr, env)
	if err != nil {
		return 0, &ito.InputError{Where: "`reward`", What: fmt.Sprintf("%q of row %s: %v", r.text, short(row), err)}
	}
	switch v := v.(type) {
	case starlark.Float:
		return float64(v), nil
	case starlark.Int:
		return float64(v.Float()), nil
	case starlark.Bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	return math.NaN(), &ito.InputError{Where: "`reward`", What: fmt.Sprintf("%q is a %s", r.text, v.Type()),
		Do: "give an expression that is a number"}
}

// rewardOf reads an expression of the columns of a model.
func rewardOf(text string, m *ito.Model) (*Reward, error) {
	r, err := NewReward(text, columnsOf(m))
	if t, ok := m.Encoding.(*encode.Table); ok && err == nil {
		r.types = t.Schema.Columns
	}
	return r, err
}

// cell is a cell of column i as expressions have it.
func (r *Reward) cell(i int, v float64) starlark.Value {
	if i >= len(r.types) {
		return starlark.Float(v)
	}
	switch c := &r.types[i]; {
	case v != v && c.Kind.Learnt():
		return starlark.None
	case c.Kind.Numeric() || c.Kind == frame.Time:
		return starlark.Float(v)
	case c.Kind == frame.Identifier || c.Kind == frame.Text:
		return starlark.None
	default:
		return starlark.String(c.Append(nil, v, 0))
	}
}

func short(row []float64) string {
	if len(row) > 6 {
		return fmt.Sprintf("%.4g …", row[:6])
	}
	return fmt.Sprintf("%.4g", row)
}

// sum adds the numbers of a list.
func sum(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value,
	error) {
	var list starlark.Iterable
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "numbers", &list); err != nil {
		return nil, err
	}
	s := 0.
	it := list.Iterate()
	defer it.Done()
	for v := starlark.Value(nil); it.Next(&v); {
		x, ok := starlark.AsFloat(v)
		if !ok {
			return nil, fmt.Errorf("sum: %s is no number", v.Type())
		}
		s += x
	}
	return starlark.Float(s), nil
}
