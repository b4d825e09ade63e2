package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// families are networks of several kinds between ports that they serve.
func adaptedFamilies(t *testing.T) map[string]*Weights {
	t.Helper()
	image := Ports{X: []Port{{Name: "image", Shape: []int{8, 8, 1}}}, Out: []Port{{Name: "out", Shape: []int{8, 8, 1}}}}
	out := map[string]*Weights{}
	for word, ports := range map[string]Ports{"mlp:width=24,depth=2": Flat(6, 6, 2),
		"mlp:residual=true,width=24,depth=2": Flat(6, 6, 0), "unet2d:base=8,mult=1-2,groups=4": image} {
		net, err := Parse(word)
		if err != nil {
			t.Fatal(err)
		}
		w, err := New(net, ports, 3)
		if err != nil {
			t.Fatal(err)
		}
		key := rng.NewKey(9, rng.PurposeUser, 0, 0) // weights without zeros, as of a network that was trained
		z := make([]float32, len(w.Params))
		key.Uniforms32(z, len(z), []uint64{0})
		for i := range z {
			w.Params[i] += (z[i] - .5) / 4
		}
		out[word] = w
	}
	return out
}

// Every adaptation of every family begins at the network as it was, and its gradient is that of finite differences.
func TestAdaptationsOfFamilies(t *testing.T) {
	for name, w := range adaptedFamilies(t) {
		for _, a := range []Adaptation{LoRA{Rank: 2}, LoRA{Rank: 1, Alpha: 3}, SaRA{Fraction: .1}, FullTuning{}} {
			t.Run(fmt.Sprintf("%s/%+v", name, a), func(t *testing.T) {
				base := slices.Clone(w.Params)
				ad, err := a.Of(w, 5)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]float32, len(base))
				x := ad.Initial()
				ad.Expand(got, x)
				if !slices.Equal(got, base) {
					t.Fatal("the network is not as it was at the start")
				}
				n := 0
				for _, p := range ad.Parts() {
					if p.Offset != n {
						t.Errorf("part %s begins at %d, not at %d", p.Name, p.Offset, n)
					}
					n += p.Size()
				}
				if n != len(x) {
					t.Errorf("the parts have %d numbers, %d are trained", n, len(x))
				}
				checkPull(t, ad, base)
				if !slices.Equal(w.Params, base) {
					t.Error("the base has changed")
				}
			})
		}
	}
}

// checkPull compares Pull with differences of g·Expand, which is quadratic in what is trained: central ones are exact
// but for rounding.
func checkPull(t *testing.T, ad Adapter, base []float32) {
	t.Helper()
	x := ad.Initial()
	key := rng.NewKey(11, rng.PurposeUser, 0, 0)
	key.Uniforms32(x, len(x), []uint64{1})
	for i := range x {
		x[i] -= .5
	}
	g, w := make([]float32, len(base)), make([]float32, len(base))
	key.Uniforms32(g, len(g), []uint64{2})
	pulled := make([]float32, len(x))
	ad.Pull(pulled, x, g)
	at := func(i int, v float32) float64 {
		old := x[i]
		x[i] = v
		ad.Expand(w, x)
		x[i] = old
		s := 0.
		for j := range w {
			s += float64(g[j]) * (float64(w[j]) - float64(base[j]))
		}
		return s
	}
	for i := 0; i < len(x); i += 1 + len(x)/40 {
		want := (at(i, x[i]+.5) - at(i, x[i]-.5))
		if math.Abs(float64(pulled[i])-want) > 2e-3*(1+math.Abs(want)) {
			t.Fatalf("gradient %d is %g, by differences %g", i, pulled[i], want)
		}
	}
}

// SaRA trains exactly the smallest weights, and leaves all others as they are to the bit.
func TestSaRATrainsTheSmallest(t *testing.T) {
	for name, w := range adaptedFamilies(t) {
		ad, err := SaRA{Fraction: .1}.Of(w, 0)
		if err != nil {
			t.Fatal(err)
		}
		x := ad.Initial()
		if want := int(.1 * float64(len(w.Params))); len(x) != want {
			t.Errorf("%s: %d of %d weights are trained, not %d", name, len(x), len(w.Params), want)
		}
		for i := range x {
			x[i] = 1
		}
		got := make([]float32, len(w.Params))
		ad.Expand(got, x)
		largest, least, changed := float32(0), float32(math.Inf(1)), 0
		for i, v := range w.Params {
			v := float32(math.Abs(float64(v)))
			switch {
			case math.Float32bits(got[i]) != math.Float32bits(w.Params[i]):
				largest = max(largest, v)
				changed++
			default:
				least = min(least, v)
			}
		}
		if changed != len(x) || largest > least {
			t.Errorf("%s: %d weights changed, the largest %g; the least that did not %g", name, changed, largest, least)
		}
	}
}

// What cannot be adapted is said, and a word names what it says.
func TestAdaptationWords(t *testing.T) {
	w, err := New(MLP{Width: 4, Depth: 1}, Flat(2, 2, 0), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Adaptation{LoRA{Rank: 64}, LoRA{Rank: -1}, SaRA{Fraction: 1e-6}, SaRA{Fraction: 2},
		LoRA{Alpha: math.Inf(1)}} {
		if _, err := bad.Of(w, 0); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	for word, want := range map[string]Adaptation{"lora:rank=3": LoRA{Rank: 3}, "sara:fraction=.25": SaRA{Fraction: .25},
		"full": FullTuning{}} {
		if got, err := ParseAdaptation(word); err != nil || got != want {
			t.Errorf("%s is %+v: %v", word, got, err)
		}
	}
	for _, word := range []string{"lara", "lora:rank=0", "sara:fraction=0", "sara:fraction=1.5", "lora:fraction=.1"} {
		if _, err := ParseAdaptation(word); err == nil {
			t.Errorf("%s is taken", word)
		}
	}
}
