package restore

import (
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/task"
)

// gaps reads the rows that are known in part.
func (k *completion) gaps(env *task.Env) error {
	name := k.c.Inpaint
	switch {
	case k.c.Mask != "":
		return k.masked(env)
	case strings.EqualFold(filepath.Ext(name), ".png"):
		row, known, err := k.transparent(name)
		if err != nil {
			return err
		}
		one, err := k.rowMask(row, known)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		k.y = append(k.y, one)
		return nil
	case strings.EqualFold(filepath.Ext(name), ".npy"):
		return &ito.InputError{Where: name, What: "an .npy file has no empty cells", Do: "give `mask` with it"}
	}
	return k.table(env)
}

// masked reads whole rows and one mask for all.
func (k *completion) masked(env *task.Env) error {
	rows, err := k.rows(env, k.scale.width, k.scale.shape)
	if err != nil {
		return err
	}
	op, err := inverse.MaskMaker{File: k.c.Mask}.Make(inverse.Setting{Shape: k.scale.shape, Open: open})
	if err != nil {
		return err
	}
	_, m := op.Dims()
	places, at := make([]float64, k.scale.width), make([]float64, m)
	for i := range places {
		places[i] = float64(i)
	}
	op.Apply(at, places)
	known := make([]bool, k.scale.width)
	for _, i := range at {
		known[int(i)] = true
	}
	for i := range rows.N {
		row := append([]float64(nil), rows.Row(i)...)
		if strings.EqualFold(filepath.Ext(k.c.Inpaint), ".npy") && k.scale.image {
			k.scale.into(row) // whole images are in the units that the model learnt
		}
		for j := range row {
			if !known[j] {
				row[j] = math.NaN()
			}
		}
		one, err := k.rowMask(row, known)
		if err != nil {
			return err
		}
		k.y = append(k.y, one)
	}
	return nil
}

// transparent reads a picture whose transparent pixels are unknown.
func (k *completion) transparent(name string) (row []float64, known []bool, err error) {
	bad := func(what, do string) ([]float64, []bool, error) {
		return nil, nil, &ito.InputError{Where: name, What: what, Do: do}
	}
	shape := k.scale.shape
	if !k.scale.image || len(shape) != 3 || shape[2] == 4 {
		return bad("the model makes no pictures of one or three channels", "give a .csv file, or `mask`")
	}
	f, err := os.Open(name)
	if err != nil {
		return bad("it cannot be read: "+err.Error(), "")
	}
	defer f.Close()
	im, _, err := image.Decode(f)
	if err != nil {
		return bad("not a readable picture: "+err.Error(), "give a PNG file")
	}
	b := im.Bounds()
	if b.Dy() != shape[0] || b.Dx() != shape[1] {
		return bad(fmt.Sprintf("%d×%d pixels, the model makes %d×%d", b.Dy(), b.Dx(), shape[0], shape[1]), "")
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := im.At(x, y).RGBA() // multiplied by a
			see := a >= 1<<15
			v := [3]float64{math.NaN(), math.NaN(), math.NaN()}
			if see {
				v = [3]float64{float64(r) / float64(a), float64(g) / float64(a), float64(bl) / float64(a)}
				if shape[2] == 1 && (r != g || g != bl) {
					return bad("it is in colour, and the model's pictures are grey", "give a grey picture")
				}
			}
			for c := range shape[2] {
				row, known = append(row, v[c]), append(known, see)
			}
		}
	}
	return row, known, nil
}

// greys reads grey images, whose colours are to be drawn.
func (k *completion) greys(env *task.Env) error {
	if !k.scale.image || len(k.scale.shape) != 3 || k.scale.shape[2] != 3 {
		return &ito.UnsupportedError{What: "colours by this model", Why: "its samples are no pictures in colour",
			Nearest: "a model of images [H,W,3]"}
	}
	k.job.c.Operator = "grey"
	return k.measurements(env)
}

// fit moves a row, in the units of the scale, to what is known of row r: the nearest that has it.
func (k *completion) fit(row []float64, r int) {
	one := k.y[r]
	if one.row != nil {
		for i, v := range one.row {
			if !math.IsNaN(v) {
				row[i] = v
			}
		}
		return
	}
	s, ok := one.rows.(inverse.Spectral)
	if !ok {
		return
	}
	svd, err := s.SVD()
	if err != nil {
		return
	}
	rest, step := make([]float64, one.y.D), make([]float64, len(row))
	one.rows.Apply(rest, row)
	for i, v := range one.y.X {
		rest[i] = v - rest[i]
	}
	inverse.PInv(step, rest, svd)
	for i, v := range step {
		row[i] += v
	}
}

// finish writes a row in the units of the model's data, within its bounds; what is known of a table as it was given.
func (k *completion) finish(out, row []float64, r int) {
	t := k.m.Transform
	for i, v := range row {
		if k.y[r].row != nil && !k.scale.image && !math.IsNaN(k.y[r].row[i]) {
			out[i] = v
			continue
		}
		if k.scale.image {
			v = k.scale.low + float64(v*k.scale.span)
		}
		if t.Whole {
			v = math.RoundToEven(v)
		}
		if t.High > t.Low && !math.IsNaN(v) {
			v = math.Min(math.Max(v, t.Low), t.High)
		}
		out[i] = v
	}
}

// even is a linear operator each of whose numbers is divided by the norm of its row, so that noise is of states.
type even struct {
	inverse.Linear
	norm []float64
}

// evenly is the operator and what it measures, row by row of one norm.
func evenly(a inverse.Linear, y ito.States) (inverse.Linear, ito.States) {
	d, m := a.Dims()
	e := even{a, make([]float64, m)}
	one, row := make([]float64, m), make([]float64, d)
	out := y.Clone()
	for i := range m {
		one[i] = 1
		a.Adjoint(row, one)
		one[i] = 0
		if e.norm[i] = math.Sqrt(matrix.Dot(row, row)); e.norm[i] == 0 {
			e.norm[i] = 1
		}
		out.X[i] /= e.norm[i]
	}
	return e, out
}

// Apply implements inverse.Operator.
func (e even) Apply(y, x []float64) {
	e.Linear.Apply(y, x)
	for i, n := range e.norm {
		y[i] /= n
	}
}

// Adjoint implements inverse.Linear.
func (e even) Adjoint(dx, w []float64) {
	v := make([]float64, len(w))
	for i, n := range e.norm {
		v[i] = w[i] / n
	}
	e.Linear.Adjoint(dx, v)
}

// VJP implements inverse.Operator.
func (e even) VJP(dx, _, w []float64) { e.Adjoint(dx, w) }
