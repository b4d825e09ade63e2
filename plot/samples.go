package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Set is n rows of d numbers under a name: data, or the samples of a model.
type Set struct {
	Name    string
	D       int
	X       []float64   // [n,D] row-major
	Columns []string    // names of the columns; nil: those of the first set, or x1, x2, …
	Color   color.NRGBA // zero: Grey for the first of several sets, Palette for the others
}

func (s Set) n() int { return len(s.X) / s.D }

// column returns column j as a slice of its own.
func (s Set) column(j int) []float64 {
	v := make([]float64, s.n())
	for i := range v {
		v[i] = s.X[i*s.D+j]
	}
	return v
}

func (s Set) columnName(j int) string {
	if j < len(s.Columns) {
		return s.Columns[j]
	}
	return fmt.Sprintf("x%d", j+1)
}

// checked returns the sets with their colours; all must have one dimension, rows, and finite values.
func checked(sets []Set) ([]Set, error) {
	if len(sets) == 0 {
		return nil, &ito.InputError{Where: "picture", What: "there are no samples to draw"}
	}
	sets = slices.Clone(sets)
	for i := range sets {
		s := &sets[i]
		where := named("samples", s.Name)
		switch {
		case s.D <= 0 || len(s.X) == 0 || len(s.X)%s.D != 0:
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d values make no rows of %d columns",
				len(s.X), s.D)}
		case s.D != sets[0].D:
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("it has %d columns and %s has %d", s.D,
				named("samples", sets[0].Name), sets[0].D),
				Do: "draw sets of one width"}
		}
		for j, v := range s.X {
			if !drawable(v) {
				return nil, &ito.InputError{Where: where, What: fmt.Sprintf("row %d, column %d is %g, which cannot "+
					"be drawn", j/s.D, j%s.D, v)}
			}
		}
		if s.Columns == nil {
			s.Columns = sets[0].Columns
		}
		if len(sets) > 1 && i == 0 {
			s.Color = cmp.Or(s.Color, Grey)
		}
		s.Color = cmp.Or(s.Color, series(max(i-1, 0)))
	}
	return sets, nil
}

// Scatter draws the first two columns of the sets over each other.
func Scatter(sets ...Set) (Panel, error) {
	sets, err := checked(sets)
	if err != nil {
		return Panel{}, err
	}
	if sets[0].D < 2 {
		return Panel{}, &ito.InputError{Where: named("samples", sets[0].Name),
			What: "a scatter needs two columns, there is one", Do: "draw a histogram"}
	}
	return scatter(sets, 0, 1), nil
}

func scatter(sets []Set, i, j int) Panel {
	p := Panel{X: sets[0].columnName(i), Y: sets[0].columnName(j)}
	for _, s := range sets {
		p.Layers = append(p.Layers, Points{Name: s.Name, X: s.column(i), Y: s.column(j), Color: s.Color})
	}
	p.XRange, p.YRange = reach(sets, i), reach(sets, j)
	return p
}

// Hist draws the densities of the first column of the sets over each other, with common bins.
func Hist(sets ...Set) (Panel, error) {
	sets, err := checked(sets)
	if err != nil {
		return Panel{}, err
	}
	return hist(sets, 0), nil
}

func hist(sets []Set, j int) Panel {
	p := Panel{X: sets[0].columnName(j), Y: "density", XRange: reach(sets, j)}
	edges := binEdges(sets[0].column(j), p.XRange)
	for _, s := range sets {
		p.Layers = append(p.Layers, Steps{Name: s.Name, Edges: edges, Height: density(s.column(j), edges),
			Color: s.Color})
	}
	return p
}

// Beside draws each set in a panel of its own, all over the same axes: the first is what the others are
// compared with. One column makes histograms, two make scatters of equal units; more make the pairs
// of the first four columns, with the sets over each other.
func Beside(sets ...Set) (Figure, error) {
	all, err := checked(sets)
	if err != nil {
		return Figure{}, err
	}
	if all[0].D > 2 {
		return Pairs(4, sets...)
	}
	f := Figure{ShareX: true, ShareY: true}
	edges := binEdges(all[0].column(0), reach(all, 0))
	for _, s := range all {
		p := Panel{Title: s.Name, X: s.columnName(0), XRange: reach(all, 0)}
		if s.D == 1 {
			p.Y = "density"
			p.Layers = []Layer{Steps{Edges: edges, Height: density(s.column(0), edges), Color: s.Color}}
		} else {
			p.Y, p.YRange, p.Equal = s.columnName(1), reach(all, 1), true
			p.Layers = []Layer{Points{X: s.column(0), Y: s.column(1), Color: s.Color}}
		}
		f.Panels = append(f.Panels, p)
	}
	return f, nil
}

// Pairs draws every pair of the first k columns below a diagonal of histograms, the sets over each other.
func Pairs(k int, sets ...Set) (Figure, error) {
	sets, err := checked(sets)
	if err != nil {
		return Figure{}, err
	}
	if k = min(k, sets[0].D); k < 1 {
		return Figure{}, &ito.InputError{Where: "pairs", What: "no columns were asked for"}
	}
	f := Figure{Cols: k, Width: 110, Height: 110}
	for i := range k {
		for j := range k {
			var p Panel
			switch {
			case i == j:
				p = hist(sets, i)
				p.Y, p.YTicks = "", []Tick{} // every density has a scale of its own
			case j < i:
				p = scatter(sets, j, i)
			}
			f.Panels = append(f.Panels, p)
		}
	}
	return f, nil
}

// reach returns the ends of column j: all of the first set and the middle 99 % of the others, so that
// one stray sample does not shrink the picture. What is cut off is counted in the panel.
func reach(sets []Set, j int) [2]float64 {
	s := newBox(false, false).x
	for i, set := range sets {
		v := set.column(j)
		slices.Sort(v)
		cut := 0
		if i > 0 {
			cut = len(v) / 200
		}
		s.add(v[cut])
		s.add(v[len(v)-1-cut])
	}
	e, err := ends(s, [2]float64{}, false, "x")
	if err != nil { // only given ends can be wrong
		return [2]float64{}
	}
	return [2]float64{e.lo, e.hi}
}

// binEdges divides the range by the rule of Freedman and Diaconis, 2·IQR/n^⅓, into 8 to 80 bins.
func binEdges(v []float64, r [2]float64) []float64 {
	slices.Sort(v)
	n := len(v)
	bins := 8.
	if width := 2 * (v[n*3/4] - v[n/4]) / math.Cbrt(float64(n)); width > 0 {
		bins = min(max(math.Ceil((r[1]-r[0])/width), 8), 80)
	}
	edges := make([]float64, int(bins)+1)
	for i := range edges {
		edges[i] = r[0] + (r[1]-r[0])*float64(i)/bins
	}
	return edges
}

// density is the share of v in each bin over the bin's width.
func density(v, edges []float64) []float64 {
	h := make([]float64, len(edges)-1)
	for _, x := range v {
		i, found := slices.BinarySearch(edges, x) // edges[i] is the first that is not below x
		if found && i < len(h) {
			h[i]++
		} else if i > 0 && i < len(edges) {
			h[i-1]++
		}
	}
	for i := range h {
		h[i] /= float64(len(v)) * (edges[i+1] - edges[i])
	}
	return h
}
