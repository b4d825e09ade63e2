package path

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// The schedule of many modes has the bits of the formulas, mode by mode: for modes that are all equal, for decays of
// every size and sign, next to no decay, where a kernel all but vanishes, and in parts of every length.
func TestScheduleOfManyModes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func(k int) float64{
		"equal":   func(int) float64 { return -.3 },
		"fitted":  func(int) float64 { return .49 - 2*r.Float64() },
		"growing": func(int) float64 { return .5 + .2*r.Float64() },
		"none":    func(k int) float64 { return []float64{.5, .2, .5 - 1e-17, .5 + 1e-13}[k%4] },
		"strong":  func(k int) float64 { return -10 - 300*r.Float64() },
	} {
		for _, d := range []int{1, 7, 8, 9, 127, 128, 129, 300} {
			a := make([]float64, d)
			for k := range a {
				a[k] = draw(k)
			}
			p, err := NewVSDM(VSDMConfig{A: a, D: d})
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []float64{0, 1e-9, .001, .1, .37, .8, 1} {
				got := [4][]float64{make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d)}
				p.Schedule(at, got[0], got[1], got[2], got[3])
				short := make([]float64, d)
				p.Schedule(at, nil, short, nil, nil)
				β, b := p.Beta(at), p.B(at)
				for k, a := range p.modes.λ {
					λ := 1 - 2*a
					v := b
					if math.Abs(λ*b) >= 1e-17 {
						v = -math.Expm1(-λ*b) / λ
					}
					α, σ := math.Exp(-b*λ/2), math.Sqrt(v)
					want := [4]float64{α, σ, β * (-λ / 2) * α, β * math.Exp(-b*λ) / (2 * σ)}
					for i, w := range want {
						if math.Float64bits(got[i][k]) != math.Float64bits(w) || short[k] != σ {
							t.Fatalf("%s, %d modes, t=%g: number %d of mode %d (a=%g) is %v, want %v", name, d, at, i, k,
								a, got[i][k], w)
						}
					}
				}
			}
		}
	}
}

// A without a dimension: the diagonal variant has a diagonal, of a square number of values too; in the others those are
// a matrix, and what cannot be one is said to be.
func TestDimensionOfA(t *testing.T) {
	image := make([]float64, 784)
	for i := range image {
		image[i] = -.1 - float64(i)/1e4
	}
	for name, c := range map[string]struct {
		cfg  VSDMConfig
		want int
	}{
		"an image's diagonal": {VSDMConfig{Variant: DiagonalOnly, A: image}, 784},
		"four in a diagonal":  {VSDMConfig{Variant: DiagonalOnly, A: []float64{-1, 0, .1, .2}}, 4},
		"a matrix":            {VSDMConfig{A: []float64{-1, 0, 0, .2}}, 2},
		"three":               {VSDMConfig{A: []float64{-1, 0, .2}}, 3},
		"by the dimension":    {VSDMConfig{D: 784, A: image}, 784},
		"by the mean":         {VSDMConfig{Mean: make([]float64, 784), A: image}, 784},
		"logistic":            {VSDMConfig{Variant: Logistic, A: image[:700]}, 700},
	} {
		p, err := NewVSDM(c.cfg)
		if err != nil || p.Dim() != c.want {
			t.Errorf("%s: %v", name, err)
			continue
		}
		w, err := Word(p)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Parse(w); err != nil || again.Dim() != c.want {
			t.Errorf("%s: its word is read as another path (%v)", name, err)
		}
	}
	var bad *ito.InputError
	if _, err := NewVSDM(VSDMConfig{A: image}); !errors.As(err, &bad) || !strings.Contains(err.Error(), "d=784") {
		t.Errorf("784 numbers that are no matrix: %v", err)
	}
}

func BenchmarkVSDMSchedule(b *testing.B) {
	const d = 784
	a := make([]float64, d)
	for k := range a {
		a[k] = -.3 * float64(k) / d
	}
	for _, variant := range []string{DiagonalOnly, Logistic} {
		b.Run(variant, func(b *testing.B) {
			p, err := NewVSDM(VSDMConfig{A: a, D: d, Variant: variant})
			if err != nil {
				b.Fatal(err)
			}
			alpha, sigma := make([]float64, d), make([]float64, d)
			for b.Loop() {
				p.Schedule(.3, alpha, sigma, nil, nil)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/d, "ns/mode")
		})
	}
}
