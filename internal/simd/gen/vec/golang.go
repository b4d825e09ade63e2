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

// signature is the exported function's parameter list, vectors being slices.
func (f *Func) signature() string {
	var parts, run []string
	t := f.goType()
	flush := func(typ string) {
		if len(run) > 0 {
			parts = append(parts, strings.Join(run, ", ")+" "+typ)
			run = nil
		}
	}
	last := false
	for i, p := range f.Params {
		sc := f.isScalar(p)
		if i > 0 && sc != last {
			flush(map[bool]string{true: t, false: "[]" + t}[last])
		}
		run, last = append(run, p), sc
	}
	flush(map[bool]string{true: t, false: "[]" + t}[last])
	return strings.Join(parts, ", ")
}

// WriteWrapper writes the exported function: it checks lengths and cuts the work.
func (f *Func) WriteWrapper(w io.Writer) {
	fmt.Fprintf(w, "// %s%d %s\n", f.Name, f.Bits(), f.Doc)
	priv := fmt.Sprintf("%s%d", lower(f.Name), f.Bits())
	v := f.vectors()
	if f.Periodic != "" {
		fmt.Fprintf(w, "func %s%d(%s, rows, cols int) {\n", f.Name, f.Bits(), f.signature())
		fmt.Fprintf(w, "\tcheckLen(len(%s) == cols && rows >= 0 && len(%s) == rows*cols)\n", f.Periodic, v[0])
		for _, p := range v[1:] {
			if p != f.Periodic {
				fmt.Fprintf(w, "\tcheckLen(len(%s) == len(%s))\n", p, v[0])
			}
		}
		fmt.Fprintf(w, "\tif len(%s) == 0 {\n\t\treturn\n\t}\n", v[0])
		var args []string
		for _, p := range f.Params {
			if p == f.Periodic {
				args = append(args, p+"[j:k]")
			} else {
				args = append(args, p+"[from:to]")
			}
		}
		fmt.Fprintf(w, `	tall, wide := max(1, chunk/cols), min(chunk, cols)
	for r := 0; r < rows; r += tall {
		m := min(tall, rows-r)
		for j := 0; j < cols; j += wide {
			k := min(j+wide, cols)
			from, to := r*cols+j, (r+m-1)*cols+k
			%s(%s, m)
		}
	}
}

`, priv, strings.Join(args, ", "))
		return
	}
	fmt.Fprintf(w, "func %s%d(%s) {\n", f.Name, f.Bits(), f.signature())
	if len(v) > 1 {
		var eq []string
		for _, p := range v[1:] {
			eq = append(eq, fmt.Sprintf("len(%s) == len(%s)", p, v[0]))
		}
		fmt.Fprintf(w, "\tcheckLen(%s)\n", strings.Join(eq, " && "))
	}
	var head, tail, all, vv []string
	for _, p := range f.Params {
		if f.isScalar(p) {
			head, all = append(head, p), append(all, p)
			continue
		}
		head, all = append(head, p+"[:chunk]"), append(all, p)
		vv, tail = append(vv, p), append(tail, p+"[chunk:]")
	}
	fmt.Fprintf(w, "\tfor len(%s) > chunk {\n\t\t%s(%s)\n\t\t%s = %s\n\t}\n\t%s(%s)\n}\n\n", v[0], priv, strings.Join(head, ", "),
		strings.Join(vv, ", "), strings.Join(tail, ", "), priv, strings.Join(all, ", "))
}

// WriteDispatch writes the function that does one chunk. Being a Go function it may be interrupted on entry,
// which assembly may not, so it must not be inlined into the loop over chunks.
func (f *Func) WriteDispatch(w io.Writer, amd64 bool) {
	priv := fmt.Sprintf("%s%d", lower(f.Name), f.Bits())
	v := f.vectors()
	sig, extra, n := f.signature(), "", "n"
	if f.Periodic != "" {
		sig, extra = sig+", rows int", ", rows"
	}
	if !amd64 {
		fmt.Fprintf(w, "func %s(%s) { %sPortable(%s%s) }\n\n", priv, sig, priv, strings.Join(f.Params, ", "), extra)
		return
	}
	fmt.Fprintf(w, "//go:noinline\nfunc %s(%s) {\n", priv, sig)
	size := v[0]
	if f.Periodic != "" {
		size = f.Periodic
	}
	fmt.Fprintf(w, "\tn := len(%s)\n\tif n == 0 {\n\t\treturn\n\t}\n", size)
	var args []string
	for _, p := range f.Params {
		if f.isScalar(p) {
			args = append(args, p)
		} else {
			args = append(args, "&"+p+"[0]")
		}
	}
	// Pointers to vectors come first in the routine, then scalars.
	args = args[:0]
	for _, p := range v {
		args = append(args, "&"+p+"[0]")
	}
	for _, s := range f.Scalars {
		args = append(args, s.name)
	}
	call := fmt.Sprintf("(%s, %s%s)", strings.Join(args, ", "), n, extra)
	line := func(suffix string) string {
		if f.Escape != nil {
			return fmt.Sprintf("if %s%s%s != 0 {\n\t\t\tpatch%s%d(%s)\n\t\t}", priv, suffix, call, f.Name, f.Bits(), v[0])
		}
		return priv + suffix + call
	}
	fmt.Fprintf(w, "\tswitch level {\n\tcase avx512:\n\t\t%s\n\tcase avx2:\n\t\t%s\n\tdefault:\n\t\t%sPortable(%s%s)\n\t}\n}\n\n",
		line("AVX512"), line("AVX2"), priv, strings.Join(f.Params, ", "), extra)
}

// WritePortable writes the loop over elements in Go.
func (f *Func) WritePortable(w io.Writer) {
	priv := fmt.Sprintf("%s%d", lower(f.Name), f.Bits())
	sig := f.signature()
	index := func(p string) string { return p + "[i]" }
	var out, in []string
	for _, o := range f.Outputs {
		out = append(out, index(o.Name))
	}
	for _, v := range f.Inputs {
		if v.name == f.Periodic {
			in = append(in, v.name+"[j]")
		} else {
			in = append(in, index(v.name))
		}
	}
	for _, v := range f.Scalars {
		in = append(in, v.name)
	}
	body := fmt.Sprintf("%s = %s(%s)", strings.Join(out, ", "), f.of(), strings.Join(in, ", "))
	first := f.Outputs[0].Name
	if f.Periodic != "" {
		fmt.Fprintf(w, "func %sPortable(%s, rows int) {\n\tcols := len(%s)\n\tfor r := range rows {\n\t\tfor j := range %s {\n\t\t\ti := r*cols + j\n\t\t\t%s\n\t\t}\n\t}\n}\n\n",
			priv, sig, f.Periodic, f.Periodic, body)
		return
	}
	fmt.Fprintf(w, "func %sPortable(%s) {\n\tfor i := range %s {\n\t\t%s\n\t}\n", priv, sig, first, body)
	if f.Escape != nil {
		fmt.Fprintf(w, "\tpatch%s%d(%s)\n", f.Name, f.Bits(), first)
	}
	fmt.Fprintf(w, "}\n\n")
}
