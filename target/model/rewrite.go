package model

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Starlark compares values of different types without asking them, `mu == 0` would be False, and neither
// a truth nor an iteration can return an error. So comparisons, products, membership, conditions, and what
// is iterated or sliced become calls of builtins whose names no file can spell, at the same positions.
var rewritten = map[syntax.Token]string{
	syntax.EQL: "==", syntax.NEQ: "!=", syntax.LT: "<", syntax.LE: "<=", syntax.GT: ">", syntax.GE: ">=",
	syntax.IN: "in", syntax.NOT_IN: "not in", syntax.STAR: "*",
}

var instead = map[string]string{"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}

// largest is the number of elements or bits that one operation of the language may make.
const largest = 1 << 24

func operators() starlark.StringDict {
	d := starlark.StringDict{}
	for op, name := range rewritten {
		d[name] = starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
			_ []starlark.Tuple) (starlark.Value, error) {
			return operate(op, b.Name(), args[0], args[1])
		})
	}
	d[condition] = checked(condition, func(a *tensor) error {
		if a.isData() {
			return fmt.Errorf("the truth of %s is ambiguous: reduce it to one number first", a.describe())
		}
		return fmt.Errorf("%s is known only to the sampler, so the model cannot branch on it: write where(condition, "+
			"a, b)", a.describe())
	})
	d[sequence] = checked(sequence, func(a *tensor) error {
		if len(a.shape) == 0 {
			return fmt.Errorf("%s has no axis to go along", a.describe())
		}
		return nil
	})
	return d
}

const (
	condition = "if "
	sequence  = "for "
)

// checked passes its argument on; an array must first pass f.
func checked(name string, f func(a *tensor) error) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		_ []starlark.Tuple) (starlark.Value, error) {
		if a, ok := args[0].(*tensor); ok {
			if err := f(a); err != nil {
				return nil, err
			}
		}
		return args[0], nil
	})
}

// call is name(args…) at a position.
func call(name string, at syntax.Position, args ...syntax.Expr) syntax.Expr {
	return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: at, Name: name}, Lparen: at, Args: args, Rparen: at}
}

// guard rewrites an expression and passes it through a checked builtin.
func guard(name string, e syntax.Expr) syntax.Expr {
	at, _ := e.Span()
	return call(name, at, rewrite(e))
}

func operate(op syntax.Token, name string, x, y starlark.Value) (starlark.Value, error) {
	switch op {
	case syntax.STAR:
		if err := checkProduct(x, y); err != nil {
			return nil, err
		}
		return starlark.Binary(op, x, y)
	case syntax.IN, syntax.NOT_IN:
		if t, ok := x.(*tensor); ok {
			return nil, fmt.Errorf("cannot ask whether %s is a member", t.describe())
		}
		return starlark.Binary(op, x, y)
	}
	for _, v := range []starlark.Value{x, y} {
		t, ok := v.(*tensor)
		if !ok || x == starlark.None || y == starlark.None {
			continue
		}
		if t.isData() {
			return nil, fmt.Errorf("%s compares elementwise: write %s(a, b)", t.describe(), instead[name])
		}
		return nil, fmt.Errorf("%s is known only to the sampler, so the model cannot branch on it: write where(%s(a, "+
			"b), x, y)", t.describe(), instead[name])
	}
	b, err := starlark.Compare(op, x, y)
	return starlark.Bool(b), err
}

func checkProduct(x, y starlark.Value) error {
	if a, ok := x.(starlark.Int); ok {
		if b, ok := y.(starlark.Int); ok {
			if a.BigInt().BitLen()+b.BigInt().BitLen() > 4096 {
				return fmt.Errorf("the product of integers has more than 4096 bits")
			}
			return nil
		}
		x, y = y, x
	}
	if n, ok := y.(starlark.Int); ok {
		if k := starlark.Len(x); k > 0 {
			if _, ok := x.(*tensor); ok {
				return nil
			}
			if m, ok := n.Int64(); !ok || m > int64(largest/k) {
				return fmt.Errorf("%s repeated %v times is too long", x.Type(), n)
			}
		}
	}
	return nil
}

func rewriteStmts(ss []syntax.Stmt) {
	for _, s := range ss {
		switch s := s.(type) {
		case *syntax.AssignStmt:
			if s.Op == syntax.STAR_EQ {
				// x *= y is x = x * y for every value of the language.
				s.RHS = &syntax.BinaryExpr{X: s.LHS, OpPos: s.OpPos, Op: syntax.STAR, Y: s.RHS}
				s.Op = syntax.EQ
			}
			s.LHS, s.RHS = rewrite(s.LHS), rewrite(s.RHS)
		case *syntax.DefStmt:
			rewriteAll(s.Params)
			rewriteStmts(s.Body)
		case *syntax.ExprStmt:
			s.X = rewrite(s.X)
		case *syntax.ForStmt:
			s.Vars, s.X = rewrite(s.Vars), guard(sequence, s.X)
			rewriteStmts(s.Body)
		case *syntax.IfStmt:
			s.Cond = guard(condition, s.Cond)
			rewriteStmts(s.True)
			rewriteStmts(s.False)
		case *syntax.ReturnStmt:
			s.Result = rewrite(s.Result)
		}
	}
}

func rewriteAll(es []syntax.Expr) {
	for i := range es {
		es[i] = rewrite(es[i])
	}
}

func rewrite(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case *syntax.BinaryExpr:
		if e.Op == syntax.AND || e.Op == syntax.OR {
			e.X, e.Y = guard(condition, e.X), rewrite(e.Y)
			return e
		}
		e.X, e.Y = rewrite(e.X), rewrite(e.Y)
		if name, ok := rewritten[e.Op]; ok {
			return call(name, e.OpPos, e.X, e.Y)
		}
	case *syntax.CallExpr:
		e.Fn = rewrite(e.Fn)
		for i, a := range e.Args {
			if b, ok := a.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ { // name=value
				b.Y = rewrite(b.Y)
				continue
			}
			e.Args[i] = rewrite(a)
		}
	case *syntax.Comprehension:
		e.Body = rewrite(e.Body)
		for _, c := range e.Clauses {
			switch c := c.(type) {
			case *syntax.ForClause:
				c.X = guard(sequence, c.X)
			case *syntax.IfClause:
				c.Cond = guard(condition, c.Cond)
			}
		}
	case *syntax.CondExpr:
		e.Cond, e.True, e.False = guard(condition, e.Cond), rewrite(e.True), rewrite(e.False)
	case *syntax.DictEntry:
		e.Key, e.Value = rewrite(e.Key), rewrite(e.Value)
	case *syntax.DictExpr:
		rewriteAll(e.List)
	case *syntax.DotExpr:
		e.X = rewrite(e.X)
	case *syntax.IndexExpr:
		e.X, e.Y = rewrite(e.X), rewrite(e.Y)
	case *syntax.LambdaExpr:
		rewriteAll(e.Params)
		e.Body = rewrite(e.Body)
	case *syntax.ListExpr:
		rewriteAll(e.List)
	case *syntax.ParenExpr:
		e.X = rewrite(e.X)
	case *syntax.SliceExpr:
		e.X, e.Lo, e.Hi, e.Step = guard(sequence, e.X), rewrite(e.Lo), rewrite(e.Hi), rewrite(e.Step)
	case *syntax.TupleExpr:
		rewriteAll(e.List)
	case *syntax.UnaryExpr:
		if e.Op == syntax.NOT {
			e.X = guard(condition, e.X)
		} else if e.X != nil { // a bare * among parameters has no operand
			e.X = rewrite(e.X)
		}
	}
	return e
}
