package bench

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
)

// mostLevels is the number of levels of a column that have a coordinate of their own; later ones share the last.
const mostLevels = 32

// typed is a table with types. Numbers are compared in units of their standard deviation, a level is a coordinate of
// 1/√2, so that two levels are at distance 1, and so is a gap from what is none.
func (s *pathSet) typed(at string) error {
	f, err := frame.Read(at, frame.ReadOptions{})
	if err != nil {
		return err
	}
	if f.Rows < 100 || !f.Held() {
		return &ito.InputError{Where: at, What: fmt.Sprintf("%d rows", f.Rows), Do: "give 100 or more, and " +
			"fewer than " +
			"fill the memory"}
	}
	order, cut := parts(f.Rows)
	s.sum = f.Digest()
	s.frame = &frame.Frame{Name: f.Name, Schema: f.Schema, Rows: cut}
	held := ito.NewStates(f.Rows-cut, len(f.Schema.Columns), 0)
	for k, i := range order {
		if k < cut {
			s.frame.X = append(s.frame.X, f.Row(i)...)
		} else {
			copy(held.Row(k-cut), f.Row(i))
		}
	}
	s.embed = embedCells(s.frame)
	return s.hold(held)
}

// embedCells makes coordinates of cells, by the rows that are learnt.
func embedCells(f *frame.Frame) func(ito.States) ito.States {
	type axis struct {
		column, at, levels int
		mean, scale        float64
		gap                int // the coordinate of a gap; −1: there is none
	}
	var axes []axis
	width := 0
	for k, c := range f.Schema.Columns {
		if !c.Kind.Learnt() {
			continue
		}
		a := axis{column: k, at: width, gap: -1}
		n, sum, square, gaps := 0., 0., 0., 0
		for i := range f.Rows {
			v := f.Row(i)[k]
			if v != v {
				gaps++
				continue
			}
			n++
			sum += v
		}
		a.mean = sum / math.Max(n, 1)
		for i := range f.Rows {
			if v := f.Row(i)[k] - a.mean; v == v {
				square += v * v
			}
		}
		if square > 0 {
			a.scale = math.Sqrt(n / square)
		}
		width++
		if c.Kind.Levelled() {
			a.levels = min(len(c.Levels), mostLevels)
			width += a.levels - 1
		}
		if gaps > 0 {
			a.gap = width
			width++
		}
		axes = append(axes, a)
	}
	return func(x ito.States) ito.States {
		out := x.Like(width)
		for i := range x.N {
			row := out.Row(i)
			for _, a := range axes {
				v := x.Row(i)[a.column]
				switch {
				case v != v && a.gap >= 0:
					row[a.gap] = math.Sqrt2 / 2
				case v != v:
				case a.levels > 0:
					row[a.at+min(int(v), a.levels-1)] = math.Sqrt2 / 2
				default:
					row[a.at] = (v - a.mean) * a.scale
				}
			}
		}
		return out
	}
}

// pictures are the first images of a file. They are compared as pixels from −1 to 1, and trained eight times as long.
func (s *pathSet) pictures(at string) error {
	all, err := data.OpenImages(at, data.ImageOptions{})
	if err != nil {
		return err
	}
	if all == nil {
		return &ito.InputError{Where: at, What: "it holds no images"}
	}
	defer all.Close()
	n, d := min(all.Len(), mostImages), all.Space().Dim()
	if n < 100 {
		return &ito.InputError{Where: at, What: fmt.Sprintf("%d images", n), Do: "give 100 or more"}
	}
	x := ito.NewStates(n, d, 0)
	if err := all.Read(x, nil, 0); err != nil {
		return err
	}
	order, cut := parts(n)
	pixels := make([]byte, 0, cut*d)
	held := ito.NewStates(n-cut, d, 0)
	for k, i := range order {
		if k >= cut {
			copy(held.Row(k-cut), x.Row(i))
			continue
		}
		for _, v := range x.Row(i) {
			pixels = append(pixels, byte(math.Round(127.5+127.5*v)))
		}
	}
	if s.images, err = data.ImagesOf(s.name, pixels, all.H, all.W, all.C, nil); err != nil {
		return err
	}
	s.large, s.weight, s.sum = true, 8, all.Digest()
	s.solvers, s.grids = []string{"heun", "dpmpp-2m", "unipc-2"}, []string{"uniform", "logsnr", "karras"}
	s.embed = func(x ito.States) ito.States {
		out := x.Clone()
		for i, v := range out.X {
			out.X[i] = v/127.5 - 1
		}
		return out
	}
	// Samples are bytes, held-out pixels are states already.
	half := min(held.N/2, 300)
	s.choose, s.judge = held.Slice(0, half), held.Slice(half, 2*half)
	return s.level()
}
