package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Every level gives the bits of the formula, for one schedule and for one a mode, with ends where α or σ vanishes
// and with numbers next to the smallest, and writes nothing beyond its slices.
func TestRotate(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for n := range 70 {
			for _, modes := range []int{1, n} {
				if modes == 0 {
					continue
				}
				in := make([][]float64, 8) // x, mean, noise, variance, root, α, σ, g
				for i := range in {
					in[i] = make([]float64, n)
					if i > 4 {
						in[i] = make([]float64, modes)
					}
					for j := range in[i] {
						in[i][j] = r.NormFloat64()
					}
				}
				for j, v := range in[4] {
					in[4][j] = math.Abs(v) * []float64{1, 1e-160, 1e9}[r.IntN(3)]
					in[3][j] = in[4][j] * in[4][j]
				}
				in[5+r.IntN(2)][0] = 0
				x := append(append([]float64(nil), in[0]...), 77)
				target, weight := make([]float32, n+1), make([]float32, n+1)
				operands := Rotation{Target: target[:n:n], Weight: weight[:n:n], X: append([]float64(nil), in[0]...),
					Mean: in[1], Noise: in[2], Variance: in[3], Root: in[4], Alpha: in[5], Sigma: in[6], Gain: in[7]}
				single := append(make([]float32, n), 77)
				Rotate32(single[:n:n], operands)
				first := slices.Concat(target, weight)
				operands.X = x[:n:n]
				Rotate64(x[:n:n], operands)
				for j, v := range single[:n] {
					if !sameBits(v, float32(x[j])) {
						t.Fatalf("%d of %d modes, element %d: %v rounded is %v", n, modes, j, x[j], v)
					}
				}
				if single[n] != 77 || !slices.EqualFunc(first, slices.Concat(target, weight), sameBits) {
					t.Fatalf("%d of %d modes: into float32 other targets and weights", n, modes)
				}
				if x[n] != 77 || target[n] != 0 || weight[n] != 0 {
					t.Fatalf("%d of %d modes: written beyond the end", n, modes)
				}
				for j := range n {
					k := min(j, modes-1)
					α, σ, g, s, root := in[5][k], in[6][k], in[7][k], in[3][j], in[4][j]
					c, e := in[0][j]-in[1][j], in[2][j]
					scale := 1 / math.Sqrt(float64(α*α*s)+float64(σ*σ))
					wantX := (float64(α*c) + float64(σ*e)) * scale
					wantT := float32((float64(α*root*e) - float64(σ*(c/root))) * scale)
					out := g * root * scale
					if !sameBits(x[j], wantX) || !sameBits(target[j], wantT) ||
						!sameBits(weight[j], float32(out*out)) {
						t.Fatalf("%d of %d modes, element %d: %v %v %v, want %v %v %v", n, modes, j, x[j], target[j],
							weight[j], wantX, wantT, out*out)
					}
				}
			}
		}
	})
}

func BenchmarkRotate(b *testing.B) {
	for _, modes := range []bool{false, true} {
		b.Run(fmt.Sprintf("modes=%v", modes), func(b *testing.B) {
			const n = 784
			v := make([]float64, n)
			for i := range v {
				v[i] = 1
			}
			x, target, weight := make([]float64, n), make([]float32, n), make([]float32, n)
			α := v[:1]
			if modes {
				α = v
			}
			for b.Loop() {
				Rotate64(x, Rotation{Target: target, Weight: weight, X: x, Mean: v, Noise: v, Variance: v, Root: v,
					Alpha: α, Sigma: α, Gain: α})
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e6, "elements/µs")
		})
	}
}
