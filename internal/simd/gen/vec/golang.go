package vec

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// goType is the precision's Go type.
func (f *Func) goType() string { return fmt.Sprintf("float%d", f.Bits()) }

// of names the Go function of one element.
func (f *Func) of() string { return fmt.Sprintf("%s%dOf", lower(f.Name), f.Bits()) }

// goName is the Go expression for a value: a constant in place, anything else by name.
func (f *Func) goName(v *Value) string {
	switch v.op {
	case "in", "scalar":
		return v.name
	case "const":
		if v.kind == integer {
			return fmt.Sprintf("%#x", v.imm)
		}
		x := float64(math.Float32frombits(uint32(v.imm)))
		if f.Double {
			x = math.Float64frombits(v.imm)
		}
		switch {
		case math.IsInf(x, 1):
			return fmt.Sprintf("inf%d", f.Bits())
		case math.IsInf(x, -1):
			return fmt.Sprintf("-inf%d", f.Bits())
		case math.IsNaN(x):
			return fmt.Sprintf("nan%d", f.Bits())
		case x == math.Trunc(x) && math.Abs(x) < 1000:
			return strconv.FormatFloat(x, 'f', -1, 64)
		}
		return strconv.FormatFloat(x, 'g', -1, f.Bits())
	case "bits":
		return fmt.Sprintf("math.Float%dbits(%s)", f.Bits(), f.goName(v.args[0]))
	case "float":
		return fmt.Sprintf("math.Float%dfrombits(%s)", f.Bits(), f.goName(v.args[0]))
	}
	return fmt.Sprintf("v%d", v.id)
}

// goExpr is the Go expression of an operation. Every product is converted, which forbids Go to fuse it.
func (f *Func) goExpr(v *Value) string {
	a := make([]string, len(v.args))
	for i, x := range v.args {
		a[i] = f.goName(x)
	}
	n := f.Bits()
	switch v.op {
	case "ADD", "PADD":
		return a[0] + " + " + a[1]
	case "SUB":
		return a[0] + " - " + a[1]
	case "MUL":
		return fmt.Sprintf("%s(%s * %s)", f.goType(), a[0], a[1])
	case "DIV":
		return a[0] + " / " + a[1]
	case "SQRT":
		return fmt.Sprintf("%s(math.Sqrt(float64(%s)))", f.goType(), a[0])
	case "FMADD":
		return fmt.Sprintf("fma%d(%s, %s, %s)", n, a[0], a[1], a[2])
	case "FNMADD":
		return fmt.Sprintf("fma%d(-%s, %s, %s)", n, a[0], a[1], a[2])
	case "MIN":
		return fmt.Sprintf("pick(%s < %s, %s, %s)", a[0], a[1], a[0], a[1])
	case "MAX":
		return fmt.Sprintf("pick(%s > %s, %s, %s)", a[0], a[1], a[0], a[1])
	case "CMP":
		switch v.imm {
		case predEqual:
			return a[0] + " == " + a[1]
		case predLess:
			return a[0] + " < " + a[1]
		case predNotLessEq:
			return fmt.Sprintf("!(%s <= %s)", a[0], a[1])
		case predUnordered:
			return fmt.Sprintf("%s != %s || %s != %s", a[0], a[0], a[1], a[1])
		}
	case "SIGN":
		return fmt.Sprintf("int%d(%s) < 0", n, a[0])
	case "SELECT":
		return fmt.Sprintf("pick(%s, %s, %s)", a[0], a[1], a[2])
	case "PAND":
		return a[0] + " & " + a[1]
	case "POR":
		return a[0] + " | " + a[1]
	case "PXOR":
		return a[0] + " ^ " + a[1]
	case "PSLL":
		return fmt.Sprintf("%s << %d", a[0], v.imm)
	case "PSRL":
		return fmt.Sprintf("%s >> %d", a[0], v.imm)
	case "CVTDQ2":
		return fmt.Sprintf("float32(int32(%s))", a[0])
	case "flush":
		return fmt.Sprintf("flush%d(%s)", n, a[0])
	}
	panic("vec: no Go for " + v.op)
}

// WriteOf writes the Go function of one element.
func (f *Func) WriteOf(w io.Writer) {
	used := f.used()
	var in []string
	t := f.goType()
	if f.Words {
		t = fmt.Sprintf("uint%d", f.Bits())
	}
	for _, v := range f.Inputs {
		in = append(in, v.name)
	}
	sig := strings.Join(in, ", ") + " " + t
	if len(f.Scalars) > 0 {
		var sc []string
		for _, v := range f.Scalars {
			sc = append(sc, v.name)
		}
		sig = strings.Join(append(in, sc...), ", ") + " " + t
	}
	if f.PerRow != "" {
		sig = strings.Join(append(in, f.PerRow), ", ") + " " + t
	}
	results := strings.Repeat(f.goType()+", ", len(f.Outputs)-1) + f.goType()
	if len(f.Outputs) > 1 {
		results = "(" + results + ")"
	}
	fmt.Fprintf(w, "// %s is %s of one element.\nfunc %s(%s) %s {\n", f.of(), f.Name, f.of(), sig, results)
	for _, v := range f.Values {
		if !used[v] || v == f.Escape && onlyEscapes(f) {
			continue
		}
		switch v.op {
		case "in", "scalar", "const", "bits", "float":
		default:
			fmt.Fprintf(w, "\tv%d := %s\n", v.id, f.goExpr(v))
		}
	}
	var out []string
	for _, o := range f.Outputs {
		out = append(out, f.goName(o.Value))
	}
	fmt.Fprintf(w, "\treturn %s\n}\n\n", strings.Join(out, ", "))
}

// onlyEscapes reports whether nothing but the caller looks at the Escape mask.
func onlyEscapes(f *Func) bool {
	for _, v := range f.Values {
		for _, a := range v.args {
			if a == f.Escape {
				return false
			}
		}
	}
	return true
}
