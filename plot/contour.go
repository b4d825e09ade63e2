package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/seed9a7962a8/ito"
)

// Contour draws lines of equal height of a function on a grid, by marching squares with straight interpolation.
type Contour struct {
	Name string
	X, Y []float64 // the grid's columns [n] and rows [m], increasing
	// Z is [m,n] row-major. −Inf is a place where a density is zero and is drawn around; NaN is not drawn.
	Z      []float64
	Levels []float64   // increasing; the lowest is the faintest line
	Color  color.NRGBA // zero is Grey
}

func (c Contour) extent(b *box) error {
	name := named("contours", c.Name)
	if len(c.X) < 2 || len(c.Y) < 2 || len(c.Z) != len(c.X)*len(c.Y) {
		return &ito.InputError{Where: name, What: fmt.Sprintf("%d values make no grid of %d by %d", len(c.Z), len(c.Y),
			len(c.X))}
	}
	if !slices.IsSorted(c.X) || !slices.IsSorted(c.Y) || !slices.IsSorted(c.Levels) {
		return &ito.InputError{Where: name, What: "columns, rows and levels must increase"}
	}
	if i := slices.IndexFunc(c.Levels, func(v float64) bool { return !drawable(v) }); i >= 0 {
		return &ito.InputError{Where: name, What: fmt.Sprintf("level %d is %g, which cannot be drawn", i, c.Levels[i])}
	}
	for i, v := range []float64{c.X[0], c.X[len(c.X)-1]} {
		if err := b.addX(name, i, v); err != nil {
			return err
		}
	}
	for i, v := range []float64{c.Y[0], c.Y[len(c.Y)-1]} {
		if err := b.addY(name, i, v); err != nil {
			return err
		}
	}
	return nil
}

func (c Contour) keys() []key { return []key{{c.Name, keyLine, cmp.Or(c.Color, Grey)}} }

func (c Contour) draw(f *frame) {
	for k, level := range c.Levels {
		clr := fade(cmp.Or(c.Color, Grey), .35+.6*float64(k+1)/float64(len(c.Levels)))
		for j := range len(c.Y) - 1 {
			for i := range len(c.X) - 1 {
				c.cell(i, j, level, func(x0, y0, x1, y1 float64) {
					f.line(clr, .7, false, []vg.Point{f.at(x0, y0), f.at(x1, y1)})
				})
			}
		}
	}
}

// cell finds the lines of a level in one square of the grid. At a saddle, the value in the middle decides.
func (c Contour) cell(i, j int, level float64, line func(x0, y0, x1, y1 float64)) {
	n := len(c.X)
	// Corners in turn, from the lower left: heights above the level. Zero densities lie far below it.
	var h [4]float64
	xs, ys := [4]float64{c.X[i], c.X[i+1], c.X[i+1], c.X[i]}, [4]float64{c.Y[j], c.Y[j], c.Y[j+1], c.Y[j+1]}
	above := 0
	for k, z := range [4]float64{c.Z[j*n+i], c.Z[j*n+i+1], c.Z[(j+1)*n+i+1], c.Z[(j+1)*n+i]} {
		h[k] = min(max(z, level-1e6), level+1e6) - level
		if math.IsNaN(z) {
			return
		}
		if h[k] > 0 {
			above |= 1 << k
		}
	}
	cross := func(a int) (x, y float64) { // on the edge from corner a to the next
		b := (a + 1) % 4
		u := h[a] / (h[a] - h[b])
		return xs[a] + u*(xs[b]-xs[a]), ys[a] + u*(ys[b]-ys[a])
	}
	join := func(a, b int) {
		x0, y0 := cross(a)
		x1, y1 := cross(b)
		line(x0, y0, x1, y1)
	}
	switch above {
	case 0, 15:
	case 5, 10: // opposite corners
		if (h[0]+h[1]+h[2]+h[3] > 0) == (above == 5) {
			join(0, 1)
			join(2, 3)
		} else {
			join(3, 0)
			join(1, 2)
		}
	default:
		var ends []int
		for a := range 4 {
			if (h[a] > 0) != (h[(a+1)%4] > 0) {
				ends = append(ends, a)
			}
		}
		join(ends[0], ends[1])
	}
}

// RegionLevels are the heights of a log density, not normalised, whose regions hold the given probabilities of what
// is on the grid: the contour of probability .9 is the smallest region with 90 %. Probabilities fall, so that the
// levels increase; equal levels come once.
func RegionLevels(z []float64, probabilities ...float64) []float64 {
	all := make([]float64, 0, len(z))
	for _, v := range z {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	top := all[len(all)-1]
	total := 0.0
	for _, v := range all {
		total += math.Exp(v - top)
	}
	var out []float64
	for _, p := range probabilities {
		sum, k := 0.0, len(all)
		for k > 0 && sum < p*total {
			k--
			sum += math.Exp(all[k] - top)
		}
		if k < len(all) {
			out = append(out, all[k])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Cloud is particles on the plane over the log density that they are to follow.
type Cloud struct {
	Title   string    // such as λ = .1
	Points  []float64 // [n,2]
	X, Y    []float64 // the grid, see Contour
	LogDens []float64 // [len(Y),len(X)], not normalised
}

// Clouds draws particles with the contours of their density, a panel each: along a path, how they follow it. The
// lines hold 50, 80, 95 and 99 % of the density on the grid, and each panel has the range of its grid. x and y name
// the axes.
func Clouds(x, y string, clouds ...Cloud) (Figure, error) {
	if len(clouds) == 0 {
		return Figure{}, &ito.InputError{Where: "picture", What: "there are no particles to draw"}
	}
	var f Figure
	for _, c := range clouds {
		lines := Contour{Name: "50, 80, 95, 99 % of the density", X: c.X, Y: c.Y, Z: c.LogDens,
			Levels: RegionLevels(c.LogDens, .99, .95, .8, .5)}
		if err := lines.extent(newBox(false, false)); err != nil {
			return Figure{}, err
		}
		set, err := checked([]Set{{Name: c.Title, D: 2, X: c.Points}})
		if err != nil {
			return Figure{}, err
		}
		f.Panels = append(f.Panels, Panel{
			Title: c.Title, X: x, Y: y, Equal: true,
			XRange: [2]float64{c.X[0], c.X[len(c.X)-1]}, YRange: [2]float64{c.Y[0], c.Y[len(c.Y)-1]},
			Layers: []Layer{Points{Name: "particles", X: set[0].column(0), Y: set[0].column(1), Radius: 1.3}, lines},
		})
	}
	return f, nil
}

// GridOver makes n columns and n rows over the middle of points [m,2], with a margin of a fifth of their range at each
// side: a mode beside them that they have missed should show.
func GridOver(points []float64, n int) (x, y []float64) {
	axis := func(j int) []float64 {
		v := make([]float64, 0, len(points)/2)
		for i := j; i < len(points); i += 2 {
			if drawable(points[i]) {
				v = append(v, points[i])
			}
		}
		if len(v) == 0 {
			v = []float64{0}
		}
		r := middle(v)
		wide := .2 * (r[1] - r[0])
		out := make([]float64, n)
		for i := range out {
			out[i] = r[0] - wide + (r[1]-r[0]+2*wide)*float64(i)/float64(max(n-1, 1))
		}
		return out
	}
	return axis(0), axis(1)
}
