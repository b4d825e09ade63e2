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

// Adaptive runs of single rows on VP from 1 to 1e-3, against an independent program run row by row: where they end and
// how many steps they try, which that program counts order evaluations each.
func TestDPMAdaptiveRows(t *testing.T) {
	type row struct {
		nfe int
		x   []float64
	}
	p := path.VP{}
	for _, c := range []struct {
		name  string
		m     field.Mixture
		order int
		rows  []row
	}{
		{"ring", ring(1, .05), 2, []row{{74, []float64{.8027640715286744, .6518168524289376}},
			{50, []float64{-.8002349996524712, -.8311548339260264}},
			{84, []float64{.04534812021895962, .963062261128427}}}},
		{"ring", ring(1, .05), 3, []row{{39, []float64{.779966980138159, .6651197313587722}},
			{39, []float64{-.7727804132349737, -.811640789565283}},
			{51, []float64{.043697353102896776, .9631208067832858}}}},
		{"hada", tune.Hada().Data, 2, []row{{58, []float64{.4097451028847399, .9115345777943441}},
			{50, []float64{1.6779254708200324, 1.1213031660605397}},
			{56, []float64{2.800160797155888, .4848525531409931}}}},
		{"hada", tune.Hada().Data, 3, []row{{42, []float64{.3986794125663598, .914610945934792}},
			{27, []float64{1.670770620428547, 1.1036811710743515}},
			{36, []float64{2.847335998381354, .49688117198976806}}}},
	} {
		f := must(field.NewMixture(p, c.m))
		y, info := run(t, problem{"vp", p, 1, 1e-3}, f, quasi(3, c.m.D, 0), ito.Grid{1, 1e-3},
			solve.DPMAdaptive{Order: c.order})
		for i, r := range c.rows {
			tried := info.Accepted[i] + info.Rejected[i]
			if tried*c.order != r.nfe || info.Evals[i] != r.nfe-info.Rejected[i] {
				t.Errorf("%s, order %d, row %d: %d accepted, %d rejected, %d evaluations; want %d", c.name, c.order, i,
					info.Accepted[i], info.Rejected[i], info.Evals[i], r.nfe)
			}
			for k, want := range r.x {
				if math.Abs(y.Row(i)[k]-want) > 1e-8 {
					t.Errorf("%s, order %d, row %d ends at %v, want %v", c.name, c.order, i, y.Row(i), r.x)
					break
				}
			}
		}
	}
}

// The error of adaptive runs falls with the tolerance, on every path that has a λ, and with the x̂0 form.
func TestDPMAdaptiveTolerance(t *testing.T) {
	for _, pr := range problems() {
		for _, s := range []solve.DPMAdaptive{{Order: 2}, {Order: 3}, {Order: 3, Data: true}} {
			if !serves(pr.p, s) {
				continue
			}
			f, x := exact(pr), noise(pr, 6)
			ref, _ := run(t, pr, f, x, ito.Grid{pr.from, pr.to}, solve.Dopri5{Tol: 1e-9})
			last := math.Inf(1)
			for _, tol := range []float64{1e-2, 1e-4, 1e-6} {
				s.Atol, s.Rtol = tol, tol
				y, info := run(t, pr, f, x, ito.Grid{pr.from, pr.to}, s)
				e := rmse(y, ref)
				if e > 20*tol || e > last {
					t.Errorf("%s on %s: error %.2g at tolerance %g", s.Info().Name, pr.name, e, tol)
				}
				last = e
				if info.Accepted[0] == 0 {
					t.Errorf("%s on %s counts no steps", s.Info().Name, pr.name)
				}
			}
		}
	}
}
