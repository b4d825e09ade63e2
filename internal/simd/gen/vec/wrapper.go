package vec

import (
	"fmt"
	"io"
	"strings"
)

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
	if f.rowwise() {
		fmt.Fprintf(w, "func %s%d(%s, rows, cols int) {\n", f.Name, f.Bits(), f.signature())
		few, length := f.Periodic, "cols"
		if few == "" {
			few, length = f.PerRow, "rows"
		}
		fmt.Fprintf(w, "\tcheckLen(len(%s) == %s && rows >= 0 && len(%s) == rows*cols)\n", few, length, v[0])
		for _, p := range v[1:] {
			if p != few {
				fmt.Fprintf(w, "\tcheckLen(len(%s) == len(%s))\n", p, v[0])
			}
		}
		fmt.Fprintf(w, "\tif len(%s) == 0 {\n\t\treturn\n\t}\n", v[0])
		var args []string
		for _, p := range f.Params {
			switch p {
			case f.Periodic:
				args = append(args, p+"[j:k]")
			case f.PerRow:
				args = append(args, p+"[r:r+m]")
			default:
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
	fmt.Fprintf(w, "\tfor len(%s) > chunk {\n\t\t%s(%s)\n\t\t%s = %s\n\t}\n\t%s(%s)\n}\n\n", v[0], priv,
		strings.Join(head, ", "),
		strings.Join(vv, ", "), strings.Join(tail, ", "), priv, strings.Join(all, ", "))
}

// WriteDispatch writes the function that does one chunk. Being a Go function it may be interrupted on entry,
// which assembly may not, so it must not be inlined into the loop over chunks.
func (f *Func) WriteDispatch(w io.Writer, amd64 bool) {
	priv := fmt.Sprintf("%s%d", lower(f.Name), f.Bits())
	v := f.vectors()
	sig, extra, n := f.signature(), "", "n"
	if f.rowwise() {
		sig, extra = sig+", rows int", ", rows"
	}
	if !amd64 {
		fmt.Fprintf(w, "func %s(%s) { %sPortable(%s%s) }\n\n", priv, sig, priv, strings.Join(f.Params, ", "), extra)
		return
	}
	fmt.Fprintf(w, "//go:noinline\nfunc %s(%s) {\n", priv, sig)
	size := "len(" + v[0] + ")"
	switch {
	case f.Periodic != "":
		size = "len(" + f.Periodic + ")"
	case f.PerRow != "":
		size += " / rows"
	}
	fmt.Fprintf(w, "\tn := %s\n\tif n == 0 {\n\t\treturn\n\t}\n", size)
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
			patched := v[0]
			if f.Again {
				patched = strings.Join(v, ", ")
			}
			return fmt.Sprintf("if %s%s%s != 0 {\n\t\t\tpatch%s%d(%s)\n\t\t}", priv, suffix, call, f.Name, f.Bits(),
				patched)
		}
		return priv + suffix + call
	}
	fmt.Fprintf(w, "\tswitch level {\n\tcase avx512:\n\t\t%s\n\tcase "+
		"avx2:\n\t\t%s\n\tdefault:\n\t\t%sPortable(%s%s)\n\t}\n}\n\n",
		line("AVX512"), line("AVX2"), priv, strings.Join(f.Params, ", "), extra)
}

// WritePortable writes the loop over elements in Go.
func (f *Func) WritePortable(w io.Writer) {
	priv := fmt.Sprintf("%s%d", lower(f.Name), f.Bits())
	sig := f.signature()
	if f.Again {
		fmt.Fprintf(w, "func %sPortable(%s) { patch%s%d(%s) }\n\n", priv, sig, f.Name, f.Bits(),
			strings.Join(f.Params, ", "))
		return
	}
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
	if f.PerRow != "" {
		in = append(in, f.PerRow+"[r]")
	}
	body := fmt.Sprintf("%s = %s(%s)", strings.Join(out, ", "), f.of(), strings.Join(in, ", "))
	first := f.Outputs[0].Name
	if f.rowwise() {
		cols := "len(" + first + ") / rows"
		if f.Periodic != "" {
			cols = "len(" + f.Periodic + ")"
		}
		fmt.Fprintf(w, "func %sPortable(%s, rows int) {\n\tcols := %s\n\tfor r := range rows {\n\t\tfor j := range "+
			"cols {\n\t\t\ti := r*cols + j\n\t\t\t%s\n\t\t}\n\t}\n}\n\n",
			priv, sig, cols, body)
		return
	}
	fmt.Fprintf(w, "func %sPortable(%s) {\n\tfor i := range %s {\n\t\t%s\n\t}\n", priv, sig, first, body)
	if f.Escape != nil {
		fmt.Fprintf(w, "\tpatch%s%d(%s)\n", f.Name, f.Bits(), first)
	}
	fmt.Fprintf(w, "}\n\n")
}
