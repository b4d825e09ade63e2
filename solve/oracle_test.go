package solve_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// quasi is n rows of dimension d from a sequence that other programs can repeat, with the ids 0, 1, ….
func quasi(n, d, first int) ito.States {
	x := ito.NewStates(n, d, 0)
	copy(x.X, tune.QuasiNormals(n, d, first).X)
	return x
}

// The error of every solver at few evaluations from 2048 fixed starting states, against figures computed by
// independent programs: on a ring of 8 Gaussians and on hada on VP, on a smaller ring on EDM.
func TestErrorsAtFewEvaluations(t *testing.T) {
	const always = math.MaxInt
	m2, m3 := solve.DPMpp{LowerFinal: always}, solve.DPMpp{Order: 3, LowerFinal: always}
	m3c := solve.DPMpp{Order: 3, LowerFinal: always, Second: solve.SecondMidpoint, Compat: solve.CompatThirdOrderFactor}
	u2, u3 := solve.UniPC{Order: 2, LowerFinal: always}, solve.UniPC{Order: 3, LowerFinal: always}
	u31 := solve.UniPC{Order: 3, B: solve.UniB1, LowerFinal: always}
	edm, tab3, rho3, ipndm := solve.EDM{}, solve.DEIS{}, solve.DEIS{Clock: solve.ClockRho}, solve.IPNDM{}
	fast := solve.DPMFast{}
	type row struct {
		s    ito.Solver
		grid solve.GridFunc
		want [4]float64
	}
	for _, c := range []struct {
		name string
		pr   problem
		m    field.Mixture
		nfe  [4]int
		rows []row
	}{
		{"ring", problem{"vp", path.VP{}, 1, 1e-3}, ring(1, .05), [4]int{5, 10, 20, 50}, []row{
			{solve.DDIM{}, solve.Uniform, [4]float64{.39786, .18254, .07894, .02255}},
			{solve.DDIM{}, solve.LogSNR, [4]float64{.13058, .05720, .02680, .01020}},
			{solve.DDIM{}, solve.Karras, [4]float64{.20595, .07631, .03507, .01312}},
			{edm, solve.Karras, [4]float64{0, 1.06524, .07534, .00614}},
			{solve.DPM{}, solve.LogSNR, [4]float64{0, .18304, .02016, .00259}},
			{solve.DPM{Data: true}, solve.LogSNR, [4]float64{0, .03746, .01245, .00326}},
			{fast, solve.LogSNR, [4]float64{4.56666, .09259, .02294, .00181}},
			{m2, solve.LogSNR, [4]float64{.08405, .03366, .00684, .00182}},
			{m2, solve.Uniform, [4]float64{.38263, .16654, .07009, .02759}},
			{m2, solve.Karras, [4]float64{.18237, .07476, .02062, .00265}},
			{m3c, solve.LogSNR, [4]float64{.08621, .05248, .00614, .00127}},
			{m3, solve.LogSNR, [4]float64{.10596, .06005, .00854, .00122}},
			{u31, solve.LogSNR, [4]float64{.14603, .03884, .00679, .00077}},
			{u3, solve.LogSNR, [4]float64{.07216, .03389, .00660, .00076}},
			{u2, solve.LogSNR, [4]float64{.07183, .01961, .00515, .00127}},
			{tab3, solve.Quadratic, [4]float64{.09834, .01716, .00386, .00078}},
			{ipndm, solve.Karras, [4]float64{.53958, .11111, .01156, .00184}},
		}},
		{"hada", problem{"vp", path.VP{}, 1, 1e-3}, tune.Hada().Data, [4]int{5, 10, 20, 50}, []row{
			{solve.DDIM{}, solve.Uniform, [4]float64{.48699, .26841, .14495, .06206}},
			{solve.DDIM{}, solve.LogSNR, [4]float64{.50402, .27596, .14505, .05980}},
			{solve.DDIM{}, solve.Karras, [4]float64{.58373, .31530, .16701, .06915}},
			{edm, solve.Karras, [4]float64{0, 1.07389, .22399, .03102}},
			{solve.DPM{}, solve.LogSNR, [4]float64{0, .41032, .08803, .01278}},
			{solve.DPM{Data: true}, solve.LogSNR, [4]float64{0, .18394, .05906, .01073}},
			{fast, solve.LogSNR, [4]float64{1.65529, .05465, .01024, .00044}},
			{m2, solve.LogSNR, [4]float64{.18044, .04441, .01806, .00307}},
			{m2, solve.Uniform, [4]float64{.42960, .16883, .07611, .02799}},
			{m2, solve.Karras, [4]float64{.40008, .08023, .05035, .00779}},
			{m3c, solve.LogSNR, [4]float64{.08269, .13743, .00981, .00110}},
			{m3, solve.LogSNR, [4]float64{.11392, .15154, .00416, .00015}},
			{u31, solve.LogSNR, [4]float64{.35750, .10320, .00148, .00013}},
			{u3, solve.LogSNR, [4]float64{.07652, .09996, .00147, .00013}},
			{u2, solve.LogSNR, [4]float64{.14404, .05626, .01054, .00074}},
			{tab3, solve.Quadratic, [4]float64{.13322, .02316, .00441, .00050}},
			{ipndm, solve.Karras, [4]float64{.09643, .07241, .01817, .00245}},
		}},
		{"edm", problem{"edm", path.EDM{}, 80, .002}, ring(.7, .05), [4]int{6, 10, 18, 34}, []row{
			{solve.Euler{}, solve.Karras, [4]float64{.12585, .06329, .03428, .01770}},
			{edm, solve.Karras, [4]float64{2.09999, .77492, .09534, .01445}},
			{solve.Heun{}, solve.Karras, [4]float64{2.09999, .77492, .09534, .01445}},
			{m2, solve.Karras, [4]float64{.07165, .07325, .02218, .00480}},
			{m2, solve.LogSNR, [4]float64{.06924, .03913, .00981, .00329}},
			{m3c, solve.LogSNR, [4]float64{.16200, .02889, .00750, .00237}},
			{m3, solve.LogSNR, [4]float64{.20637, .04048, .01065, .00251}},
			{u3, solve.LogSNR, [4]float64{.15185, .04492, .00780, .00182}},
			{u3, solve.Karras, [4]float64{.07121, .10292, .03808, .00407}},
			{ipndm, solve.Karras, [4]float64{.08002, .04025, .00726, .00294}},
			{rho3, solve.Karras, [4]float64{.09781, .03488, .01301, .00440}},
		}},
	} {
		nfes := c.nfe[:]
		if testing.Short() {
			if c.name != "ring" {
				continue
			}
			nfes = nfes[:2]
		}
		x := quasi(2048, c.m.D, 0)
		if c.name == "edm" {
			for i := range x.X {
				x.X[i] *= 80
			}
		}
		f := must(field.NewMixture(c.pr.p, c.m))
		ref, _ := run(t, c.pr, f, x, must(solve.LogSNR(c.pr.p, c.pr.from, c.pr.to, 500)), solve.UniPC{})
		if c.name == "ring" { // where the first of them starts and ends
			for j, want := range [][2]float64{{1.49680466, .782034332}, {.702509066, .661042966}} {
				if math.Abs(x.Row(0)[j]-want[0]) > 1e-8 || math.Abs(ref.Row(0)[j]-want[1]) > 1e-7 {
					t.Errorf("coordinate %d of the first start goes from %.9g to %.9g, want %.9g and %.9g", j,
						x.Row(0)[j], ref.Row(0)[j], want[0], want[1])
				}
			}
		}
		check, _ := run(t, c.pr, f, x.Slice(0, 50), ito.Grid{c.pr.from, c.pr.to}, solve.Dopri5{Tol: 1e-7})
		if e := rmse(check, ref.Slice(0, 50)); e > 1e-6 {
			t.Fatalf("%s: the reference's own error is %.2g", c.name, e)
		}
		for _, r := range c.rows {
			for i, nfe := range nfes {
				if r.want[i] == 0 {
					continue
				}
				s, k := r.s, nfe/r.s.Info().Evals
				if _, ok := s.(solve.DPMFast); ok {
					s = solve.DPMFast{NFE: nfe}
					k = solve.DPMFast{NFE: nfe}.Steps()
				}
				y, info := run(t, c.pr, f, x, must(r.grid(c.pr.p, c.pr.from, c.pr.to, k)), s)
				if info.Evals[0] != nfe {
					t.Errorf("%s: %s costs %d evaluations, want %d", c.name, s.Info().Name, info.Evals[0], nfe)
				}
				if e := rmse(y, ref); math.Abs(e-r.want[i]) > 1e-3*r.want[i]+1e-5 {
					t.Errorf("%s: %s, %d evaluations: error %.5f, want %.5f", c.name, s.Info().Name, nfe, e, r.want[i])
				}
			}
		}
	}
}
