package ad

// relation is what a comparison asks of two numbers.
type relation uint8

const (
	less relation = iota
	lessEqual
	equal
	notEqual
	both // of bools
	either
)

type ordered interface{ float32 | float64 | int32 }

func holds[T ordered](r relation, a, b T) bool {
	switch r {
	case less:
		return a < b
	case lessEqual:
		return a <= b
	case equal:
		return a == b
	case notEqual:
		return a != b
	case both:
		return a != 0 && b != 0
	}
	return a != 0 || b != 0
}

// bit is a bool as programs store it.
func bit(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// newCompare registers a comparison: bool results, no derivative. NaN compares false, and NotEqual true.
func newCompare(name string, rel relation) *opDef {
	op := &opDef{name: name, rowwise: true}
	op.vjp = func(n *node, c Value, need []bool) []Value { return make([]Value, 2) }
	op.jvp = func(n *node, t []Value) Value { return Value{} }
	op.lift = liftElementwise
	op.columns = columnOp(columnCompare(rel))
	op.emit = func(c *planner, n *node) {
		b := c.operand(n.in[1], n, true)
		a := c.operand(n.in[0], n, !b.scalar)
		c.push(instr{name: name, reads: []*node{a.n, b.n}, writes: []*node{n}, bind: func(at func(*node) ref) func(
			*frame) {
			switch n.in[0].dtype {
			case F32:
				return bindCompare[float32](rel, at(n), at(a.n), at(b.n), a, b)
			case F64:
				return bindCompare[float64](rel, at(n), at(a.n), at(b.n), a, b)
			}
			return bindCompare[int32](rel, at(n), at(a.n), at(b.n), a, b)
		}})
	}
	return op
}

func bindCompare[T ordered](rel relation, o, ra, rb ref, a, b operand) func(*frame) {
	if a.isWhole() && rel <= notEqual {
		switch {
		case b.scalar:
			return func(f *frame) { compareScalar(rel, vec[int32](f, o), vec[T](f, ra), vec[T](f, rb)[0]) }
		case b.isWhole():
			return func(f *frame) { compareEach(rel, vec[int32](f, o), vec[T](f, ra), vec[T](f, rb)) }
		}
	}
	return func(f *frame) {
		dst := vec[int32](f, o)
		x, y := reader(vec[T](f, ra), a), reader(vec[T](f, rb), b)
		for i := range dst {
			dst[i] = bit(holds(rel, x.at(i), y.at(i)))
		}
	}
}

// compareScalar and compareEach have a loop for each relation: a comparison is a fraction of a nanosecond then.
func compareScalar[T ordered](rel relation, dst []int32, x []T, s T) {
	dst = dst[:len(x)]
	switch rel {
	case less:
		for i, v := range x {
			dst[i] = bit(v < s)
		}
	case lessEqual:
		for i, v := range x {
			dst[i] = bit(v <= s)
		}
	case equal:
		for i, v := range x {
			dst[i] = bit(v == s)
		}
	case notEqual:
		for i, v := range x {
			dst[i] = bit(v != s)
		}
	}
}

func compareEach[T ordered](rel relation, dst []int32, x, y []T) {
	dst, y = dst[:len(x)], y[:len(x)]
	switch rel {
	case less:
		for i, v := range x {
			dst[i] = bit(v < y[i])
		}
	case lessEqual:
		for i, v := range x {
			dst[i] = bit(v <= y[i])
		}
	case equal:
		for i, v := range x {
			dst[i] = bit(v == y[i])
		}
	case notEqual:
		for i, v := range x {
			dst[i] = bit(v != y[i])
		}
	}
}

// isWhole reports whether an operand has an element for each of the result.
func (o operand) isWhole() bool { return !o.scalar && o.period == 0 }

// cursor reads an operand of any form by the index of the result.
type cursor[T any] struct {
	x   []T
	mod int // 0: direct
}

func reader[T any](x []T, o operand) cursor[T] {
	switch {
	case o.scalar:
		return cursor[T]{x, 1}
	case o.period > 0:
		return cursor[T]{x, o.period}
	}
	return cursor[T]{x, 0}
}

func (c cursor[T]) at(i int) T {
	switch c.mod {
	case 0:
		return c.x[i]
	case 1:
		return c.x[0]
	}
	return c.x[i%c.mod]
}

var (
	opLess      = newCompare("less", less)
	opLessEqual = newCompare("less_equal", lessEqual)
	opEqual     = newCompare("equal", equal)
	opNotEqual  = newCompare("not_equal", notEqual)
	opAnd       = newCompare("and", both)
	opOr        = newCompare("or", either)
)

func compare(op *opDef, a, b Value) Value {
	a, b = Broadcast2(op.name, a, b)
	logical := op == opAnd || op == opOr
	if logical != (a.n.dtype == Bool) && (logical || a.n.dtype == Bool && op != opEqual && op != opNotEqual) {
		fail(op.name, "does not take %s", describe(a.n))
	}
	return add(op, nil, a.n.shape, Bool, a, b)
}

// Less is a < b, false where either is NaN.
func Less(a, b Value) Value { return compare(opLess, a, b) }

// LessEqual is a ≤ b, false where either is NaN.
func LessEqual(a, b Value) Value { return compare(opLessEqual, a, b) }

// Greater is a > b, false where either is NaN.
func Greater(a, b Value) Value { return compare(opLess, b, a) }

// GreaterEqual is a ≥ b, false where either is NaN.
func GreaterEqual(a, b Value) Value { return compare(opLessEqual, b, a) }

// Equal is a = b.
func Equal(a, b Value) Value { return compare(opEqual, a, b) }

// NotEqual is a ≠ b, true where either is NaN.
func NotEqual(a, b Value) Value { return compare(opNotEqual, a, b) }

// And is the conjunction of two bools.
func And(a, b Value) Value { return compare(opAnd, a, b) }

// Or is the disjunction of two bools.
func Or(a, b Value) Value { return compare(opOr, a, b) }

// Not is the negation of a bool.
func Not(a Value) Value {
	if a.n.dtype != Bool {
		fail("not", "needs bools, got %s", describe(a.n))
	}
	return Equal(a, full(a, 0))
}
