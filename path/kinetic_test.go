package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// additive fills n pairs of quasi-random normals: u_j = frac(½+iφ⁻ʲ) from i = start, φ³ = φ+1, by Box and Muller.
func additive(n, start int) ito.States {
	const φ = 1.324717957244746
	x := ito.NewStates(n, 2, 0)
	for i := range n {
		_, u := math.Modf(.5 + float64(i+start)/φ)
		_, v := math.Modf(.5 + float64(i+start)/(φ*φ))
		r := math.Sqrt(-2 * math.Log(u))
		x.Row(i)[0], x.Row(i)[1] = r*math.Cos(2*math.Pi*v), r*math.Sin(2*math.Pi*v)
	}
	return x
}

// ringGamma is γ at n angles for eight points of width .05 on a circle, scaled to unit variance, over
// 8192 quasi-random noisy draws.
func ringGamma(n int) []float64 {
	scale := math.Sqrt(.5 + .05*.05)
	points, h := ito.NewStates(8, 2, 0), .05/scale
	for k := range 8 {
		points.Row(k)[0], points.Row(k)[1] = math.Cos(math.Pi/4*float64(k))/scale, math.Sin(math.Pi/4*float64(k))/scale
	}
	const draws = 8192
	y, z := additive(draws, 7920), additive(draws, 200003)
	for i := range draws {
		_, u := math.Modf(.5 + float64(i+1)*.6180339887498949)
		for j, c := range points.Row(min(int(8*u+1e-11), 7)) {
			y.Row(i)[j] = c + h*y.Row(i)[j]
		}
	}
	return KineticGamma(n, func(s float64) float64 { return posteriorVariance(points, h, y, z, s) })
}

// The optimum of one given γ, noise and all: that of 8192 quasi-random draws around eight points on a circle: U, b,
// the energies of three paths and the schedule, as the independent script found them with 1601 angles; 401 are off
// by 1.5e-5, the 101 of a short run by 3e-4.
func TestKineticOnRing(t *testing.T) {
	n, tol := 401, 2e-5
	if testing.Short() {
		n, tol = 101, 3e-4
	}
	γ := ringGamma(n)
	for quarter, want := range []float64{0, -.002639, .054228, .430135} {
		if got := γ[quarter*(n-1)/4]; math.Abs(got-want) > 6e-7 {
			t.Errorf("γ(%dπ/8) = %.7f, want %.6f", quarter, got, want)
		}
	}
	p, err := NewKinetic(KineticConfig{Gamma: γ, Floor: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	U, b := p.Angle()
	if math.Abs(U-.49811) > tol || math.Abs(b-.24302) > tol {
		t.Errorf("U=%.6f, b=%.6f", U, b)
	}
	trig := Cosine{S: 1e-12}
	for what, c := range map[string]struct {
		p    ito.Diagonal
		want float64
	}{"kinetic": {p, .24303}, "flow": {Flow{}, .75191}, "trig": {trig, .50690}} {
		if e := KineticEnergy(c.p, γ, 1, 0, 1, 20000); math.Abs(e-c.want) > 4*tol {
			t.Errorf("%s: energy %.6f, want %.5f", what, e, c.want)
		}
	}
	var a, s [1]float64
	for τ, want := range map[float64][2]float64{.25: {.8411, .4971}, .5: {.9173, .3127}, .75: {.9611, .1751}} {
		p.Schedule(1-τ, a[:], s[:], nil, nil)
		if math.Abs(a[0]-want[0]) > 10*tol+5e-5 || math.Abs(s[0]-want[1]) > 10*tol+5e-5 {
			t.Errorf("at τ=%g (α,σ) = (%.4f, %.4f), want %v", τ, a[0], s[0], want)
		}
	}
	// The price of the default floor, for this γ.
	floored, err := NewKinetic(KineticConfig{Gamma: γ})
	if err != nil {
		t.Fatal(err)
	}
	if e := KineticEnergy(floored, γ, 1, 0, 1, 20000); math.Abs(e-.2563) > 1e-3 {
		t.Errorf("with the default floor the energy is %.5f, the least %.5f", e, b)
	}
}

// posteriorVariance returns the mean over rows (y,z) of tr Cov(x_0 | s y + z)/D, the data being points with standard
// deviation h around each: h²/v + tr Cov_γ(points)/(Dv²), v = s²h²+1, γ the posterior weights.
func posteriorVariance(points ito.States, h float64, y, z ito.States, s float64) float64 {
	v := s*s*h*h + 1
	w, mean := make([]float64, points.N), make([]float64, points.D)
	size := make([]float64, points.N)
	for k := range size {
		for _, p := range points.Row(k) {
			size[k] += p * p
		}
	}
	total := 0.0
	for i := range y.N {
		top := math.Inf(-1)
		for k := range w {
			q := 0.0
			for j, p := range points.Row(k) {
				δ := s*(y.Row(i)[j]-p) + z.Row(i)[j]
				q += float64(δ * δ)
			}
			w[k] = -q / (2 * v)
			top = math.Max(top, w[k])
		}
		sum, second := 0.0, 0.0
		clear(mean)
		for k, e := range w {
			if e -= top; e < -50 {
				continue
			}
			g := math.Exp(e)
			sum += g
			second += float64(g * size[k])
			matrix.AddScaled(mean, g, points.Row(k))
		}
		first := 0.0
		for _, m := range mean {
			first += m * m
		}
		total += second/sum - first/(sum*sum)
	}
	return h*h/v + total/float64(y.N)/(v*v*float64(points.D))
}

// From the points themselves, at the default number of draws: b has the mean of testdata/kinetic.py, by quadrature.
// Its spread over seeds is 3.5 %, that of the mean of 12 is 1 %: 3 % is three of them, a single one is within 14 %.
// With 1 − ω/cos²θ for the squared speed the same draws gave γ(π/8) of either sign and b of the ring 3.0 % low.
func TestKineticFromPoints(t *testing.T) {
	ring := ito.NewStates(8, 2, 0)
	for k := range ring.N {
		ring.Row(k)[0], ring.Row(k)[1] = math.Cos(math.Pi/4*float64(k)), math.Sin(math.Pi/4*float64(k))
	}
	two := ito.NewStates(2, 1, 0)
	two.X[0], two.X[1] = -1, 1
	for _, c := range []struct {
		name  string
		x     ito.States
		h     float64
		nodes int
		b     float64
	}{
		{"two points", two, .1, 65, .3567120},
		{"ring", ring, .05 / math.Sqrt(.5025), 101, .270731},
	} {
		const seeds = 12
		mean := 0.
		for seed := range ito.Seed(seeds) {
			p, err := KineticFromData(c.x, KineticOptions{Bandwidth: c.h, Nodes: c.nodes, Noise: seed})
			if err != nil {
				t.Fatal(err)
			}
			_, b := p.Angle()
			if e := b/c.b - 1; math.Abs(e) > .14 {
				t.Errorf("%s, seed %d: b = %.4f, want %.4f", c.name, seed, b, c.b)
			} else {
				mean += e / seeds
			}
		}
		if math.Abs(mean) > .03 {
			t.Errorf("%s: b is %.1f %% off over %d seeds", c.name, 100*mean, seeds)
		}
	}
}

// γ ≡ 1 is the straight line; γ ≡ 0, of normal data, makes the angle even in time, and no path of constant radius
// costs anything.
func TestKineticLimits(t *testing.T) {
	p, err := NewKinetic(KineticConfig{Gamma: []float64{1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, b := p.Angle(); math.Abs(b-2) > 1e-15 {
		t.Errorf("b = %g", b)
	}
	var a, s, da, ds [1]float64
	for i := range 11 {
		at := float64(i) / 10
		p.Schedule(at, a[:], s[:], da[:], ds[:])
		if d := math.Abs(a[0]-1+at) + math.Abs(s[0]-at) + math.Abs(da[0]+1) + math.Abs(ds[0]-1); d > 1e-14 {
			t.Errorf("at %g it differs from the flow by %.2g", at, d)
		}
	}
	γ := KineticGamma(65, func(s float64) float64 { return 1 / (1 + s*s) })
	for j, g := range γ {
		if math.Abs(g) > 1e-12 {
			t.Errorf("normal data: γ_%d = %g", j, g)
		}
	}
	if p, err = NewKinetic(KineticConfig{Gamma: γ, Floor: 1e-3}); err != nil {
		t.Fatal(err)
	}
	p.Schedule(.5, a[:], s[:], nil, nil)
	if math.Abs(a[0]-math.Sqrt(.5)) > 1e-6 || math.Abs(s[0]-math.Sqrt(.5)) > 1e-6 {
		t.Errorf("normal data: (α,σ) = (%g, %g) half way", a[0], s[0])
	}
	if e := KineticEnergy(p, γ, 1, 0, 1, 1000); e > 1e-10 {
		t.Errorf("normal data: energy %g", e)
	}
	for _, at := range []float64{0, 1} { // the ends are exact
		p.Schedule(at, a[:], s[:], nil, nil)
		if a[0] != 1-at || s[0] != at {
			t.Errorf("at %g α=%g, σ=%g", at, a[0], s[0])
		}
	}
}

// The least energy: moving the chord costs more.
func TestKineticIsTheOptimum(t *testing.T) {
	γ := make([]float64, 101)
	for j := range γ {
		γ[j] = .2 + .6*float64(j*j)/1e4
	}
	p, err := NewKinetic(KineticConfig{Gamma: γ})
	if err != nil {
		t.Fatal(err)
	}
	_, b := p.Angle()
	if e := KineticEnergy(p, γ, 1, 0, 1, 4000); math.Abs(e-b) > 1e-5 {
		t.Errorf("energy %.7f, b = %.7f", e, b)
	}
	for _, ε := range []float64{-.1, .1} {
		for _, bend := range []func(t float64) (float64, float64){
			func(t float64) (float64, float64) { return 1 + ε*math.Sin(math.Pi*t), 0 },
			func(t float64) (float64, float64) { return 1, ε * math.Sin(math.Pi*t) },
		} {
			if e := KineticEnergy(bent{p, bend}, γ, 1, 0, 1, 4000); e < b+1e-3 {
				t.Errorf("a bent path has energy %.6f, the optimum %.6f", e, b)
			}
		}
	}
}

// bent is a path whose radius is scaled and whose angle is shifted.
type bent struct {
	ito.Diagonal
	by func(t float64) (scale, shift float64)
}

func (p bent) Schedule(t float64, alpha, sigma, _, _ []float64) {
	p.Diagonal.Schedule(t, alpha, sigma, nil, nil)
	k, δ := p.by(t)
	r, θ := k*math.Hypot(alpha[0], sigma[0]), math.Atan2(alpha[0], sigma[0])+δ
	alpha[0], sigma[0] = r*math.Sin(θ), r*math.Cos(θ)
}

// From rows: the mean and scale are the data's, normal data cost next to nothing, and the optimum costs
// less than the straight line and the trigonometric path by the γ that it was computed with.
func TestKineticFromData(t *testing.T) {
	ring := ito.NewStates(400, 2, 0)
	noise := additive(400, 1)
	for i := range ring.N {
		k := float64(i % 8)
		ring.Row(i)[0] = 3 + 2*(math.Cos(math.Pi/4*k)+.05*noise.Row(i)[0])
		ring.Row(i)[1] = -1 + 2*(math.Sin(math.Pi/4*k)+.05*noise.Row(i)[1])
	}
	p, err := KineticFromData(ring, KineticOptions{Nodes: 65, Draws: 512})
	if err != nil {
		t.Fatal(err)
	}
	if e := worst(p.Mean(), []float64{3, -1}); e > .01 || math.Abs(p.cfg.Scale-2*math.Sqrt(.5025)) > .01 {
		t.Errorf("mean %v, scale %g", p.Mean(), p.cfg.Scale)
	}
	U, _ := p.Angle()
	if math.Abs(U-.5) > .06 {
		t.Errorf("U = %g, the ring's is .498", U)
	}
	own, line := KineticEnergy(p, p.cfg.Gamma, p.cfg.Scale, 0, 1, 4000), KineticEnergy(Flow{}, p.cfg.Gamma, 1, 0, 1,
		4000)
	if !(own < .5*line) {
		t.Errorf("energy %g, of the straight line %g", own, line)
	}
	normal := ito.NewStates(512, 2, 0)
	ito.Seed(1).Normal(normal, rng.PurposeData, 0, 0)
	if p, err = KineticFromData(normal, KineticOptions{Bandwidth: .5, Nodes: 33, Draws: 256}); err != nil {
		t.Fatal(err)
	}
	if _, b := p.Angle(); b > .1 {
		t.Errorf("normal data: energy %g", b)
	}
	for i, err := range []error{
		second(KineticFromData(ito.States{}, KineticOptions{})), second(KineticFromData(ito.NewStates(9, 2, 0),
			KineticOptions{})),
		second(KineticFromData(ring, KineticOptions{Bandwidth: 2})),
		second(KineticFromData(ring, KineticOptions{Nodes: 1})),
		second(NewKinetic(KineticConfig{})), second(NewKinetic(KineticConfig{Gamma: []float64{1, 2}})),
		second(NewKinetic(KineticConfig{Gamma: []float64{1, math.NaN()}})),
		second(NewKinetic(KineticConfig{Gamma: []float64{1, 1}, Floor: -1})),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}
