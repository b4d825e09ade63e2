package draws

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// variable is a parameter with all of its columns.
type variable struct {
	name  string
	shape []int // empty for a number
	at    []int // column of each element, the last index fastest
}

// variables puts columns of one name together. Columns whose indices do not fill an array stay by themselves.
func variables(columns []string) []variable {
	var order []string
	parts := map[string][]int{}
	for i, c := range columns {
		name, _, _ := strings.Cut(c, ".")
		if _, ok := parts[name]; !ok {
			order = append(order, name)
		}
		parts[name] = append(parts[name], i)
	}
	var out []variable
	for _, name := range order {
		if v, ok := array(name, columns, parts[name]); ok {
			out = append(out, v)
			continue
		}
		for _, i := range parts[name] {
			out = append(out, variable{name: columns[i], at: []int{i}})
		}
	}
	return out
}

// array finds the shape of a parameter and the place of its columns.
func array(name string, columns []string, at []int) (variable, bool) {
	v := variable{name: name}
	index := make([][]int, len(at))
	for i, c := range at {
		for k, s := range strings.Split(columns[c], ".")[1:] {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 {
				return v, false
			}
			index[i] = append(index[i], n-1)
			if i == 0 {
				v.shape = append(v.shape, 0)
			}
			if k >= len(v.shape) {
				return v, false
			}
			v.shape[k] = max(v.shape[k], n)
		}
		if len(index[i]) != len(v.shape) {
			return v, false
		}
	}
	size := 1
	for _, k := range v.shape {
		if size > len(at)/k {
			return v, false
		}
		size *= k
	}
	if size != len(at) {
		return v, false
	}
	v.at = slices.Repeat([]int{-1}, size)
	for i, c := range at {
		flat := 0
		for k, n := range index[i] {
			flat = flat*v.shape[k] + n
		}
		if v.at[flat] >= 0 {
			return v, false
		}
		v.at[flat] = c
	}
	return v, true
}

// arvizNames are what ArviZ calls CmdStan's statistics. Another loses its underscores.
var arvizNames = map[string]string{
	Accept: "acceptance_rate", StepSize: "step_size", Depth: "tree_depth", Leapfrogs: "n_steps", Divergent: "diverging",
}

// jsonName is what a variable is called there.
func jsonName(name string) string { return cmp.Or(arvizNames[name], strings.TrimSuffix(name, "__")) }

// writeJSON writes the groups that arviz.from_dict takes.
func writeJSON(w *bufio.Writer, m *Meta, j *Journal) error {
	w.WriteString("{\n")
	groups := []struct {
		name string
		vars []variable
	}{{"posterior", variables(m.Parameters())}, {"sample_stats", variables(m.Columns[:m.Stats])}}
	for i := range groups[0].vars {
		for k := range groups[0].vars[i].at {
			groups[0].vars[i].at[k] += m.Stats
		}
	}
	for i, g := range groups {
		if i > 0 {
			w.WriteString(",\n")
		}
		fmt.Fprintf(w, " %q: {", g.name)
		for k, v := range g.vars {
			if k > 0 {
				w.WriteByte(',')
			}
			name, err := json.Marshal(jsonName(v.name))
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "\n  %s: ", name)
			if err := v.write(w, m, j); err != nil {
				return err
			}
		}
		w.WriteString("\n }")
	}
	_, err := w.WriteString("\n}\n")
	return err
}

func (v *variable) write(w *bufio.Writer, m *Meta, j *Journal) error {
	w.WriteByte('[')
	for chain := range m.Chains {
		if chain > 0 {
			w.WriteString(",\n   ")
		}
		w.WriteByte('[')
		err := j.scan(chain, func(first int, rows []float64) error {
			for i := range len(rows) / j.cols {
				if first+i > 0 {
					w.WriteByte(',')
				}
				if err := v.nest(w, rows[i*j.cols:], v.shape, v.at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.WriteByte(']')
	}
	return w.WriteByte(']')
}

// nest writes the elements at the given columns as lists within lists.
func (v *variable) nest(w *bufio.Writer, row []float64, shape, at []int) error {
	if len(shape) == 0 {
		_, err := w.Write(appendJSON(w.AvailableBuffer(), row[at[0]]))
		return err
	}
	w.WriteByte('[')
	step := len(at) / shape[0]
	for k := range shape[0] {
		if k > 0 {
			w.WriteByte(',')
		}
		if err := v.nest(w, row, shape[1:], at[k*step:(k+1)*step]); err != nil {
			return err
		}
	}
	return w.WriteByte(']')
}

// appendJSON writes a number, or the words that Python's json writes and reads for one that is not finite.
func appendJSON(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "NaN"...)
	case math.IsInf(v, 1):
		return append(b, "Infinity"...)
	case math.IsInf(v, -1):
		return append(b, "-Infinity"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}
