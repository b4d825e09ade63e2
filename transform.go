package ito

import (
	"fmt"
	"math"
)

// Transform is the affine map between a row of the user's columns and a state:
//
//	state = W (row[Keep] − Shift),   row[Keep] = Shift + V state,   row[i] = Const[i] elsewhere.
//
// A column that never varies in the data is not a dimension of the state: it is put back exactly. Pixels are
// numbers with bounds: their Transform has one Shift and one Scale for all, and Inverse cuts what it writes to
// [Low,High] and rounds it. The zero value is the identity.
type Transform struct {
	Kind  string    `json:"kind,omitempty"`  // none, standardise, whiten, range
	Width int       `json:"width,omitempty"` // columns of a row; 0 for the identity
	Keep  []int     `json:"keep,omitempty"`  // the columns that vary, increasing; nil for all
	Const []float64 `json:"const,omitempty"` // [Width], used where a column is not kept
	Shift []float64 `json:"shift,omitempty"` // [D], or [1] for all; nil for zero
	Scale []float64 `json:"scale,omitempty"` // [D], or [1] for all, V = diag(Scale); nil for one
	V     []float64 `json:"v,omitempty"`     // [D,D] row-major, instead of Scale
	W     []float64 `json:"w,omitempty"`     // the inverse of V
	Low   float64   `json:"low,omitempty"`   // Inverse writes nothing below Low
	High  float64   `json:"high,omitempty"`  // and above High, where that is the larger; otherwise there are no bounds
	Whole bool      `json:"whole,omitempty"` // Inverse writes whole numbers
}

// Dims returns the number of columns of a row and the dimension of a state, for rows of the given width.
func (t Transform) Dims(width int) (columns, d int) {
	if t.Width > 0 {
		width = t.Width
	}
	if t.Keep != nil {
		return width, len(t.Keep)
	}
	return width, width
}

// Forward writes the state of a row.
func (t Transform) Forward(state, row []float64) error {
	columns, d := t.Dims(len(row))
	if len(row) != columns || len(state) != d {
		return fmt.Errorf("transform: a row has %d columns and a state %d values, got %d and %d", columns, d, len(row),
			len(state))
	}
	for i := range state {
		state[i] = row[t.column(i)]
		if t.Shift != nil {
			state[i] -= elementOrOnly(t.Shift, i)
		}
		if t.Scale != nil {
			state[i] /= elementOrOnly(t.Scale, i)
		}
	}
	if t.W != nil {
		multiplyInPlace(state, t.W)
	}
	return nil
}

// Inverse writes the row of a state.
func (t Transform) Inverse(row, state []float64) error {
	columns, d := t.Dims(len(row))
	if len(row) != columns || len(state) != d {
		return fmt.Errorf("transform: a row has %d columns and a state %d values, got %d and %d", columns, d, len(row),
			len(state))
	}
	v := state
	if t.V != nil {
		v = append([]float64(nil), state...)
		multiplyInPlace(v, t.V)
	}
	if t.Keep != nil {
		copy(row, t.Const)
	}
	for i := range state {
		x := v[i]
		if t.Scale != nil {
			x *= elementOrOnly(t.Scale, i)
		}
		if t.Shift != nil {
			x += elementOrOnly(t.Shift, i)
		}
		if t.Whole {
			x = math.RoundToEven(x)
		}
		if t.High > t.Low && !math.IsNaN(x) {
			x = min(max(x, t.Low), t.High)
		}
		row[t.column(i)] = x
	}
	return nil
}

// elementOrOnly is entry i of a list with one entry a dimension, or one for all.
func elementOrOnly(list []float64, i int) float64 {
	if len(list) == 1 {
		return list[0]
	}
	return list[i]
}

func (t Transform) column(i int) int {
	if t.Keep != nil {
		return t.Keep[i]
	}
	return i
}

func multiplyInPlace(x, m []float64) {
	in := append([]float64(nil), x...)
	for i := range x {
		s := 0.0
		for j, v := range in {
			s += float64(m[i*len(x)+j] * v)
		}
		x[i] = s
	}
}
