package inverse

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// The operator is what a file of that quality holds, as package image/jpeg writes and reads it, to the rounding of its
// whole-number transforms, which now and then brings a coefficient to another step: in most blocks of 8×8 no pixel is
// more than two grey levels away.
func TestJPEGIsThatOfFiles(t *testing.T) {
	const h, w = 28, 21 // not multiples of 8
	for _, quality := range []int{5, 25, 50, 90} {
		a, err := JPEGMaker{Quality: quality}.Make(Setting{Shape: []int{h, w}})
		if err != nil {
			t.Fatal(err)
		}
		im, x := image.NewGray(image.Rect(0, 0, w, h)), make([]float64, h*w)
		for i := range x {
			r, c := float64(i/w), float64(i%w)
			v := math.Round(128 + 90*math.Sin(r/3+c/7) + 30*math.Sin(c*r/9))
			im.SetGray(i%w, i/w, color.Gray{Y: uint8(min(max(v, 0), 255))})
			x[i] = float64(im.Pix[i]) / 255
		}
		var file bytes.Buffer
		if err := stdjpeg.Encode(&file, im, &stdjpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		back, err := stdjpeg.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		y, far, lost := make([]float64, h*w), map[int]float64{}, 0.
		a.Apply(y, x)
		for i, v := range y {
			block := i/w/8*100 + i%w/8
			far[block] = math.Max(far[block], math.Abs(255*v-float64(back.(*image.Gray).GrayAt(i%w, i/w).Y)))
			lost = math.Max(lost, 255*math.Abs(v-x[i]))
		}
		others := 0
		for _, e := range far {
			if e > 2 {
				others++
			}
		}
		t.Logf("quality %d: largest distance of each block %.3v, of %.1f that were lost", quality, far, lost)
		if others > len(far)/3 || lost < 4 {
			t.Errorf("quality %d: %d of %d blocks are not the file's", quality, others, len(far))
		}
	}
}

// Colours survive fine steps, and a second pass changes little: what is rounded is at its step already.
func TestJPEGInColour(t *testing.T) {
	a, err := JPEGMaker{Quality: 100}.Make(Setting{Shape: []int{16, 16, 3}})
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, 768), make([]float64, 768)
	for i := range x {
		x[i] = .5 + .4*math.Sin(float64(i/3)/7+2*float64(i%3))
	}
	a.Apply(y, x)
	for i, v := range y {
		if math.Abs(v-x[i]) > .012 {
			t.Fatalf("number %d: %.4f of %.4f", i, v, x[i])
		}
	}
	for _, shape := range [][]int{{64}, {8, 8, 2}} {
		if _, err := (JPEGMaker{Quality: 50}).Make(Setting{Shape: shape}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("shape %v: %v", shape, err)
		}
	}
}
