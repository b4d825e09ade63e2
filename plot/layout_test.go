package plot

import (
	"math"
	"slices"
	"testing"
)

func lay(t *testing.T, f Figure, err error) *layout {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	l, err := f.lay()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// One unit is as long in y as in x, whatever the shape, and the data are inside.
func TestEqual(t *testing.T) {
	for _, stretch := range []float64{1e-3, 1. / 8, 1, 8, 1e3} {
		x := ring8(100)
		for i := range x {
			if i%2 == 1 {
				x[i] *= stretch / 8
			}
		}
		f, err := Beside(Set{D: 2, X: x}, Set{D: 2, X: x})
		for _, p := range lay(t, f, err).panels {
			size := p.area.Size()
			ux, uy := (p.xs.hi-p.xs.lo)/float64(size.X), (p.ys.hi-p.ys.lo)/float64(size.Y)
			if math.Abs(ux/uy-1) > .01 {
				t.Errorf("stretch %g: units of %g and %g", stretch, ux, uy)
			}
			if p.xs.lo > -1 || p.xs.hi < 1 || p.ys.lo > -stretch || p.ys.hi < stretch {
				t.Errorf("stretch %g: the data leave %v × %v", stretch, p.xs, p.ys)
			}
			if size.X < 100 || size.Y < 100 {
				t.Errorf("stretch %g: %v", stretch, size)
			}
		}
	}
}

// Panels keep clear of each other and inside the image, and equal labels are written once.
func TestPlace(t *testing.T) {
	for name, f := range gallery(t) {
		l := lay(t, f, nil)
		for i, p := range l.panels {
			if len(p.Layers) == 0 {
				continue
			}
			a := p.area
			if a.Min.X-p.left() < 0 || a.Min.Y-p.bottom() < 0 || a.Max.X > l.width || a.Max.Y+p.top() > l.height {
				t.Errorf("%s: panel %d leaves the image", name, i)
			}
			for j, q := range l.panels[:i] {
				b := q.area
				if len(q.Layers) == 0 {
					continue
				}
				beside := b.Max.X <= a.Min.X-p.left() || a.Max.X <= b.Min.X-q.left()
				above := b.Max.Y+q.top() <= a.Min.Y-p.bottom() || a.Max.Y+p.top() <= b.Min.Y-q.bottom()
				if !beside && !above {
					t.Errorf("%s: panels %d and %d overlap", name, j, i)
				}
			}
		}
	}
	f, err := Beside(Set{D: 2, X: ring8(9)}, Set{D: 2, X: ring8(9)}, Set{D: 2, X: ring8(9)})
	f.Cols = 2
	l := lay(t, f, err)
	var shows [][2]bool
	for _, p := range l.panels {
		shows = append(shows, [2]bool{p.showX, p.showY})
	}
	if want := [][2]bool{{false, true}, {true, false}, {true, true}}; !slices.Equal(shows, want) {
		t.Errorf("labels shown: %v, want %v", shows, want)
	}
}

func TestShare(t *testing.T) {
	a := Panel{Layers: []Layer{Curve{X: []float64{0, 1}, Y: []float64{0, 1}}}}
	b := Panel{Layers: []Layer{Curve{X: []float64{5, 9}, Y: []float64{-3, 0}}}}
	l := lay(t, Figure{Panels: []Panel{a, {}, b}, ShareX: true}, nil)
	if l.panels[0].xs != l.panels[2].xs || l.panels[0].ys == l.panels[2].ys {
		t.Errorf("%v %v, %v %v", l.panels[0].xs, l.panels[2].xs, l.panels[0].ys, l.panels[2].ys)
	}
}

func TestTicks(t *testing.T) {
	labels := func(ticks []Tick) (s []string) {
		for _, t := range ticks {
			s = append(s, t.Label)
		}
		return s
	}
	for _, c := range []struct {
		lo, hi float64
		count  int
		want   []string
	}{
		{-1, 1, 5, []string{"−1.0", "−0.5", "0.0", "0.5", "1.0"}},
		{0, 100, 5, []string{"0", "20", "40", "60", "80", "100"}},
		{-.3, 29.4, 3, []string{"0", "10", "20"}},
		{0, 3e6, 3, []string{"0", "10^6", "2·10^6", "3·10^6"}},
		{-2e-5, 2e-5, 2, []string{"−2·10^−5", "0", "2·10^−5"}},
		{1e15, 1e15 + .2, 5, []string{"10^15", "1.0·10^15"}},
	} {
		got := labels(linearTicks(c.lo, c.hi, c.count))
		if c.hi-c.lo < .5 && c.lo > 1 { // no ticks that float64 can tell apart: the ends
			if len(got) < 1 || len(got) > 10 {
				t.Errorf("%g to %g: %v", c.lo, c.hi, got)
			}
			continue
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%g to %g: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
	for _, c := range []struct {
		lo, hi float64
		count  int
		want   []string
	}{
		{.9, 60, 8, []string{"1", "2", "5", "10", "20", "50"}},
		{.9, 1100, 4, []string{"1", "10", "100", "1000"}},
		{1e-6, 1e6, 4, []string{"10^−6", "0.001", "1", "1000", "10^6"}},
		{3, 4, 2, []string{"3.0", "3.5", "4.0"}},
	} {
		got, _ := logTicks(c.lo, c.hi, c.count)
		if !slices.Equal(labels(got), c.want) {
			t.Errorf("log %g to %g: %q, want %q", c.lo, c.hi, labels(got), c.want)
		}
	}
}

// A histogram is a density over all values, and the bins are closed at the right end.
func TestDensity(t *testing.T) {
	edges := []float64{0, 1, 3}
	got := density([]float64{0, .5, 1, 2, 3, 9, -1, 2.5}, edges)
	if want := []float64{2. / 8, 4. / 8 / 2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A stray sample does not shrink the picture; stray data do.
func TestReach(t *testing.T) {
	data, samples := Set{D: 1, X: make([]float64, 1000)}, Set{D: 1, X: make([]float64, 1000)}
	for i := range 1000 {
		data.X[i] = float64(i)
		samples.X[i] = float64(i)
	}
	samples.X[3] = 1e6
	if r := reach([]Set{data, samples}, 0); r[1] > 1100 {
		t.Errorf("%v", r)
	}
	if r := reach([]Set{samples, data}, 0); r[1] < 1e6 {
		t.Errorf("%v", r)
	}
}

func TestMovingMean(t *testing.T) {
	if got, want := movingMean([]float64{3, 6, 0, 3}, 3), []float64{4.5, 3, 3, 1.5}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := thin([]float64{0, 1, 2, 3, 4, 5, 6}, 3), []float64{0, 3, 6}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
