package solve_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// denoiser is that of testdata/kdiffusion.py.
type denoiser struct{}

func (denoiser) Kind() ito.Prediction { return ito.PredX0 }
func (denoiser) OutDim(d int) int     { return d }
func (denoiser) Predict(_ context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	for i := range x.N {
		σ := t.At(i)
		for j, v := range x.Row(i) {
			dst.Row(i)[j] = .8*v/(1+σ*σ) + .3*math.Sin(σ+float64(j))
		}
	}
	return nil
}

// cosines is the noise of testdata/kdiffusion.py.
type cosines struct{}

func (cosines) Normal(dst ito.States, _ rng.Purpose, step, sub uint32) {
	for i := range dst.N {
		for j := range dst.Row(i) {
			dst.Row(i)[j] = math.Cos(1.7*float64(step) + 5*float64(sub) + .3 + float64(j))
		}
	}
}
func (cosines) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }

// Solvers that have k-diffusion's names compute what k-diffusion computes: ancestral and stochastic single steps,
// dpm_2 as dpm-2s, and DPM-Solver-12 and 23 with the PID controller, accepted and rejected steps included.
func TestKDiffusion(t *testing.T) {
	b, err := os.ReadFile("testdata/kdiffusion.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]float64
	if err := json.Unmarshal(b, &want); err != nil || len(want) != 13 {
		t.Fatalf("%d cases, %v", len(want), err)
	}
	p := path.EDM{SigmaMin: 1e-3, SigmaMax: 80}
	for word, w := range want {
		s, err := solve.ByName(word)
		if err != nil {
			t.Fatal(err)
		}
		g := ito.Grid{80, 30, 9, 2.5, .7, .15, .02, 0}
		if strings.Contains(word, "i=") {
			g = ito.Grid{80, .02}
		}
		x := ito.States{N: 1, D: 3, X: []float64{50, -90, 12}, ID: []uint64{0}}
		info, err := solve.Run(t.Context(), p, denoiser{}, x, g, s, solve.RunOptions{Noise: cosines{}})
		if err != nil {
			t.Errorf("%s: %v", word, err)
			continue
		}
		for j, v := range x.X {
			if math.Abs(v-w[j]) > 1e-8*(1+math.Abs(w[j])) {
				t.Errorf("%s: value %d is %.9g, want %.9g", word, j, v, w[j])
			}
		}
		if len(w) == 5 && (info.Accepted[0] != int(w[3]) || info.Rejected[0] != int(w[4])) {
			t.Errorf("%s: %d steps and %d rejected, want %g and %g", word, info.Accepted[0], info.Rejected[0], w[3],
				w[4])
		}
	}
}

// The word of before for two solvers says which there are.
func TestDPM2IsTwoSolvers(t *testing.T) {
	if _, err := solve.ByName("dpm2:churn=3"); err == nil || !strings.Contains(err.Error(), "dpm-2s") {
		t.Error(err)
	}
}
