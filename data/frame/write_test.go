package frame

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"pgregory.net/rapid"
)

// What is written is read back as the same cells, whatever the columns are.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z,;" ]{0,3}[a-z]`), 2, 6, rapid.ID).Draw(t, "words")
		n := rapid.IntRange(24, 60).Draw(t, "n")
		places := rapid.IntRange(0, 4).Draw(t, "places")
		var b strings.Builder
		b.WriteString("word,x,when,gap\n")
		for range n {
			w := rapid.SampledFrom(words).Draw(t, "word")
			b.WriteString(`"` + strings.ReplaceAll(strings.TrimSpace(w), `"`, `""`) + `",`)
			v := rapid.IntRange(-9999, 99999).Draw(t, "x")
			c := Column{Kind: Real, Places: places, MostPlaces: places}
			b.Write(c.appendNumber(nil, float64(v)/math.Pow10(places)))
			d := Column{Kind: Time, Layout: "2006-01-02 15:04:05"}
			b.Write(d.appendTime([]byte{','}, float64(rapid.IntRange(0, 2e9).Draw(t, "when"))))
			b.WriteString("," + rapid.SampledFrom([]string{"", "1", "2.5"}).Draw(t, "gap") + "\n")
		}
		f, err := readText(b.String(), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		x := ito.NewStates(f.Rows, len(f.Schema.Columns), 0)
		copy(x.X, f.X)
		var out bytes.Buffer
		format := CSV{Schema: f.Schema}
		if err := errors.Join(format.Begin(&out), format.Rows(&out, x)); err != nil {
			t.Fatal(err)
		}
		in, err := Open("-", ReadOptions{Stdin: &out})
		if err != nil {
			t.Fatal(err)
		}
		again, err := in.Frame(f.Schema)
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if again.Digest() != f.Digest() {
			t.Fatalf("%v\n%v", again.X, f.X)
		}
	})
}

// The nearest number of a column is on its lattice, within its bounds, and is what reading its cell gives.
func TestSnap(t *testing.T) {
	f := mustRead(t, "x,y\n0.1,3\n0.35,8\n0.7,13\n0.1,3\n", ReadOptions{})
	x, y := f.Schema.Columns[0], f.Schema.Columns[1]
	for v, want := range map[float64]float64{.3: .3, .32: .3, .33: .35, -5: .1, 9: .7, .149: .15} {
		if got := x.Snap(v); got != want {
			t.Errorf("%g: %v, not %v", v, got, want)
		}
	}
	if y.Snap(9) != 8 || y.Snap(11) != 13 || !math.IsNaN(y.Snap(math.NaN())) {
		t.Errorf("%v %v", y.Snap(9), y.Snap(11))
	}
}

// Nothing that is read panics, and all that is wrong is an error of input.
func FuzzRead(f *testing.F) {
	f.Add("a,b\n1,x\n2,y\n")
	f.Add("a;b\n1,5;2024-01-01\n")
	f.Add("{\"a\":1,\"b\":null}\n")
	f.Add("\xff\xfea\x00,\x00b\x00\n\x00")
	f.Add("PAR1PAR1")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := readText(text, ReadOptions{})
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("%v", err)
			}
			return
		}
		if err := g.Schema.Check("x"); err != nil {
			t.Error(err)
		}
		if len(g.X) != g.Rows*len(g.Schema.Columns) {
			t.Errorf("%d cells of %d rows", len(g.X), g.Rows)
		}
	})
}
