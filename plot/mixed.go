package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Axis is a column of a table whose columns differ in kind.
type Axis struct {
	Name   string
	Levels []string               // a cell is the place of one of these; nil: it is a number
	Write  func(v float64) string // how a number is written at the axis, such as a date; nil: as a number
}

// Sizes of a picture of a table.
const (
	mostMarginals = 12 // columns with a panel
	mostMixed     = 4  // columns whose pairs are drawn
	mostBars      = 12 // levels with a place of their own; the others share one
)

// Mixed draws the columns of a table, of each set over the first: the densities of numbers and times, the shares of
// levels, and below them the pairs of the first four. A cell that is missing, NaN, has no place in the picture; the
// title of a column says how many there are. left names the columns that are not drawn, and why.
func Mixed(axes []Axis, sets ...Set) (f Figure, left []string, err error) {
	if len(sets) == 0 || len(axes) == 0 {
		return f, nil, &ito.InputError{Where: "picture", What: "there are no columns to draw"}
	}
	sets = slices.Clone(sets)
	for i := range sets {
		s := &sets[i]
		if s.D != len(axes) || len(s.X) == 0 || len(s.X)%s.D != 0 {
			return f, nil, &ito.InputError{Where: named("samples", s.Name), What: fmt.Sprintf("%d values make no rows "+
				"of %d columns", len(s.X), len(axes))}
		}
		if len(sets) > 1 && i == 0 {
			s.Color = cmp.Or(s.Color, Grey)
		}
		s.Color = cmp.Or(s.Color, series(max(i-1, 0)))
	}
	var drawn []*mixedColumn
	for j := range axes {
		c, why := newMixedColumn(&axes[j], sets, j)
		if why == "" && len(drawn) == mostMarginals {
			why = fmt.Sprintf("one of more than %d columns", mostMarginals)
		}
		if why != "" {
			left = append(left, fmt.Sprintf("%s (%s)", axes[j].Name, why))
			continue
		}
		drawn = append(drawn, c)
	}
	if len(drawn) == 0 {
		return f, left, &ito.InputError{Where: "picture", What: "no column has a cell that can be drawn"}
	}
	f = Figure{Cols: min(len(drawn), mostMixed), Width: 150, Height: 110}
	for _, c := range drawn {
		f.Panels = append(f.Panels, c.marginal(sets))
	}
	if len(drawn) == 1 {
		return f, left, nil
	}
	for len(f.Panels)%f.Cols != 0 {
		f.Panels = append(f.Panels, Panel{})
	}
	k := min(len(drawn), mostMixed)
	for i := 1; i < k; i++ {
		for j := range i {
			f.Panels = append(f.Panels, mixedPair(drawn[j], drawn[i], sets))
		}
	}
	return f, left, nil
}

// mixedColumn is a column with numbers for its cells: levels have places from 0.
type mixedColumn struct {
	axis   *Axis
	x      [][]float64 // of each set, NaN where missing
	ends   [2]float64
	ticks  []Tick
	levels int // 0: numbers
}

// newMixedColumn finds the places of cells, or says why there are none.
func newMixedColumn(a *Axis, sets []Set, j int) (*mixedColumn, string) {
	c := &mixedColumn{axis: a}
	there := false
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range sets {
		v := s.column(j)
		for i, x := range v {
			if x == x && !drawable(x) {
				v[i] = math.NaN()
			}
			if v[i] == v[i] {
				there = true
			}
		}
		c.x = append(c.x, v)
	}
	if !there {
		return nil, "every cell is missing"
	}
	if a.Levels != nil {
		c.places()
		c.ends = [2]float64{-.6, float64(c.levels) - .4}
		return c, ""
	}
	for i, v := range c.x {
		w := slices.DeleteFunc(slices.Clone(v), math.IsNaN)
		if len(w) == 0 {
			continue
		}
		slices.Sort(w)
		cut := 0
		if i > 0 {
			cut = len(w) / 200
		}
		low, high = min(low, w[cut]), max(high, w[len(w)-1-cut])
	}
	e, err := ends(span{low, high}, [2]float64{}, false, "x")
	if err != nil {
		return nil, err.Error()
	}
	c.ends = [2]float64{e.lo, e.hi}
	if a.Write != nil {
		for i := range 3 {
			v := low + (high-low)*float64(i)/2
			if i == 0 || high > low {
				c.ticks = append(c.ticks, Tick{Value: v, Label: a.Write(v)})
			}
		}
	}
	return c, ""
}

// places puts the levels that come most often in the first set first where there are many, the others together behind.
func (c *mixedColumn) places() {
	n := len(c.axis.Levels)
	counts := make([]int, n)
	for _, v := range c.x {
		for _, x := range v {
			if x == x && int(x) >= 0 && int(x) < n {
				counts[int(x)]++
			}
		}
	}
	order := make([]int, n)
	for l := range order {
		order[l] = l
	}
	if n > mostBars {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	}
	place := make([]float64, n)
	for at, l := range order {
		place[l] = float64(min(at, mostBars-1))
	}
	c.levels = min(n, mostBars)
	for at := range c.levels {
		label := c.axis.Levels[order[at]]
		if n > mostBars && at == mostBars-1 {
			label = fmt.Sprintf("%d others", n-at)
		}
		if r := []rune(label); len(r) > 10 {
			label = string(r[:9]) + "…"
		}
		c.ticks = append(c.ticks, Tick{Value: float64(at), Label: label})
	}
	for _, v := range c.x {
		for i, x := range v {
			if x == x && int(x) >= 0 && int(x) < n {
				v[i] = place[int(x)]
			} else {
				v[i] = math.NaN()
			}
		}
	}
}

// marginal draws the column alone.
func (c *mixedColumn) marginal(sets []Set) Panel {
	p := Panel{X: c.axis.Name, XRange: c.ends, XTicks: c.ticks, YTicks: []Tick{}}
	missing := ""
	var edges []float64
	if c.levels > 0 {
		for k := range 2 * c.levels {
			edges = append(edges, float64(k/2)-.42+.84*float64(k%2))
		}
	}
	for i, v := range c.x {
		w := slices.DeleteFunc(slices.Clone(v), math.IsNaN)
		if gap := len(v) - len(w); gap > 0 {
			missing += fmt.Sprintf(", %.3g %%", 100*float64(gap)/float64(len(v)))
		} else {
			missing += ", 0"
		}
		if len(w) == 0 {
			continue
		}
		if edges == nil {
			edges = binEdges(slices.Clone(w), c.ends)
		}
		p.Layers = append(p.Layers, Steps{Name: sets[i].Name, Edges: edges, Height: density(w, edges),
			Color: sets[i].Color})
	}
	if slices.ContainsFunc(c.x, func(v []float64) bool { return slices.ContainsFunc(v, math.IsNaN) }) {
		p.Title = "missing" + missing[1:]
	}
	return p
}

// spread is the noise that keeps equal levels apart.
const spread = .6

// mixedPair draws two columns against each other; levels are spread over their place.
func mixedPair(a, b *mixedColumn, sets []Set) Panel {
	p := Panel{X: a.axis.Name, Y: b.axis.Name, XRange: a.ends, YRange: b.ends, XTicks: a.ticks, YTicks: b.ticks}
	var u [2]float64
	for i := range sets {
		points := Points{Name: sets[i].Name, Color: sets[i].Color}
		key := rng.NewKey(0, rng.PurposeMetric, uint32(i), 0)
		for r, x := range a.x[i] {
			y := b.x[i][r]
			if x != x || y != y {
				continue
			}
			key.Uniforms64(u[:], 2, []uint64{uint64(r)})
			if a.levels > 0 {
				x += spread * (u[0] - .5)
			}
			if b.levels > 0 {
				y += spread * (u[1] - .5)
			}
			points.X, points.Y = append(points.X, x), append(points.Y, y)
		}
		if len(points.X) > 0 {
			p.Layers = append(p.Layers, points)
		}
	}
	return p
}
