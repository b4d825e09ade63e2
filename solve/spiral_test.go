package solve_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// The spiral stretched by (1,8), as an exact field: no network, no Monte Carlo. Its figures were
// computed by an independent program.

// spiralAt is the spiral's curve for u in [0,1]: θ = 3π√u − π/2, x = .4(θ+π)(cos θ, 8 sin θ).
func spiralAt(u float64) (x, y float64) {
	θ := 3*math.Pi*math.Sqrt(u) - math.Pi/2
	sin, cos := math.Sincos(θ)
	return .4 * (θ + math.Pi) * cos, 8 * .4 * (θ + math.Pi) * sin
}

// spiral is 360 points of the curve with noise of sd (.1,.8), its centre moved to −shift and its axes divided by scale.
func spiral(shift, scale [2]float64) field.Mixture {
	const k = 360
	m := field.Mixture{D: 2, Var: []float64{.01 / scale[0] / scale[0], .64 / scale[1] / scale[1]}}
	for i := range k {
		x, y := spiralAt((float64(i) + .5) / k)
		m.Means = append(m.Means, (x-shift[0])/scale[0], (y-shift[1])/scale[1])
	}
	return m
}

// halton is the radical inverse of i in the base.
func halton(i, base int) float64 {
	f, r := 1.0, 0.0
	for ; i > 0; i /= base {
		f /= float64(base)
		r += f * float64(i%base)
	}
	return r
}

func haltonNormal(i, base int) float64 { return math.Sqrt2 * math.Erfinv(2*halton(i, base)-1) }

// spiralStart is n normals of bases 2 and 3.
func spiralStart(n int) ito.States {
	x := ito.NewStates(n, 2, 0)
	for i := range n {
		x.Row(i)[0], x.Row(i)[1] = haltonNormal(i+1, 2), haltonNormal(i+1, 3)
	}
	return x
}

// spiralData is n draws of the data: u, and the noise of each axis, by three bases.
func spiralData(n int, bases [3]int) ito.States {
	d := ito.NewStates(n, 2, 0)
	for i := range n {
		x, y := spiralAt(halton(i+1, bases[0]))
		d.Row(i)[0], d.Row(i)[1] = x+.1*haltonNormal(i+1, bases[1]), y+.8*haltonNormal(i+1, bases[2])
	}
	return d
}

func vp(max float64) path.VP { return path.VP{BetaMin: .1, BetaMax: max, Power: 1.7} }

// The mean absolute second derivative of 100 Euler steps from N(0,I) on the raw spiral.
func TestSpiralStraightness(t *testing.T) {
	f0, x0 := spiral([2]float64{}, [2]float64{1, 1}), spiralStart(1500)
	for max, want := range map[float64][2]float64{10: {6.5, 10.0}, 20: {7.7, 46.7}} {
		p := vp(max)
		f := must(field.NewMixture(p, f0))
		var traj []ito.States
		g := must(solve.Uniform(p, 1, 1e-3, 100))
		opts := solve.RunOptions{Trajectory: func(_ int, _ float64, x ito.States) error {
			traj = append(traj, x.Clone())
			return nil
		}}
		if _, err := solve.Run(ctx, p, f, x0.Clone(), g, solve.Euler{}, opts); err != nil {
			t.Fatal(err)
		}
		s := must(metric.Straighten(traj, g))
		for i, w := range want {
			if math.Abs(s.Smooth[i]-w) > .05*w {
				t.Errorf("VP-%g axis %d: straightness %.3g, want %.3g", max, i, s.Smooth[i], w)
			}
		}
	}
}

// W2 to the spiral by network calls: Euler with 6, 10, 20, 50 and Heun with 20, 50. Cells of 2 and more
// hold within 10 %, the others within .3.
//
// Conventions that give the sheet's figures: u = (k+½)/360 on the curve; starts by Halton points 1…n of
// bases 2 and 3; data by Halton points of bases 2, 3, 5; W2 in the units of the raw data but for no row.
// Both VSDM rows work on centred data from N(0,I), with A from the second moments about zero; the logistic
// row has n = 700. The moment prior is diagonal, the standardised row divides by the sd of each axis.
func TestSpiralTable(t *testing.T) {
	if testing.Short() {
		t.Skip("W2 of 1500 points, 36 times")
	}
	raw := spiral([2]float64{}, [2]float64{1, 1})
	g := raw.Moments()
	mean, one := [2]float64{g.Mean[0], g.Mean[1]}, [2]float64{1, 1}
	sd := [2]float64{math.Sqrt(g.Cov[0]), math.Sqrt(g.Cov[3])}
	second := [2]float64{g.Cov[0] + mean[0]*mean[0], g.Cov[3] + mean[1]*mean[1]}
	B := vp(10).B(1)
	var constant, logistic [2]float64
	for i, s := range second {
		constant[i] = (1 - path.VSDMFixedPoint(s, B)) / 2
		logistic[i] = path.LogisticEnd(s, B)
	}
	moments := must(path.MomentPrior(vp(10), g))
	for _, row := range []struct {
		name         string
		p            ito.Path
		shift, scale [2]float64 // of the data
		at, sd       [2]float64 // of the prior
		n            int
		want         [6]float64
	}{
		{"VP-10", vp(10), [2]float64{}, one, [2]float64{}, one, 1500, [6]float64{12.6, 12.5, 12.4, 12.4, 12.5, 12.3}},
		{"VP-20", vp(20), [2]float64{}, one, [2]float64{}, one, 1500, [6]float64{8.96, 6.89, 4.70, 2.94, 2.95, 1.80}},
		{"VSDM-10", must(path.NewVSDM(path.VSDMConfig{D: 2, A: constant[:]})), mean, one, [2]float64{}, one, 1500,
			[6]float64{7.57, 5.53, 3.40, 1.82, 2.21, .90}},
		{"VSDM-10 logistic", must(path.NewVSDM(path.VSDMConfig{Variant: path.Logistic, D: 2, A: logistic[:]})), mean,
			one, [2]float64{}, one, 700, [6]float64{1.87, 1.46, 1.32, 1.34, 1.45, 1.40}},
		{"VP-10, moment prior", vp(10), [2]float64{}, one, [2]float64(moments.Mean),
			[2]float64{math.Sqrt(moments.Cov[0]), math.Sqrt(moments.Cov[3])}, 1500, [6]float64{2.89, 2.68, 2.48, 2.33,
				2.47, 2.25}},
		{"VP-10, standardised", vp(10), mean, sd, [2]float64{}, one, 1500, [6]float64{.73, .63, .56, .53, .49, .50}},
	} {
		f := must(field.NewMixture(row.p, spiral(row.shift, row.scale)))
		truth, start := spiralData(row.n, [3]int{2, 3, 5}), spiralStart(row.n)
		for i := range start.X {
			start.X[i] = row.at[i%2] + row.sd[i%2]*start.X[i]
		}
		for c, nfe := range []int{6, 10, 20, 50, 20, 50} {
			var s ito.Solver = solve.Euler{}
			if c >= 4 {
				s = solve.Heun{}
			}
			x := start.Clone()
			k := must(solve.StepsFor(s, nfe, 1))
			if _, err := solve.Run(ctx, row.p, f, x, must(solve.Uniform(row.p, 1, 1e-3, k)), s,
				solve.RunOptions{}); err != nil {
				t.Fatal(err)
			}
			for i := range x.X {
				x.X[i] = row.shift[i%2] + row.scale[i%2]*x.X[i]
			}
			w := must(metric.W2(t.Context(), x, truth))
			tol := .3
			if row.want[c] >= 2 {
				tol = .1 * row.want[c]
			}
			t.Logf("%-20s %s %2d: %5.2f (%5.2f)", row.name, s.Info().Name, nfe, w, row.want[c])
			if math.Abs(w-row.want[c]) > tol {
				t.Errorf("%s, %s with %d calls: W2 %.3g, want %.3g", row.name, s.Info().Name, nfe, w, row.want[c])
			}
		}
	}
}
