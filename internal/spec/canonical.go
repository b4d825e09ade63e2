package spec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Canonical writes a configuration as TOML, one line for each field in the order of their declaration, defaults
// included, but for fields that came later and say so by omit:"default". Equal configurations have equal text, so a
// hash of it names the run.
func Canonical(c any) string {
	var b strings.Builder
	defs := defaultsOf(c)
	for i, f := range fields(structOf(c), "", false) {
		if f.tag.Get("omit") == "default" && text(&f) == text(&defs[i]) {
			continue
		}
		fmt.Fprintf(&b, "%s = %s\n", f.name, text(&f))
	}
	return b.String()
}

// text is the TOML value of f.
func text(f *field) string {
	v := f.v
	switch f.class() {
	case classBool, classInt:
		return f.bare()
	case classUint:
		if v.Uint() > math.MaxInt64 { // beyond the integers of TOML
			return quote(f.bare())
		}
		return f.bare()
	case classFloat:
		return float(v.Float())
	case classList:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = text(f.element(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return quote(f.bare())
}

func float(x float64) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	}
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// quote writes a TOML basic string. What is not UTF-8 becomes the replacement character: TOML has no bytes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
