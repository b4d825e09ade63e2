package restore

import (
	"encoding/csv"
	"fmt"
	"image"
	_ "image/png" // PNG files are read
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
)

// measurements reads what was measured and makes the operators.
func (j *job) measurements(env *task.Env) error {
	gaps := strings.TrimSpace(j.c.Operator) == "mask" && !j.scale.image && !j.c.Simulate
	if gaps {
		return j.table(env)
	}
	op, err := inverse.Parse(j.c.Operator, inverse.Setting{Shape: j.scale.shape, Open: open})
	if err != nil {
		return err
	}
	in, offset, err := inverse.InUnits(op, j.scale.t, j.scale.width)
	if err != nil {
		return err
	}
	width, m := op.Dims()
	shape := []int{m}
	if s, ok := op.(inverse.Shaped); ok {
		shape = s.Shape()
	}
	want, wantShape := m, shape
	if j.c.Simulate {
		want, wantShape = width, j.scale.shape
	}
	rows, err := j.rows(env, want, wantShape)
	if err != nil {
		return err
	}
	if j.c.Simulate {
		j.truth = rows
		rows = j.simulate(op, rows)
	}
	for i := range rows.N {
		one := measured{rows: op, in: in, y: rows.Slice(i, i+1), noise: j.noise, shape: shape}
		one.less = one.y.Clone()
		if _, ok := j.noise.(inverse.Poisson); ok {
			one.noise = inverse.Shifted(j.noise, offset)
		} else {
			for k, v := range offset {
				one.less.X[k] -= v
			}
		}
		j.y = append(j.y, one)
	}
	return nil
}

// simulate measures rows.
func (j *job) simulate(op inverse.Operator, rows ito.States) ito.States {
	_, m := op.Dims()
	y, z, u := rows.Like(m), rows.Like(m), rows.Like(m)
	ito.Seed(j.c.Seed).Normal(z, rng.PurposeData, 0, 5)
	ito.Seed(j.c.Seed).Uniform(u, rng.PurposeData, 0, 6)
	for i := range rows.N {
		op.Apply(y.Row(i), rows.Row(i))
		j.noise.Measure(y.Row(i), z.Row(i), u.Row(i))
	}
	return y
}

// rows reads rows of so many numbers in the units of the scale.
func (j *job) rows(env *task.Env, want int, shape []int) (ito.States, error) {
	name := j.c.Y
	bad := func(what, do string) (ito.States, error) {
		return ito.States{}, &ito.InputError{Where: name, What: what, Do: do}
	}
	var x []float64
	n := 1 // rows
	switch info, err := os.Stat(name); {
	case strings.EqualFold(filepath.Ext(name), ".png"):
		a, err := open(name)
		if err != nil {
			return ito.States{}, err
		}
		x = a.X
	case err == nil && info.IsDir() || err == nil && strings.EqualFold(filepath.Ext(name), ".npy"):
		if !info.IsDir() {
			a, err := readNPY(name)
			if err != nil {
				return ito.States{}, err
			}
			x = a.X
			if len(x) != want && len(a.Shape) > 1 {
				n = a.Shape[0]
			}
			if j.scale.image && j.c.Simulate { // whole images are in the units that the model learnt
				j.scale.into(x)
			}
			break
		}
		im, err := data.OpenImages(name, data.ImageOptions{})
		if err != nil {
			return ito.States{}, err
		}
		s := ito.NewStates(im.Len(), im.H*im.W*im.C, 0)
		if err := im.Read(s, nil, 0); err != nil {
			return ito.States{}, err
		}
		if err := im.Close(); err != nil {
			return ito.States{}, err
		}
		x, n = s.X, s.N
		for i, v := range x { // from −1 … 1
			x[i] = (v + 1) / 2
		}
	default:
		t, err := env.Rows(name, j.c.Reading, nil, nil)
		if err != nil {
			return ito.States{}, err
		}
		if t.Cols == want {
			x, n = t.X, t.Rows
			break
		}
		return bad(fmt.Sprintf("%d columns, a measurement has %d numbers", t.Cols, want), "")
	}
	if n == 0 || len(x) != n*want {
		return bad(fmt.Sprintf("%d numbers, %d of each, are no measurements of %d numbers, shape %v", len(x),
			len(x)/max(n, 1), want, shape), "give what the operator makes of a sample, or `simulate` to have it made")
	}
	out := ito.NewStates(n, want, 0)
	copy(out.X, x)
	if i := out.FirstNonFinite(); i >= 0 {
		return bad(fmt.Sprintf("measurement %d has a number that is not finite", i), "mask what was not measured")
	}
	return out, nil
}

// table reads rows with empty cells, which were not measured: every row is a mask of its own.
func (j *job) table(env *task.Env) error {
	bad := func(line int, what, do string) error {
		where := j.c.Y
		if line > 0 {
			where = fmt.Sprintf("%s, line %d", j.c.Y, line)
		}
		return &ito.InputError{Where: where, What: what, Do: do}
	}
	f := env.Stdin
	if j.c.Y != "-" {
		file, err := os.Open(j.c.Y)
		if err != nil {
			return bad(0, "it cannot be read: "+err.Error(), "give a CSV file with a line for each measurement")
		}
		defer file.Close()
		f = file
	}
	if f == nil {
		return bad(0, "there is no standard input here", "name a file")
	}
	in := csv.NewReader(f)
	head, err := in.Read()
	if err != nil {
		return bad(1, "it has no header: "+err.Error(), "name the columns of the model")
	}
	columns := task.Columns(j.m, j.scale.width)
	at := make([]int, len(columns))
	for k, name := range columns {
		at[k] = slices.IndexFunc(head, func(h string) bool { return strings.TrimSpace(h) == name })
	}
	if !slices.ContainsFunc(at, func(k int) bool { return k >= 0 }) {
		return bad(1, fmt.Sprintf("none of the model's columns %s is there", strings.Join(columns, ", ")),
			"name at least one")
	}
	for _, h := range head {
		if !slices.Contains(columns, strings.TrimSpace(h)) {
			return bad(1, fmt.Sprintf("the model has no column %q", h), "its columns are "+strings.Join(columns, ", "))
		}
	}
	for line := 2; ; line++ {
		cells, err := in.Read()
		if err != nil {
			if len(cells) == 0 && strings.Contains(err.Error(), "EOF") {
				break
			}
			return bad(line, err.Error(), "")
		}
		row, known := make([]float64, len(columns)), make([]bool, len(columns))
		for k := range row {
			row[k] = math.NaN()
			if at[k] < 0 {
				continue
			}
			text := strings.TrimSpace(cells[at[k]])
			if text == "" || strings.EqualFold(text, "na") || strings.EqualFold(text, "nan") {
				continue
			}
			v, err := strconv.ParseFloat(text, 64)
			if err != nil || math.IsInf(v, 0) {
				return bad(line, fmt.Sprintf("%s is %q", columns[k], text), "give a number, or nothing where nothing "+
					"was measured")
			}
			row[k], known[k] = v, true
		}
		one, err := j.rowMask(row, known)
		if err != nil {
			return bad(line, err.Error(), "")
		}
		j.y = append(j.y, one)
	}
	if len(j.y) == 0 {
		return bad(0, "it has no rows", "give a line for each measurement")
	}
	return nil
}

// rowMask is a row of which some cells are known.
func (j *job) rowMask(row []float64, known []bool) (measured, error) {
	op, err := inverse.NewMask(known)
	if err != nil {
		return measured{}, err
	}
	in, offset, err := inverse.InUnits(op, j.scale.t, j.scale.width)
	if err != nil {
		return measured{}, err
	}
	if _, ok := j.noise.(inverse.Poisson); ok {
		return measured{}, &ito.InputError{Where: "`noise`", What: "cells of a table are no counts of photons",
			Do: "give a standard deviation"}
	}
	_, m := op.Dims()
	one := measured{rows: op, in: in, y: ito.NewStates(1, m, 0), noise: j.noise, shape: []int{m}, row: row}
	k := 0
	for i, v := range row {
		if known[i] {
			one.y.X[k] = v
			k++
		}
	}
	one.less = one.y.Clone()
	for i, v := range offset {
		one.less.X[i] -= v
	}
	return one, nil
}

// open reads an array that an operator names: npy, or the pixels of a PNG from 0 to 1.
func open(name string) (inverse.Array, error) {
	if !strings.EqualFold(filepath.Ext(name), ".png") {
		return readNPY(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return inverse.Array{}, &ito.InputError{Where: name, What: "it cannot be read: " + err.Error()}
	}
	defer f.Close()
	im, _, err := image.Decode(f)
	if err != nil {
		return inverse.Array{}, &ito.InputError{Where: name, What: "not a readable picture: " + err.Error(),
			Do: "give a PNG file"}
	}
	b := im.Bounds()
	grey := true
	a := inverse.Array{Shape: []int{b.Dy(), b.Dx(), 3}}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := im.At(x, y).RGBA()
			grey = grey && r == g && g == bl
			a.X = append(a.X, float64(r)/65535, float64(g)/65535, float64(bl)/65535)
		}
	}
	if grey {
		for i := range len(a.X) / 3 {
			a.X[i] = a.X[3*i]
		}
		a.X, a.Shape = a.X[:len(a.X)/3], a.Shape[:2]
	}
	return a, nil
}

func readNPY(name string) (inverse.Array, error) {
	f, err := os.Open(name)
	if err != nil {
		return inverse.Array{}, &ito.InputError{Where: name, What: "it cannot be read: " + err.Error(),
			Do: "give an .npy file"}
	}
	defer f.Close()
	a, err := data.ReadNPY(f, name)
	return inverse.Array{Shape: a.Shape, X: a.X}, err
}
