package data

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func decoded(t *testing.T, b []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func imageSpace(shape ...int) ito.Space {
	return ito.Space{Parts: []ito.Part{{Name: "image", Shape: shape}}}
}

// Pixels of every number of channels have their bytes, bytes exactly, others in the range of the data and cut to it.
func TestPNG(t *testing.T) {
	whole := ito.Transform{Kind: "range", Whole: true, High: 255, Shift: []float64{127.5}, Scale: []float64{127.5}}
	unit := ito.Transform{Kind: "range", Shift: []float64{1}, Scale: []float64{2}} // −1 … 3
	for _, c := range []struct {
		m      ito.Model
		pixels []float64
		want   []color.NRGBA
	}{
		{ito.Model{Space: imageSpace(1, 2, 3), Transform: whole}, []float64{0, 127, 255, 1, 2, 3},
			[]color.NRGBA{{0, 127, 255, 255}, {1, 2, 3, 255}}},
		{ito.Model{Space: imageSpace(1, 2), Transform: whole}, []float64{7, 200}, []color.NRGBA{{7, 7, 7, 255},
			{200, 200, 200, 255}}},
		{ito.Model{Space: imageSpace(1, 2, 4), Transform: whole}, []float64{1, 2, 3, 128, 9, 8, 7, 255},
			[]color.NRGBA{{1, 2, 3, 128}, {9, 8, 7, 255}}},
		{ito.Model{Space: imageSpace(2, 1, 1), Transform: unit}, []float64{1, 9}, []color.NRGBA{{128, 128, 128, 255},
			{255, 255, 255, 255}}},
		{ito.Model{Space: imageSpace(2, 1, 1), Transform: unit}, []float64{-1, -2}, []color.NRGBA{{0, 0, 0, 255},
			{0, 0, 0, 255}}},
	} {
		f, err := NewPNG(&c.m)
		if err != nil {
			t.Errorf("%s: %v", c.m.Space, err)
			continue
		}
		var b bytes.Buffer
		if err := f.Image(&b, c.pixels); err != nil {
			t.Fatal(err)
		}
		m := decoded(t, b.Bytes())
		if m.Bounds() != image.Rect(0, 0, f.W, f.H) {
			t.Errorf("%s: %v", c.m.Space, m.Bounds())
		}
		for i, want := range c.want {
			if got := color.NRGBAModel.Convert(m.At(i%f.W, i/f.W)); got != want {
				t.Errorf("%s: pixel %d is %v, want %v", c.m.Space, i, got, want)
			}
		}
		if f.Image(&b, c.pixels[1:]) == nil {
			t.Error("too few pixels pass")
		}
	}
	for what, m := range map[string]ito.Model{"two channels": {Space: imageSpace(3, 3, 2), Transform: whole},
		"a row": {Space: imageSpace(9), Transform: whole}, "nothing": {Transform: whole},
		"no range": {Space: imageSpace(3, 3, 1), Transform: ito.Transform{Kind: "none"}},
		"tokens":   {Space: ito.Space{Parts: []ito.Part{{Name: "x", Shape: []int{3, 3}, Levels: 4}}}, Transform: whole}} {
		if _, err := NewPNG(&m); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Five images stand three in a row, 2 pixels apart, and the last place is black.
func TestPNGGrid(t *testing.T) {
	f := PNG{H: 2, W: 3, C: 1, High: 255}
	x := ito.NewStates(5, 6, 0)
	for i := range x.X {
		x.X[i] = float64(40 + 40*(i/6))
	}
	var b bytes.Buffer
	if err := f.Grid(&b, x); err != nil {
		t.Fatal(err)
	}
	m := decoded(t, b.Bytes())
	if m.Bounds() != image.Rect(0, 0, 13, 6) {
		t.Fatal(m.Bounds())
	}
	for at, want := range map[[2]int]uint8{{0, 0}: 40, {2, 1}: 40, {3, 0}: 0, {5, 0}: 80, {10, 1}: 120, {0, 4}: 160,
		{7, 5}: 200, {10, 4}: 0, {1, 2}: 0} {
		if got := color.GrayModel.Convert(m.At(at[0], at[1])).(color.Gray).Y; got != want {
			t.Errorf("pixel %v is %d, want %d", at, got, want)
		}
	}
	if f.Grid(&b, x.Slice(0, 0)) == nil {
		t.Error("no images pass")
	}
}
