package tune

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// v3Form are the settings of DPM-Solver-v3 in a file, beside the arrays of its statistics.
type v3Form struct {
	Solver   DPMv3 `json:"solver"` // without its statistics
	D        int   `json:"d"`
	Rows     int   `json:"rows"` // of the statistics
	From, To float64
}

// Dim implements solve.Sized.
func (o DPMv3) Dim() int {
	if o.EMS == nil {
		return 0
	}
	return o.EMS.D
}

// Form implements solve.Stored: the statistics are arrays l, s and b of a row for each λ.
func (o DPMv3) Form() (settings any, arrays []solve.Array, err error) {
	if err := o.EMS.Check(); err != nil {
		return nil, nil, err
	}
	e := o.EMS
	o.EMS = nil
	for _, a := range e.arrays() {
		arrays = append(arrays, solve.Array{Name: a.name, Rows: e.rows(), Columns: e.D, X: *a.values})
	}
	return v3Form{o, e.D, e.rows(), e.From, e.To}, arrays, nil
}

// FromForm implements solve.Stored.
func (DPMv3) FromForm(read func(settings any) error, arrays []solve.Array) (ito.Solver, error) {
	var f v3Form
	if err := read(&f); err != nil {
		return nil, err
	}
	e := &EMS{D: f.D, From: f.From, To: f.To}
	want := e.arrays()
	if len(arrays) != len(want) {
		return nil, fmt.Errorf("%d arrays of statistics, not %d", len(arrays), len(want))
	}
	for _, w := range want {
		found := false
		for _, a := range arrays {
			if a.Name != w.name {
				continue
			}
			if a.Rows != f.Rows || a.Columns != f.D {
				return nil, fmt.Errorf("array %s is [%d,%d], not [%d,%d]", a.Name, a.Rows, a.Columns, f.Rows, f.D)
			}
			*w.values, found = a.X, true
		}
		if !found {
			return nil, fmt.Errorf("there is no array %s", w.name)
		}
	}
	f.Solver.EMS = e
	return f.Solver, nil
}

type namedArray struct {
	name   string
	values *[]float64
}

func (e *EMS) arrays() []namedArray { return []namedArray{{"l", &e.L}, {"s", &e.S}, {"b", &e.B}} }
