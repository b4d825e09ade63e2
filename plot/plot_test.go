package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed9a7962a8/ito"
)

// ring8 is n points of an 8:1 ellipse.
func ring8(n int) []float64 {
	v := make([]float64, 0, 2*n)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		v = append(v, math.Cos(a), 8*math.Sin(a))
	}
	return v
}

// gallery is one of everything.
func gallery(t *testing.T) map[string]Figure {
	t.Helper()
	g := map[string]Figure{}
	figure := func(name string) func(Figure, error) {
		return func(f Figure, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			f.Title = name
			g[name] = f
		}
	}
	panel := func(name string) func(Panel, error) {
		return func(p Panel, err error) {
			t.Helper()
			figure(name)(Figure{Panels: []Panel{p, p}}, err)
		}
	}
	data := Set{Name: "data", D: 2, X: ring8(200), Columns: []string{"load", "errors"}}
	samples := Set{Name: "samples", D: 2, X: ring8(70)}
	wide := Set{Name: "wide", D: 4, X: ring8(100)}
	line := Set{Name: "line", D: 1, X: ring8(100)}
	figure("beside")(Beside(data, samples))
	figure("beside 1")(Beside(line, line))
	figure("beside 4")(Beside(wide, wide))
	figure("pairs")(Pairs(2, data))
	panel("scatter")(Scatter(data, samples))
	panel("hist")(Hist(line, line))
	panel("line")(Line(Curve{Name: "a", Y: []float64{1, 3, 2}, Dash: true}, Curve{Y: []float64{2, 2, 2}, Dots: true}))
	panel("trajectories")(Trajectories(Tracks{N: 10, D: 2, X: ring8(200), Name: "tracks"}))
	panel("trajectories 1")(Trajectories(Tracks{N: 10, D: 1, X: ring8(200), Times: count(40)}))
	panel("loss")(Loss(Curve{Name: "VP", Y: []float64{3, 2, 1, 1, .5}}, Curve{Name: "VSDM", Y: []float64{3, 1, .1}}))
	panel("spectrum")(Spectrum([][]float64{{0, 0}, {-1, .5}, {.5, -1.2}}))
	panel("spectrum 1")(Spectrum([][]float64{{1, -2, 3}}))
	panel("many modes")(Spectrum([][]float64{make([]float64, 9), count(9)}))
	panel("nfe")(ErrorVsNFE("W2", [2]float64{.8, 1.4}, Curve{Name: "VP", X: []float64{6, 20, 50},
		Y: []float64{30, 4, 2}}))
	panel("floor")(ErrorVsNFE("W2", [2]float64{1, 1}, Curve{X: []float64{6}, Y: []float64{30}}))
	divergent := [][]bool{{3: true}, {7: true, 8: true}}
	figure("traces")(Traces(divergent, waves("mu", 2, 90), waves("tau", 2, 90)))
	figure("ranks")(Ranks(waves("mu", 3, 90), waves("tau", 3, 90)))
	figure("marginals")(Marginals(waves("mu", 2, 90), Chains{Name: "still", X: [][]float64{{1, 1}, {1, 2}}}))
	figure("draw pairs")(DrawPairs(divergent, waves("mu", 2, 90), waves("tau", 2, 90)))
	gx, gy, gz := bowl(20)
	figure("clouds")(Clouds("x", "y", Cloud{Title: "λ = .1", Points: ring8(50), X: gx, Y: gy, LogDens: gz},
		Cloud{Points: ring8(20), X: gx, Y: gy, LogDens: gz}))
	figure("images")(Images(Mosaic{Width: 2, Height: 3, Rows: [][][]float64{{{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}},
		{{1, 1, 1, 1, 1, 1}}}}, []string{"0", "1"}))
	return g
}

func encode(t *testing.T, f Figure, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Encode(&b, format); err != nil {
		t.Fatalf("%s: %v", f.Title, err)
	}
	return b.Bytes()
}

// Everything is drawn, well formed, and has the same bytes twice.
func TestGallery(t *testing.T) {
	for name, f := range gallery(t) {
		if !testing.Short() || name == "beside" || name == "images" { // slow under the race detector
			p := encode(t, f, "png")
			img, err := png.Decode(bytes.NewReader(p))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if b := img.Bounds(); b.Dx() < 140 || b.Dy() < 140 || b.Dx() > 3000 || b.Dy() > 3000 {
				t.Errorf("%s has %v pixels", name, b.Max)
			}
			if !bytes.Equal(p, encode(t, f, "png")) {
				t.Errorf("%s: not the same PNG twice", name)
			}
		}
		s := encode(t, f, "svg")
		d := xml.NewDecoder(bytes.NewReader(s))
		var err error
		for err == nil {
			_, err = d.Token()
		}
		if err != io.EOF {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Contains(s, []byte(name)) || !bytes.Contains(s, []byte("sans-serif")) {
			t.Errorf("%s: the title is not there, or in no known font", name)
		}
		if bytes.Contains(s, []byte("image/jpg")) {
			t.Errorf("%s: images that strict readers skip", name)
		}
		if !bytes.Equal(s, encode(t, f, "svg")) {
			t.Errorf("%s: not the same SVG twice", name)
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	f := gallery(t)["line"]
	for _, name := range []string{"a.png", "b.SVG"} {
		path := filepath.Join(dir, name)
		if err := f.Save(path); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.Save(filepath.Join(dir, "a.gif")); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		".png or .svg") {
		t.Errorf("%v", err)
	}
	if err := (Figure{}).Save(filepath.Join(dir, "c.png")); !errors.Is(err, ito.ErrInput) {
		t.Errorf("%v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

// What cannot be drawn is bad input and says where.
func TestRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	draw := func(p Panel, err error) error {
		if err != nil {
			return err
		}
		return Figure{Panels: []Panel{p}}.Encode(io.Discard, "svg")
	}
	figure := func(_ Figure, err error) error { return err }
	layer := func(l Layer) error { return draw(Panel{Layers: []Layer{l}}, nil) }
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no panels":    {Figure{}.Encode(io.Discard, "png"), "nothing to draw"},
		"blank panels": {Figure{Panels: make([]Panel, 3)}.Encode(io.Discard, "png"), "nothing to draw"},
		"format": {Figure{Panels: []Panel{{Layers: []Layer{Band{Lo: 1, Hi: 2}}}}}.Encode(io.Discard, "gif"),
			"PNG or SVG"},
		"too large": {Figure{Panels: []Panel{{Layers: []Layer{Band{Lo: 1, Hi: 2}}}}, Width: 1e5}.Encode(
			io.Discard, "png"), "pixels"},
		"no sets": {figure(Beside()), "no samples"},
		"no rows": {figure(Beside(Set{Name: "a", D: 2})), `samples "a"`},
		"ragged":  {figure(Beside(Set{D: 2, X: []float64{1}})), "no rows of 2 columns"},
		"widths":  {figure(Beside(Set{D: 2, X: ring8(1)}, Set{D: 1, X: ring8(1)})), "has 1 columns"},
		"NaN sample": {figure(Beside(Set{Name: "a", D: 2, X: []float64{1, 2, 3, nan}})),
			`samples "a": row 1, column 1 is NaN`},
		"far sample":     {draw(Hist(Set{D: 1, X: []float64{1, 1e200}})), "1e+200"},
		"scatter of one": {draw(Scatter(Set{D: 1, X: []float64{1}})), "two columns"},
		"no pairs":       {figure(Pairs(0, Set{D: 1, X: []float64{1}})), "no columns"},
		"no curves":      {draw(Line()), "no curves"},
		"no values":      {draw(Loss(Curve{Name: "a"})), `curve "a"`},
		"NaN loss":       {draw(Loss(Curve{Name: "a", Y: []float64{1, nan}})), `curve "a": y value 1 is NaN`},
		"infinite":       {layer(Curve{X: []float64{inf}, Y: []float64{1}}), "+Inf"},
		"lengths":        {layer(Points{X: []float64{1}}), "1 x values and 0 y values"},
		"log of zero": {draw(ErrorVsNFE("W2", [2]float64{}, Curve{X: []float64{0}, Y: []float64{1}})),
			"logarithmic"},
		"band":     {layer(Band{Lo: nan, Hi: 1}), "band"},
		"steps":    {layer(Steps{Edges: []float64{1}, Height: []float64{1}}), "1 edges do not bound 1 bins"},
		"no steps": {layer(Steps{}), "histogram"},
		"bars":     {layer(Bars{X: []float64{1}, Y: []float64{nan}}), "bars"},
		"range": {draw(Panel{XRange: [2]float64{2, 1}, Layers: []Layer{Band{Lo: 1, Hi: 2}}}, nil),
			"x range"},
		"log range": {draw(Panel{LogY: true, YRange: [2]float64{-1, 1}, Layers: []Layer{Band{Lo: 1, Hi: 2}}},
			nil), "y range"},
		"titled":    {draw(Panel{Title: "T", Layers: []Layer{Band{Lo: nan}}}, nil), "T: band"},
		"no tracks": {draw(Trajectories(Tracks{})), "trajectories"},
		"track times": {draw(Trajectories(Tracks{N: 1, D: 1, X: []float64{1, 2}, Times: []float64{1}})),
			"1 times and 2 states"},
		"NaN track":        {draw(Trajectories(Tracks{N: 1, D: 1, X: []float64{1, nan}})), "trajectory 0"},
		"lines of nothing": {layer(Paths{}), "trajectories"},
		"no stages":        {draw(Spectrum(nil)), "no eigenvalues"},
		"uneven stages":    {draw(Spectrum([][]float64{{1}, {1, 2}})), "stage 1 has 2"},
		"NaN eigenvalue":   {draw(Spectrum([][]float64{{1, nan}, {2, nan}})), "NaN"},
		"no images":        {figure(Images(Mosaic{Width: 8, Height: 8}, nil)), "nothing to draw"},
		"image size": {figure(Images(Mosaic{Width: 2, Height: 2, Rows: [][][]float64{{{1}}}}, nil)),
			"image 0 of row 0: it has 1 values"},
		"NaN image": {figure(Images(Mosaic{Width: 1, Height: 1, Rows: [][][]float64{{{nan}}}}, nil)), "NaN"},
		"image labels": {figure(Images(Mosaic{Width: 1, Height: 1, Rows: [][][]float64{{{1}}}},
			[]string{"a", "b"})), "2 labels for 1 rows"},
	} {
		if !errors.Is(c.err, ito.ErrInput) || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want bad input with %q", name, c.err, c.want)
		}
	}
}

// Whatever finite numbers come, a picture or an error comes out.
func TestNeverPanics(t *testing.T) {
	number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-10, 10), rapid.SampledFrom([]float64{0, 1, 1e150, -1e150,
		5e-324, 1e15, 1e15 + 1}))
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(number, 1, 12).Draw(t, "x")
		y := rapid.SliceOfN(number, len(x), len(x)).Draw(t, "y")
		p := Panel{LogX: rapid.Bool().Draw(t, "logX"), LogY: rapid.Bool().Draw(t, "logY"), Equal: rapid.Bool().Draw(t,
			"equal"),
			Layers: []Layer{Points{Name: "p", X: x, Y: y}, Curve{X: x, Y: y, Dash: true}}}
		f := Figure{Panels: []Panel{p, p}, ShareX: rapid.Bool().Draw(t, "share")}
		if err := f.Encode(io.Discard, "svg"); err != nil && !errors.Is(err, ito.ErrInput) {
			t.Fatal(err)
		}
		if f, err := Beside(Set{D: 1, X: x}, Set{D: 1, X: y}); err == nil {
			if err := f.Encode(io.Discard, "svg"); err != nil && !errors.Is(err, ito.ErrInput) {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkSamplesPNG(b *testing.B) {
	set := Set{D: 2, X: ring8(1500)}
	f, err := Beside(set, set, set, set, set, set, set)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := f.Encode(io.Discard, "png"); err != nil {
			b.Fatal(err)
		}
	}
}
