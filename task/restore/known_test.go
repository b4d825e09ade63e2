package restore

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/inverse"
)

// An operator whose rows are made of one norm keeps its adjoint and its solutions.
func TestEvenly(t *testing.T) {
	a, err := inverse.NewMatrix("linear", []float64{3, 4, 0, 0, 0, .5}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	x, y := []float64{1, -2, 3}, ito.NewStates(1, 2, 0)
	a.Apply(y.X, x)
	e, less := evenly(a, y)
	if err := inverse.CheckAdjoint(e, 1); err != nil {
		t.Error(err)
	}
	got := make([]float64, 2)
	e.Apply(got, x)
	for i, w := range [][]float64{{1, 0}, {0, 1}} {
		row := make([]float64, 3)
		e.Adjoint(row, w)
		if n := matrix.Dot(row, row); math.Abs(n-1) > 1e-15 || math.Abs(got[i]-less.X[i]) > 1e-15 {
			t.Errorf("row %d has norm² %g and measures %g, not %g", i, n, got[i], less.X[i])
		}
	}
}

// Transparent pixels are unknown, the others are what they are; colour is no grey picture.
func TestTransparentPixels(t *testing.T) {
	k := &completion{job: &job{scale: scale{image: true, shape: []int{2, 2, 1}, png: data.PNG{}}}}
	name := filepath.Join(t.TempDir(), "a.png")
	draw := func(pixels ...color.NRGBA) {
		im := image.NewNRGBA(image.Rect(0, 0, 2, 2))
		for i, c := range pixels {
			im.SetNRGBA(i%2, i/2, c)
		}
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, im), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	draw(color.NRGBA{51, 51, 51, 255}, color.NRGBA{}, color.NRGBA{255, 255, 255, 200}, color.NRGBA{9, 9, 9, 100})
	row, known, err := k.transparent(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{.2, math.NaN(), 1, math.NaN()} {
		if known[i] != (want == want) || known[i] && math.Abs(row[i]-want) > 1e-9 || !known[i] && row[i] == row[i] {
			t.Errorf("pixel %d: %g, known %v, want %g", i, row[i], known[i], want)
		}
	}
	draw(color.NRGBA{51, 0, 51, 255})
	if _, _, err := k.transparent(name); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a picture in colour for grey ones: %v", err)
	}
	k.scale.shape = []int{3, 2, 1}
	if _, _, err := k.transparent(name); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a picture of another size: %v", err)
	}
}
