package tune_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/tune"
)

// Cells of the tables that an independent program computed from the same 2048 starts: RMSE and median to three digits.
func TestTable(t *testing.T) {
	for _, c := range []struct {
		p    tune.MixtureProblem
		nfes []int
		want map[string][][2]float64
	}{
		{tune.Ring(), []int{5, 10}, map[string][][2]float64{
			"DDIM uniform": {{.39786, .33381}, {.18254, .15244}}, "DDIM logsnr": {{.13058, .10474}, {.05720, .04236}},
			"DDIM karras":      {{.20595, .17411}, {.07631, .06175}},
			"Heun in ρ karras": {{}, {1.06524, 1.09205}}, "DPM-Solver-2S logsnr": {{}, {.18304, .16223}},
			"DPM-Solver++2S logsnr":  {{}, {.03746, .01747}},
			"DPM-Solver-fast logsnr": {{4.56666, 4.26364}, {.09259, .08872}},
			"DPM-Solver++2M logsnr":  {{.08405, .06433}, {.03366, .02928}},
			"DPM-Solver++2M uniform": {{.38263, .31919}, {.16654, .13074}}, "DPM-Solver++2M karras": {{.18237, .14548},
				{.07476, .06476}},
			"DPM-Solver++3M as released logsnr": {{.08621, .06902}, {.05248, .04426}},
			"DPM-Solver++3M logsnr":             {{.10596, .09760}, {.06005, .05089}},
			"UniPC-3 bh1 logsnr":                {{.14603, .15216}, {.03884, .03499}}, "UniPC-3 bh2 logsnr": {{.07216,
				.05657},
				{.03389, .02890}},
			"UniPC-2 bh2 logsnr": {{.07183, .05321}, {.01961, .01540}}, "DEIS tAB3 quadratic": {{.09834, .06123},
				{.01716, .00922}}, "iPNDM-4 karras": {{.53958, .53966}, {.11111, .07081}},
		}},
		{tune.RingEDM(), []int{6, 10}, map[string][][2]float64{
			"DDIM karras": {{.12585, .10813}, {.06329, .04918}}, "Heun in ρ karras": {{2.09999, 2.12390},
				{.77492, .72277}},
			"DPM-Solver++2M karras": {{.07165, .05417}, {.07325, .06982}}, "DPM-Solver++2M logsnr": {{.06924, .07031},
				{.03913, .03757}},
			"DPM-Solver++3M as released logsnr": {{.16200, .17023}, {.02889, .02800}},
			"DPM-Solver++3M logsnr":             {{.20637, .21546}, {.04048, .03804}},
			"UniPC-3 bh2 logsnr":                {{.15185, .15918}, {.04492, .04586}}, "UniPC-3 bh2 karras": {{.07121,
				.05928},
				{.10292, .09285}},
			"iPNDM-4 karras": {{.08002, .07092}, {.04025, .03706}}, "DEIS ρAB3 karras": {{.09781, .07733},
				{.03488, .01841}},
		}},
		{tune.Hada(), []int{5}, map[string][][2]float64{
			"DDIM logsnr": {{.50402, .42975}}, "DPM-Solver-fast logsnr": {{1.65529, 1.55483}},
			"DPM-Solver++2M logsnr": {{.18044, .15306}}, "UniPC-3 bh2 logsnr": {{.07652, .07344}},
			"DEIS tAB3 quadratic": {{.13322, .11613}}, "iPNDM-4 karras": {{.09643, .08382}},
		}},
	} {
		if testing.Short() && c.p.Data.D > 2 {
			continue
		}
		rows := must(tune.Table(ctx, c.p, tune.Entries(c.p), c.nfes, 0))
		seen := 0
		for _, r := range rows {
			for i, nfe := range c.nfes {
				want, ok := c.want[r.Solver+" "+r.Grid]
				if !ok || nfe != r.Evals || want[i][0] == 0 {
					continue
				}
				seen++
				if math.Abs(r.RMSE-want[i][0]) > 1e-3*want[i][0]+5e-6 ||
					math.Abs(r.Median-want[i][1]) > 1e-3*want[i][1]+5e-6 {
					t.Errorf("%s, %s %s, %d evaluations: %.5f/%.5f, want %.5f/%.5f", c.p.Name, r.Solver, r.Grid, nfe,
						r.RMSE, r.Median, want[i][0], want[i][1])
				}
			}
		}
		cells := 0
		for _, w := range c.want {
			for _, v := range w {
				if v[0] != 0 {
					cells++
				}
			}
		}
		if seen != cells {
			t.Errorf("%s: %d cells of %d in the table", c.p.Name, seen, cells)
		}
	}
}

// What may be asserted on hada: DPM-Solver-v3 with its corrector is better than every other line at 5 and 10
// evaluations.
func TestV3OnHada(t *testing.T) {
	p := tune.Hada()
	v3 := must(tune.V3Entries(ctx, p, 256, tune.Statistics{Steps: 60}))
	nfes := []int{5, 10}
	rows := must(tune.Table(ctx, p, append(tune.Entries(p), v3...), nfes, 256))
	const name = "DPM-Solver-v3"
	for _, nfe := range nfes {
		best := math.NaN()
		for _, r := range rows {
			if r.Solver == name && r.Evals == nfe {
				best = r.RMSE
			}
		}
		for _, r := range rows {
			if r.Evals == nfe && r.Solver != name && !(r.RMSE > best) {
				t.Errorf("%d evaluations: %s %s leaves %.5f, DPM-Solver-v3 %.5f", nfe, r.Solver, r.Grid, r.RMSE, best)
			}
		}
	}
}
