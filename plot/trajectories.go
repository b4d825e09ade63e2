package plot

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Tracks are the states of n samples at T times, as a solver passed through them.
type Tracks struct {
	Name  string
	Times []float64 // [T]; needed where D is 1, and nil otherwise counts the steps
	N, D  int
	X     []float64 // [T,N,D] row-major
	// Show is the number of samples drawn, the first ones; 0 is 60.
	Show    int
	Columns []string
}

// Trajectories draws the first two columns of the tracks as lines coloured by time, with a ring at the
// start and a dot at the end; one column is drawn against time.
func Trajectories(t Tracks) (Panel, error) {
	where := named("trajectories", t.Name)
	if t.N <= 0 || t.D <= 0 || len(t.X) == 0 || len(t.X)%(t.N*t.D) != 0 {
		return Panel{}, &ito.InputError{Where: where, What: fmt.Sprintf("%d values make no times of %d samples and "+
			"%d columns", len(t.X), t.N, t.D)}
	}
	steps := len(t.X) / (t.N * t.D)
	if t.Times == nil {
		t.Times = count(steps)
	}
	if len(t.Times) != steps {
		return Panel{}, &ito.InputError{Where: where, What: fmt.Sprintf("there are %d times and %d states",
			len(t.Times), steps)}
	}
	if t.Show <= 0 {
		t.Show = 60
	}
	set := Set{D: t.D, Columns: t.Columns}
	p := Panel{Title: t.Name, X: "time", Y: set.columnName(0)}
	if t.D > 1 {
		p.X, p.Y, p.Equal = set.columnName(0), set.columnName(1), true
	}
	var lines Paths
	for i := range min(t.Show, t.N) {
		x, y := make([]float64, steps), make([]float64, steps)
		for k := range steps {
			row := t.X[(k*t.N+i)*t.D:]
			if t.D == 1 {
				x[k], y[k] = t.Times[k], row[0]
			} else {
				x[k], y[k] = row[0], row[1]
			}
		}
		lines.X, lines.Y = append(lines.X, x), append(lines.Y, y)
	}
	p.Layers = []Layer{lines}
	return p, lines.extent(newBox(false, false))
}
