package functions

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// π/2 in three parts of the precision.
var (
	halfPi32 = [3]float64{0x1.921fb6p+0, -0x1.777a5cp-25, -0x1.ee59dap-50}
	halfPi64 = [3]float64{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110}
)

// Arguments beyond these are left to math.Sin and math.Cos, which reduce them after Payne and Hanek.
const (
	trigTop32 = 1e5
	trigTop64 = 1e6
)

func trigonometric(double bool) []*vec.Func {
	var all []*vec.Func
	for k, name := range []string{"Sin", "Cos"} {
		f := vec.New(name, double, "sets dst[i] = "+[]string{"sin", "cos"}[k]+" x[i], within 2 ulp. dst may be x.",
			"dst", "x")
		x := f.In("x")
		r, q := quadrant(f, x)
		s, c := sinPoly(f, r), cosPoly(f, r)
		y := turn(f, q, uint64(k), s, c)
		if name == "Sin" {
			y = f.Select(f.Equal(x, f.Const(0)), x, y) // keeps −0 and denormals
		}
		top := trigTop32
		if double {
			top = trigTop64
		}
		f.Escape = f.NotLessEq(f.Abs(x), f.Const(top))
		f.Out("dst", f.Select(f.Escape, x, y))
		all = append(all, f)
	}
	return all
}

// quadrant is x = q·π/2 + r with |r| ≤ π/4; the two low bits of q matter.
func quadrant(f *vec.Func, x *vec.Value) (r, q *vec.Value) {
	parts, round := halfPi32, 0x1.8p23
	if f.Double {
		parts, round = halfPi64, 0x1.8p52
	}
	t := f.FMA(x, f.Const(2/math.Pi), f.Const(round))
	n := f.Sub(t, f.Const(round))
	r = x
	for _, p := range parts {
		r = f.FNMA(n, f.Const(p), r)
	}
	return r, f.AsBits(t)
}

// turn picks, from s = sin r and c = cos r, the sine of r + (q+k)·π/2.
func turn(f *vec.Func, q *vec.Value, k uint64, s, c *vec.Value) *vec.Value {
	if k != 0 {
		q = f.AddI(q, f.Word(k))
	}
	top := f.Bits() - 1
	y := f.Select(f.Negative(f.Shl(q, top)), c, s)
	sign := f.And(f.Shl(q, top-1), f.Word(1<<top))
	return f.AsFloat(f.Xor(f.AsBits(y), sign))
}

// sinPoly and cosPoly are sin r and cos r for |r| ≤ π/4.
func sinPoly(f *vec.Func, r *vec.Value) *vec.Value {
	p := sinP32
	if f.Double {
		p = sinP64
	}
	z := f.Mul(r, r)
	return f.FMA(f.Mul(z, r), f.Poly(z, p), r)
}

func cosPoly(f *vec.Func, r *vec.Value) *vec.Value {
	p := cosP32
	if f.Double {
		p = cosP64
	}
	z := f.Mul(r, r)
	return f.FMA(f.Mul(z, z), f.Poly(z, p), f.FMA(z, f.Const(-0.5), f.Const(1)))
}

// BoxMuller describes the transform of one Philox block into normals: for two words of 32 bits (a, b), or two
// of 64 bits in double precision,
//
//	√(−2 ln u)·(cos 2πv, sin 2πv),  u = (a + ½)·2⁻³² (or 2⁻⁶⁴),  v = b·2⁻³² (or 2⁻⁶⁴),
//
// where u is rounded to the precision, to 1 at most. Small u keep all their bits, so the tails reach 6.8
// and 9.5. The angle is reduced as an integer, without error.
func BoxMuller(double bool) *vec.Func {
	f := vec.New("BoxMuller", double, "", "w0", "w1", "w2", "w3")
	f.Words = true
	w := [4]*vec.Value{f.In("w0"), f.In("w1"), f.In("w2"), f.In("w3")}
	pair := func(r, c, s *vec.Value, first string, second string) {
		f.Out(first, f.Mul(r, c))
		f.Out(second, f.Mul(r, s))
	}
	if double {
		r := radius64(f, w[0], w[1])
		c, s := circle64(f, w[2], w[3])
		pair(r, c, s, "z0", "z1")
		return f
	}
	for i, z := range [][2]string{{"z0", "z1"}, {"z2", "z3"}} {
		r := radius32(f, w[2*i])
		c, s := circle32(f, w[2*i+1])
		pair(r, c, s, z[0], z[1])
	}
	return f
}

// Radius is the first half of [BoxMuller], √(−2 ln u), and Circle the second, (cos 2πv, sin 2πv): of words w, which in
// double precision are two each, the first in the low half.
func Radius(double bool) *vec.Func {
	f := vec.New("Radius", double, "", "w")
	f.Words = true
	w := f.In("w")
	if double {
		f.Out("r", radius64(f, f.And(w, f.Word(1<<32-1)), f.Shr(w, 32)))
	} else {
		f.Out("r", radius32(f, w))
	}
	return f
}

// Circle is described at [Radius].
func Circle(double bool) *vec.Func {
	f := vec.New("Circle", double, "", "w")
	f.Words = true
	w := f.In("w")
	var c, s *vec.Value
	if double {
		c, s = circle64(f, f.And(w, f.Word(1<<32-1)), f.Shr(w, 32))
	} else {
		c, s = circle32(f, w)
	}
	f.Out("c", c)
	f.Out("s", s)
	return f
}

func radius32(f *vec.Func, a *vec.Value) *vec.Value {
	u := f.FMA(f.FromInt(f.Shr(a, 16)), f.Const(0x1p16), f.FromInt(f.And(a, f.Word(0xffff))))
	return radius(f, f.FMA(u, f.Const(0x1p-32), f.Const(0x1p-33)))
}

func radius64(f *vec.Func, high, low *vec.Value) *vec.Value {
	u := f.FMA(number(f, low, 0), f.Const(0x1p-64), f.Const(0x1p-65))
	return radius(f, f.FMA(number(f, high, 0), f.Const(0x1p-32), u))
}

func radius(f *vec.Func, u *vec.Value) *vec.Value { return f.Sqrt(f.Mul(logNormal(f, u), f.Const(-2))) }

// number is an integer below 2³² in the low bits of a double, less a bias: in [2⁵², 2⁵³) the low bits of a float are an
// integer.
func number(f *vec.Func, word *vec.Value, bias float64) *vec.Value {
	const unit = 0x1p52
	return f.Sub(f.AsFloat(f.Or(word, f.Word(math.Float64bits(unit)))), f.Const(unit+bias))
}

func circle32(f *vec.Func, b *vec.Value) (c, s *vec.Value) {
	// The upper two bits of b are the quadrant, rounded; the others, as a signed number, the rest.
	angle := f.Mul(f.FromInt(f.Shl(b, 2)), f.Const(0x1p-32))
	return circle(f, angle, f.Shr(f.AddI(b, f.Word(1<<29)), 30))
}

func circle64(f *vec.Func, high, low *vec.Value) (c, s *vec.Value) {
	rest := f.Xor(f.And(f.Shl(high, 2), f.Word(1<<32-1)), f.Word(1<<31))
	angle := f.FMA(number(f, low, 0), f.Const(0x1p-62), f.Mul(number(f, rest, 1<<31), f.Const(0x1p-32)))
	return circle(f, angle, f.Shr(f.AddI(high, f.Word(1<<29)), 30))
}

func circle(f *vec.Func, angle, q *vec.Value) (c, s *vec.Value) {
	r := f.Mul(angle, f.Const(math.Pi/2))
	s, c = sinPoly(f, r), cosPoly(f, r)
	return turn(f, q, 1, s, c), turn(f, q, 0, s, c)
}
