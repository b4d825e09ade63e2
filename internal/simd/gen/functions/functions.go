// Package functions describes the elementwise functions of internal/simd.
//
// The polynomials of coefficients.go are minimax fits (minimax.py). Constants split into parts are exact to
// the sum of their parts: reduction by ln 2 and π/2 after Cody and Waite, "Software manual for the elementary
// functions" (1980), with fused multiply-adds.
package functions

import (
	"fmt"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// All returns the functions that have a vector loop: in both precisions, but for those that are called in one only.
func All() []*vec.Func {
	var all []*vec.Func
	for _, double := range []bool{false, true} {
		all = append(all, arithmetic(double)...)
		for _, u := range unaries {
			f := vec.New(u.name, double, u.doc, "dst", "x")
			f.Chains = u.chains
			f.Out("dst", u.describe(f, f.In("x")))
			all = append(all, f)
		}
		all = append(all, softplusDual(double))
		all = append(all, trigonometric(double)...)
		all = append(all, activations(double)...)
	}
	return append(all, likeMath()...)
}

// Helpers returns the functions of one element that other packages' Go bodies need: the transform of Box and
// Muller, whose loop is written by hand.
func Helpers() []*vec.Func { return []*vec.Func{BoxMuller(false), BoxMuller(true)} }

var unaries = []struct {
	name, doc string
	describe  func(f *vec.Func, x *vec.Value) *vec.Value
	chains    int
}{
	{"Neg", "sets dst[i] = −x[i]. dst may be x.", (*vec.Func).Neg, 1},
	{"Abs", "sets dst[i] = |x[i]|. dst may be x.", (*vec.Func).Abs, 1},
	{"Sqrt", "sets dst[i] = √x[i], correctly rounded. dst may be x.", (*vec.Func).Sqrt, 1},
	{"Recip", "sets dst[i] = 1/x[i], correctly rounded. dst may be x.", func(f *vec.Func, x *vec.Value) *vec.Value {
		return f.Div(f.Const(1), x)
	}, 1},
	{"Square", "sets dst[i] = x[i]². dst may be x.", func(f *vec.Func, x *vec.Value) *vec.Value { return f.Mul(x, x) },
		1},
	{"Exp", "sets dst[i] = exp(x[i]), within 1 ulp; denormal results are 0. dst may be x.", exp, 2},
	{"Log", "sets dst[i] = ln x[i], within 2 ulp; a denormal counts as 0. dst may be x.", log, 2},
	{"Log1p", "sets dst[i] = ln(1+x[i]), within 3 ulp. dst may be x.", log1p, 1},
	{"Expm1", "sets dst[i] = exp(x[i])−1, within 3 ulp. dst may be x.", expm1, 2},
	{"Tanh", "sets dst[i] = tanh x[i], within 4 ulp. dst may be x.", tanh, 2},
	{"Sigmoid", "sets dst[i] = 1/(1+exp(−x[i])), within 3 ulp; denormal results are 0. dst may be x.", sigmoid, 2},
	{"Softplus", "sets dst[i] = ln(1+exp(x[i])), within 4 ulp; denormal results are 0. dst may be x.", softplus, 1},
	{"Erf", "sets dst[i] = erf x[i], within 3 ulp. dst may be x.", erf, 2},
	{"NormLogCDF", "sets dst[i] = ln Φ(x[i]), Φ the normal distribution function, within 4 ulp in both tails. dst " +
		"may be x.", normLogCDF, 1},
}

func arithmetic(double bool) []*vec.Func {
	var all []*vec.Func
	binary := func(name, doc string, op func(f *vec.Func, a, b *vec.Value) *vec.Value) {
		f := vec.New(name, double, doc+" dst may be a or b.", "dst", "a", "b")
		f.Out("dst", op(f, f.In("a"), f.In("b")))
		all = append(all, f)
	}
	scalar := func(name, doc string, op func(f *vec.Func, a, s *vec.Value) *vec.Value) {
		f := vec.New(name, double, doc+" dst may be a.", "dst", "a", "s")
		f.Out("dst", op(f, f.In("a"), f.Scalar("s")))
		all = append(all, f)
	}
	swap := func(op func(f *vec.Func, a, b *vec.Value) *vec.Value) func(f *vec.Func, a, b *vec.Value) *vec.Value {
		return func(f *vec.Func, a, b *vec.Value) *vec.Value { return op(f, b, a) }
	}
	// The same of rows: of every row and its own number, and of every row and one that all of them meet.
	rows := func(name, what string, op func(f *vec.Func, a, b *vec.Value) *vec.Value) {
		f := vec.New(name+"PerRow", double, "sets, dst and a being [rows, cols], dst[r,j] "+fmt.Sprintf(what,
			"s[r]")+" dst may be a.", "dst", "a", "s")
		f.Out("dst", op(f, f.In("a"), f.RowScalar("s")))
		all = append(all, f)
		f = vec.New(name+"Periodic", double, "sets, dst and a being [rows, cols], dst[r,j] "+fmt.Sprintf(what,
			"p[j]")+" dst may be a.", "dst", "a", "p")
		f.Periodic = "p"
		f.Out("dst", op(f, f.In("a"), f.In("p")))
		all = append(all, f)
	}
	binary("Add", "sets dst[i] = a[i] + b[i].", (*vec.Func).Add)
	binary("Sub", "sets dst[i] = a[i] − b[i].", (*vec.Func).Sub)
	binary("Mul", "sets dst[i] = a[i]·b[i].", (*vec.Func).Mul)
	binary("Div", "sets dst[i] = a[i]/b[i].", (*vec.Func).Div)
	binary("Max", "sets dst[i] to the larger of a[i] and b[i], NaN when either is: Go's max.", maximum)
	binary("Min", "sets dst[i] to the smaller of a[i] and b[i], NaN when either is: Go's min.", minimum)
	scalar("AddS", "sets dst[i] = a[i] + s.", (*vec.Func).Add)
	scalar("SubS", "sets dst[i] = a[i] − s.", (*vec.Func).Sub)
	scalar("RSubS", "sets dst[i] = s − a[i].", swap((*vec.Func).Sub))
	scalar("MulS", "sets dst[i] = a[i]·s.", (*vec.Func).Mul)
	scalar("DivS", "sets dst[i] = a[i]/s.", (*vec.Func).Div)
	scalar("RDivS", "sets dst[i] = s/a[i].", swap((*vec.Func).Div))
	scalar("MaxS", "sets dst[i] to the larger of a[i] and s, NaN when either is: Go's max.", maximum)
	scalar("MinS", "sets dst[i] to the smaller of a[i] and s, NaN when either is: Go's min.", minimum)

	rows("Add", "= a[r,j] + %s.", (*vec.Func).Add)
	rows("Sub", "= a[r,j] − %s.", (*vec.Func).Sub)
	rows("RSub", "= %s − a[r,j].", swap((*vec.Func).Sub))
	rows("Mul", "= a[r,j]·%s.", (*vec.Func).Mul)
	rows("Div", "= a[r,j]/%s.", (*vec.Func).Div)
	rows("RDiv", "= %s/a[r,j].", swap((*vec.Func).Div))
	rows("Max", "to the larger of a[r,j] and %s, NaN when either is.", maximum)
	rows("Min", "to the smaller of a[r,j] and %s, NaN when either is.", minimum)

	// The softmax of a column and its derivative.
	f := vec.New("ExpSub", double, "sets, dst and a being [rows, cols], dst[r,j] = exp(a[r,j] − p[j]), as Exp. dst "+
		"may be a.", "dst", "a", "p")
	f.Periodic, f.Chains = "p", 2
	f.Out("dst", exp(f, f.Sub(f.In("a"), f.In("p"))))
	all = append(all, f)
	f = vec.New("SubMul", double, "sets, dst, a and b being [rows, cols], dst[r,j] = (a[r,j] − p[j])·b[r,j]. dst may "+
		"be a or b.", "dst", "a", "b", "p")
	f.Periodic = "p"
	f.Out("dst", f.Mul(f.Sub(f.In("a"), f.In("p")), f.In("b")))
	all = append(all, f)

	if double { // the solvers' updates
		f := vec.New("MulAdd", double, "sets dst[i] = a[i]·b[i] + c[i], rounded once. dst may be a, b or c.", "dst",
			"a", "b", "c")
		f.Out("dst", f.FMA(f.In("a"), f.In("b"), f.In("c")))
		all = append(all, f)
	}
	return all
}

// maximum takes the machine's maximum both ways round: the two differ for zeros of unlike sign, where the
// conjunction of their bits is +0, and when one operand is NaN.
func maximum(f *vec.Func, a, b *vec.Value) *vec.Value {
	m := f.AsFloat(f.And(f.AsBits(f.Max(a, b)), f.AsBits(f.Max(b, a))))
	return f.Select(f.Unordered(a, b), f.Add(a, b), m)
}

func minimum(f *vec.Func, a, b *vec.Value) *vec.Value {
	m := f.AsFloat(f.Or(f.AsBits(f.Min(a, b)), f.AsBits(f.Min(b, a))))
	return f.Select(f.Unordered(a, b), f.Add(a, b), m)
}
