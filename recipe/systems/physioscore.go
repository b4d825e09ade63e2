package systems

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
)

// physioScore are the sums of one record over its hidden cells.
type physioScore struct {
	Cells   int       `json:"cells"`
	Truth   float64   `json:"truth"` // Σ|y|
	Error   float64   `json:"error"` // Σ|median − y|
	Pinball []float64 `json:"pinball"`
	Last    float64   `json:"last"` // Σ|y| of the baselines
	Line    float64   `json:"line"`
}

// physioDone is what is kept of a run: its settings and the records that are done.
type physioDone struct {
	Settings string                 `json:"settings"`
	Records  map[string]physioScore `json:"records"`
}

// scorePhysio fills in a record.
func scorePhysio(ctx context.Context, f *field.Net, r physioRecord, solver ito.Solver, grid ito.Grid, paths int,
	seed uint64) (physioScore, error) {
	cond, hidden := hidePhysio(r, seed)
	s := physioScore{Cells: len(hidden), Pinball: make([]float64, 19)}
	if len(hidden) == 0 {
		return s, nil
	}
	var first uint64
	for _, c := range r.id {
		first = first*31 + uint64(c)
	}
	x := ito.NewStates(paths, len(r.x), first<<20)
	if err := f.Bound().Prior(x, ito.Cond{}, ito.Seed(seed)); err != nil {
		return s, err
	}
	c := ito.Cond{C: len(cond)}
	for range paths {
		c.X = append(c.X, cond...)
	}
	if _, err := solve.Run(ctx, f.Bound(), f, x, grid, solver, solve.RunOptions{Cond: c,
		Noise: ito.Seed(seed)}); err != nil {
		return s, err
	}
	draws := make([]float64, paths)
	for _, i := range hidden {
		y := r.x[i]
		for k := range paths {
			draws[k] = x.Row(k)[i]
		}
		slices.Sort(draws)
		s.Truth += math.Abs(y)
		s.Error += math.Abs(interpolated(draws, .5) - y)
		for k := range s.Pinball {
			q := float64(k+1) / 20
			v := interpolated(draws, q)
			if y <= v {
				s.Pinball[k] += (v - y) * (1 - q)
			} else {
				s.Pinball[k] += (y - v) * q
			}
		}
		last, line := fillPhysio(cond, i)
		s.Last += math.Abs(last - y)
		s.Line += math.Abs(line - y)
	}
	return s, nil
}

// interpolated is a quantile between order statistics, as torch.quantile has it.
func interpolated(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	k := int(at)
	if k+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
}

// fillPhysio is cell i by the last value that is given of its attribute, and by the line between the neighbours; where
// there is none by the next, and by the mean, 0, where there is neither.
func fillPhysio(cond []float64, i int) (last, line float64) {
	row := i / physioHours * physioHours
	before, after := -1, -1
	for k := i - 1; k >= row && before < 0; k-- {
		if cond[2*k+1] == 1 {
			before = k
		}
	}
	for k := i + 1; k < row+physioHours && after < 0; k++ {
		if cond[2*k+1] == 1 {
			after = k
		}
	}
	switch {
	case before < 0 && after < 0:
		return 0, 0
	case before < 0:
		return cond[2*after], cond[2*after]
	case after < 0:
		return cond[2*before], cond[2*before]
	}
	a, b := cond[2*before], cond[2*after]
	return a, a + (b-a)*float64(i-before)/float64(after-before)
}

func (s *physioScore) add(o physioScore) {
	if s.Pinball == nil {
		s.Pinball = make([]float64, len(o.Pinball))
	}
	s.Cells, s.Truth, s.Error, s.Last, s.Line = s.Cells+o.Cells, s.Truth+o.Truth, s.Error+o.Error, s.Last+o.Last,
		s.Line+o.Line
	for k, p := range o.Pinball {
		s.Pinball[k] += p
	}
}

// open reads what is kept, if it is there: of the same settings.
func (d *physioDone) open(file string) error {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var was physioDone
	if err := json.Unmarshal(b, &was); err != nil || was.Settings != d.Settings || was.Records == nil {
		return &ito.InputError{Where: file, What: fmt.Sprintf("it is of a run with %q, this one has %q", was.Settings,
			d.Settings), Do: "give `keep` another folder"}
	}
	d.Records = was.Records
	return nil
}

// save keeps the records that are done; file "" keeps nothing.
func (d *physioDone) save(file string) error {
	if file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return store.WriteFile(file, func(w io.Writer) error { return json.NewEncoder(w).Encode(d) })
}
