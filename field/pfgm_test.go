package field

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// additive returns n pairs of quasi-random normals: u_j = frac(½+iφ⁻ʲ), φ³ = φ+1, by Box and Muller.
func additive(n int) ito.States {
	const φ = 1.324717957244746
	x := ito.NewStates(n, 2, 0)
	for i := range n {
		_, u := math.Modf(.5 + float64(i+1)/φ)
		_, v := math.Modf(.5 + float64(i+1)/(φ*φ))
		r := math.Sqrt(-2 * math.Log(u))
		x.Row(i)[0], x.Row(i)[1] = r*math.Cos(2*math.Pi*v), r*math.Sin(2*math.Pi*v)
	}
	return x
}

func octagon(r float64) ito.States {
	y := ito.NewStates(8, 2, 0)
	for k := range 8 {
		y.Row(k)[0], y.Row(k)[1] = r*math.Cos(math.Pi/4*float64(k)), r*math.Sin(math.Pi/4*float64(k))
	}
	return y
}

// The largest difference between the denoisers of PFGM++ and EDM on eight points, for growing D.
func TestPFGMTendsToEDM(t *testing.T) {
	x := additive(512)
	for i := range x.X {
		x.X[i] *= .8
	}
	edm := must(must(NewMixture(path.EDM{}, Points(octagon(.7)))).As(ito.PredX0))
	want, got := x.Like(2), x.Like(2)
	if err := edm.Predict(ctx, want, x, ito.Times{.5}, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for D, diff := range map[float64]float64{2: 3.513e-1, 8: 1.511e-1, 128: 9.449e-3, 2048: 6.005e-4, 1e6: 1.231e-6} {
		f := must(NewPFGM(path.PFGM{Aug: D}, octagon(.7)))
		if err := f.Predict(ctx, got, x, ito.Times{.5}, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i, v := range got.X {
			worst = math.Max(worst, math.Abs(v-want.X[i]))
		}
		if math.Abs(worst/diff-1) > 5e-4 {
			t.Errorf("D=%g: %.4g from EDM, want %g", D, worst, diff)
		}
	}
}

// E[x_0|x] is the mean of the points under the kernel's density, row by row at its own time; the velocity
// is (x−E)/σ.
func TestPFGMIsThePosteriorMean(t *testing.T) {
	p := path.PFGM{Aug: 3}
	y := octagon(1)
	f := must(NewPFGM(p, y))
	x := additive(5)
	times := ito.Times{.1, .5, 1, 3, 0}
	copy(x.Row(4), y.Row(3))
	got, v := x.Like(2), x.Like(2)
	if err := f.Predict(ctx, got, x, times, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	if err := must(As(f, p, ito.PredVelocity)).Predict(ctx, v, x, times, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for i, σ := range times {
		var sum, m0 float64
		if σ == 0 {
			if math.Abs(got.Row(i)[0]-y.Row(3)[0]) > 1e-15 {
				t.Errorf("on a point at σ = 0 it says %v", got.Row(i))
			}
			continue
		}
		for k := range y.N {
			d2 := math.Pow(x.Row(i)[0]-y.Row(k)[0], 2) + math.Pow(x.Row(i)[1]-y.Row(k)[1], 2)
			w := math.Pow(d2+3*σ*σ, -2.5)
			sum += w
			m0 += w * y.Row(k)[0]
		}
		if e := math.Abs(got.Row(i)[0] - m0/sum); e > 1e-13 {
			t.Errorf("σ=%g: %g, want %g", σ, got.Row(i)[0], m0/sum)
		}
		if want := (x.Row(i)[0] - got.Row(i)[0]) / σ; math.Abs(v.Row(i)[0]-want) > 1e-12*math.Abs(want) {
			t.Errorf("σ=%g: velocity %g, want %g", σ, v.Row(i)[0], want)
		}
	}
}

func TestPFGMHasNoScore(t *testing.T) {
	p := path.PFGM{}
	f := must(NewPFGM(p, octagon(1)))
	var e *ito.UnsupportedError
	if _, err := As(f, p, ito.PredScore); !errors.As(err, &e) {
		t.Errorf("a score: %v", err)
	}
	if _, err := NewMixture(p, Points(octagon(1))); !errors.As(err, &e) {
		t.Errorf("a Gaussian mixture: %v", err)
	}
	for _, bad := range []ito.States{{}, {N: 1, D: 2}} {
		if _, err := NewPFGM(p, bad); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
