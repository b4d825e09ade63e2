package solve_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// The global order of every deterministic solver: the slope of its error from 64 to 256 steps of equal
// length in λ from t = 1 to .01 on VP, for anisotropic Gaussian data and for a ring of 8 Gaussians of width
// .35. The errors at 256 steps were computed by an independent program too.
func TestSlopes(t *testing.T) {
	p := path.VP{}
	pr := problem{"vp", p, 1, 1e-2}
	x := quasi(256, 2, 0)
	fields := []ito.Field{
		must(field.NewGaussian(p, ito.Gaussian{Mean: []float64{.3, -.2}, Cov: []float64{.36, 0, 0, .0625}})),
		must(field.NewMixture(p, ring(1, .35))),
	}
	if testing.Short() { // the slopes alone, of a few rows
		fields, x = fields[1:], x.Slice(0, 64)
	}
	refs := make([]ito.States, len(fields))
	for i, f := range fields {
		refs[i], _ = run(t, pr, f, x, ito.Grid{1, 1e-2}, solve.Dopri5{Tol: 1e-12})
	}
	for _, c := range []struct {
		name  string
		s     ito.Solver
		order float64    // what the slope must reach, less .2
		at256 [2]float64 // errors for the Gaussian and the ring; 0: not known elsewhere
	}{
		{"ddim", solve.DDIM{}, 1, [2]float64{5.06e-3, 6.25e-3}},
		{"dpm-1", solve.DPM{Order: 1}, 1, [2]float64{5.06e-3, 6.25e-3}},
		{"euler", solve.Euler{}, 1, [2]float64{1.64e-3, 1.51e-3}},
		{"heun", solve.Heun{}, 2, [2]float64{1.25e-5, 7.87e-6}},
		{"edm", solve.EDM{}, 2, [2]float64{8.21e-5, 1.07e-4}},
		{"edm-midpoint", solve.EDM{Stage: solve.StageHalf}, 2, [2]float64{}},
		{"edm-ralston", solve.EDM{Stage: solve.StageTwoThirds}, 2, [2]float64{}},
		{"edm-geometric", solve.EDM{Stage: solve.StageGeometric}, 2, [2]float64{}},
		{"dpm-2s", solve.DPM{Order: 2}, 2, [2]float64{4.06e-5, 5.59e-5}},
		{"dpmpp-2s", solve.DPM{Order: 2, Data: true}, 2, [2]float64{4.01e-5, 4.45e-5}},
		{"dpm-3s", solve.DPM{Order: 3}, 3, [2]float64{2.65e-8, 4.48e-8}},
		{"dpmpp-3s", solve.DPM{Order: 3, Data: true}, 3, [2]float64{2.32e-8, 7.96e-8}},
		{"2m", solve.DPMpp{LowerFinal: -1}, 2, [2]float64{3.84e-5, 6.46e-5}},
		{"2m taylor", solve.DPMpp{LowerFinal: -1, Second: solve.SecondTaylor}, 2, [2]float64{6.57e-5, 9.77e-5}},
		{"3m released", solve.DPMpp{Order: 3, LowerFinal: -1, Compat: solve.CompatThirdOrderFactor,
			Second: solve.SecondMidpoint}, 2, [2]float64{1.33e-5, 1.90e-5}},
		{"3m", solve.DPMpp{Order: 3, LowerFinal: -1}, 3, [2]float64{2.29e-7, 7.92e-7}},
		{"3m ε released", solve.DPMpp{Order: 3, Eps: true, LowerFinal: -1, Compat: solve.CompatThirdOrderFactor,
			Second: solve.SecondMidpoint}, 2, [2]float64{1.37e-5, 1.42e-5}},
		{"3m ε", solve.DPMpp{Order: 3, Eps: true, LowerFinal: -1}, 3, [2]float64{3.01e-8, 3.77e-7}},
		{"4m", solve.DPMpp{Order: 4, LowerFinal: -1}, 4, [2]float64{4.25e-8, 3.61e-8}},
		{"unipc-1", solve.UniPC{Order: 1, LowerFinal: -1}, 2, [2]float64{1.23e-4, 1.37e-4}},
		{"unipc-2", solve.UniPC{Order: 2, LowerFinal: -1}, 3, [2]float64{1.78e-6, 2.00e-6}},
		{"unipc-2 bh1", solve.UniPC{Order: 2, B: solve.UniB1, LowerFinal: -1}, 3, [2]float64{3.15e-6, 3.39e-6}},
		{"unipc-3", solve.UniPC{Order: 3, LowerFinal: -1}, 4, [2]float64{3.06e-8, 5.18e-8}},
		{"unipc-3 bh1", solve.UniPC{Order: 3, B: solve.UniB1, LowerFinal: -1}, 4, [2]float64{3.06e-8, 5.17e-8}},
		{"unipc-3 ε", solve.UniPC{Order: 3, Eps: true, LowerFinal: -1}, 4, [2]float64{2.88e-8, 4.93e-8}},
		{"unipc-1 varying", solve.UniPC{Order: 1, B: solve.UniVary, LowerFinal: -1}, 2, [2]float64{0, 1.049e-4}},
		{"unipc-2 varying", solve.UniPC{Order: 2, B: solve.UniVary, LowerFinal: -1}, 3, [2]float64{0, 2.455e-6}},
		{"unipc-3 varying", solve.UniPC{Order: 3, B: solve.UniVary, LowerFinal: -1}, 4, [2]float64{0, 5.173e-8}},
		{"unipc-2 released", solve.UniPC{Order: 2, B: solve.UniVary, LowerFinal: -1,
			Compat: solve.CompatVaryCoeffIndex}, .92, [2]float64{0, 2.020e-3}},
		{"unipc-3 released", solve.UniPC{Order: 3, B: solve.UniVary, LowerFinal: -1,
			Compat: solve.CompatVaryCoeffIndex}, .97, [2]float64{0, 3.606e-3}},
		{"unip-3", solve.UniPC{Order: 3, NoCorrector: true, LowerFinal: -1}, 3, [2]float64{}},
		{"deis tAB1", solve.DEIS{Order: 2}, 2, [2]float64{1.44e-4, 1.43e-4}},
		{"deis tAB2", solve.DEIS{Order: 3}, 3, [2]float64{5.22e-6, 3.41e-6}},
		{"deis tAB3", solve.DEIS{Order: 4}, 3.9, [2]float64{2.52e-7, 2.65e-7}},
		{"deis ρAB2", solve.DEIS{Order: 3, Clock: solve.ClockRho}, 3, [2]float64{1.29e-5, 1.47e-5}},
		{"deis log ρ", solve.DEIS{Order: 3, Clock: solve.ClockLogRho}, 3, [2]float64{3.01e-8, 3.77e-7}},
		{"ipndm-4", solve.IPNDM{}, 2, [2]float64{2.69e-5, 3.32e-5}},
	} {
		for i, f := range fields {
			j := i + 2 - len(fields)
			var logs []float64
			last := 0.0
			for _, n := range []int{64, 256} {
				y, _ := run(t, pr, f, x, must(solve.LogSNR(p, 1, 1e-2, n)), c.s)
				last = rmse(y, refs[i])
				logs = append(logs, math.Log2(last))
			}
			if slope := (logs[0] - logs[1]) / 2; slope < c.order-.2 || c.order <= 1 && slope > 1.2 {
				t.Errorf("%s, field %d: slope %.2f, want %g", c.name, j, slope, c.order)
			}
			if want := c.at256[j]; want != 0 && !testing.Short() && math.Abs(last-want) > .006*want+1e-11 {
				t.Errorf("%s, field %d: error %.4g at 256 steps, want %.3g", c.name, j, last, want)
			}
		}
	}
}
