package path

import (
	"math"
	"math/rand/v2"
	"testing"
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
