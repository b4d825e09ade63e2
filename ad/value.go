package ad

import (
	"fmt"
	"strings"
)

// DType is the type of a value's elements.
type DType uint8

// The dtypes. A bool is stored as an int32 that is 0 or 1.
const (
	F32 DType = iota
	F64
	I32
	Bool
)

func (d DType) String() string { return [...]string{"f32", "f64", "i32", "bool"}[d] }

// Float reports whether d is a floating-point type: only such values have gradients.
func (d DType) Float() bool { return d <= F64 }

func (d DType) bytes() int {
	if d == F64 {
		return 8
	}
	return 4
}

// Value is a value of a program under construction. The zero Value means "nothing" (a zero tangent or
// cotangent) where a function says so.
type Value struct{ n *node }

// node is one operation of a trace.
type node struct {
	g      *Graph
	id     int
	op     *opDef
	in     []*node
	attr   any
	shape  []int
	dtype  DType
	shared bool
	level  int // the pass in which the value exists: BatchSum adds one
	name   string
}

// IsZero reports whether v is the zero Value.
func (v Value) IsZero() bool { return v.n == nil }

// Shape returns the shape of one sample of v. The caller must not change it.
func (v Value) Shape() []int { return v.n.shape }

// DType returns the type of v's elements.
func (v Value) DType() DType { return v.n.dtype }

// IsShared reports whether v is one value for the whole batch.
func (v Value) IsShared() bool { return v.n.shared }

// Size is the number of elements of one sample of v.
func (v Value) Size() int { return sizeOf(v.n.shape) }

// Rank is the number of axes of one sample of v.
func (v Value) Rank() int { return len(v.n.shape) }

func (v Value) String() string {
	if v.n == nil {
		return "nothing"
	}
	return describe(v.n)
}

func describe(n *node) string {
	kind := "per-sample "
	if n.shared {
		kind = "shared "
	}
	return kind + n.dtype.String() + shapeString(n.shape)
}

func sizeOf(shape []int) int {
	s := 1
	for _, d := range shape {
		s *= d
	}
	return s
}

func shapeString(s []int) string {
	return strings.ReplaceAll(fmt.Sprint(s), " ", ",")
}

// Error is a mistake in a program: a shape, a dtype or a use that an operation refuses. Tracing
// functions panic with it; Compile and Try recover it and return it.
type Error struct {
	Op     string
	Detail string
}

func (e *Error) Error() string { return "ad: " + e.Op + ": " + e.Detail }

func fail(op, format string, args ...any) {
	panic(&Error{Op: op, Detail: fmt.Sprintf(format, args...)})
}

// Try runs f, which traces operations, and returns the *Error of the first one that was refused.
func Try(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	f()
	return nil
}
