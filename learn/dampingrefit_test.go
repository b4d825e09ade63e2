package learn

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// spiralVar are the variances of the spiral of 8:1.
var spiralVar = []float64{4.388, 348.6}

// exactReversal is the reverse SDE of Gaussian data in closed form, on a path of constant rates. Started at N(0,I)
// it is the data's path with another end, so that with K_t = S_t Φ_{T−t}ᵀ S_T⁻¹
//
//	R_t = S_t + K_t (I − S_T) K_tᵀ,  E[s zᵀ] = −S_t⁻¹ R_t.
func exactReversal(t *testing.T, p *path.Momentum, g ito.Gaussian, steps int) *Reversal {
	t.Helper()
	D := p.Dim()
	_, hi := p.Span()
	marginal := func(at float64) *mat.Dense { return mat.NewDense(D, D, must(path.Marginal(p, at, g)).Cov) }
	end := marginal(hi)
	var inv, off mat.Dense
	if err := inv.Inverse(end); err != nil {
		t.Fatal(err)
	}
	off.Scale(-1, end)
	for i := range D {
		off.Set(i, i, 1+off.At(i, i))
	}
	rev := &Reversal{}
	for _, n := range momentumNodes(p, steps) {
		S, phi, cov := marginal(n.t), mat.NewDense(D, D, nil), make([]float64, D*D)
		p.Transition(hi-n.t, phi.RawMatrix().Data, cov)
		var K, R, sz mat.Dense
		K.Mul(S, phi.T())
		K.Mul(&K, &inv)
		R.Product(&K, &off, K.T())
		R.Add(&R, S)
		if err := sz.Solve(S, &R); err != nil {
			t.Fatal(err)
		}
		sz.Scale(-1, &sz)
		rev.T, rev.Weight = append(rev.T, n.t), append(rev.Weight, n.weight)
		rev.XX, rev.SX = append(rev.XX, R.RawMatrix().Data), append(rev.SX, sz.RawMatrix().Data)
	}
	return rev
}

// exactStep is the half step of one dimension with data of variance s0 from those moments on a fine grid, up to the
// last time at which 50 steps look at the score: what Update is to give with η = 1.
func exactStep(t *testing.T, cfg path.VSMDConfig, s0 float64, both bool) (ax, av float64) {
	t.Helper()
	p := must(path.NewVSMD(cfg))
	cfg, _ = p.VSMDConfig()
	ax, av = path.Damping(cfg.Gamma, cfg.Kappa, cfg.Av[0]), cfg.Av[0]
	if cfg.Ax != nil {
		ax = cfg.Ax[0]
	}
	m := path.DampingMoments{Gamma: cfg.Gamma, Kappa: cfg.Kappa, Zeta: 1}
	const fine = 20
	rev := exactReversal(t, p, ito.Gaussian{Mean: []float64{0}, Cov: []float64{s0}}, 50*fine)
	last := 49 * fine
	rev.Weight[last] /= 2
	for i, w := range rev.Weight[:last+1] {
		xx, sx := rev.XX[i], rev.SX[i]
		m.Weight += w
		m.XX += w * xx[0]
		m.XV += w * xx[1]
		m.VV += w * xx[3]
		m.PhiX += w * (sx[2] - ax*xx[0] - av*xx[1])
		m.PhiV += w * (sx[3] - ax*xx[1] - av*xx[3])
	}
	var err error
	if both {
		ax, av, err = m.FitBoth()
	} else {
		av, err = m.Fit()
		ax = path.Damping(cfg.Gamma, cfg.Kappa, av)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ax, av
}

// One simulated update on exact scores is the closed form's, in spite of 50 steps and 500 paths, with which
// simulated moments would be off by .02.
func TestDampingRefitOfExactScores(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{1, -3}, Cov: []float64{spiralVar[0], 0, 0, spiralVar[1]}}
	for _, both := range []bool{false, true} {
		for _, cfg := range []path.VSMDConfig{{Av: []float64{0, 0}}, {Av: []float64{-.03, .05}},
			{Av: []float64{.02, .04}, Ax: []float64{-.01, -.03}}} {
			cfg.Mean = g.Mean
			p := must(path.NewVSMD(cfg))
			rev := must(ReverseMomentum(context.Background(), p, must(field.NewGaussian(p, g)), ito.Cond{}, 500, 50, 2,
				ito.Seed(1)))
			q, info, err := DampingRefit{Zeta: 1, Eta: 1, DMin: .05, DMax: 5, Both: both}.Update(p, rev)
			if err != nil || info.Projected {
				t.Fatal(info, err)
			}
			_, _, gotAx, gotAv, _ := q.Scores()
			for k, s0 := range spiralVar {
				one := path.VSMDConfig{Av: cfg.Av[k : k+1]}
				if cfg.Ax != nil {
					one.Ax = cfg.Ax[k : k+1]
				}
				ax, av := exactStep(t, one, s0, both)
				if math.Abs(gotAv[k]-av) > 2e-4 || both && math.Abs(gotAx[k]-ax) > 2e-4 {
					t.Errorf("both %v, %v: dimension %d to (%v, %.5f), want (%.5f, %.5f)", both, cfg, k, gotAx,
						gotAv[k], ax, av)
				}
			}
		}
	}
}

// The map from one A_v to the next on data of variance s0 contracts to its fixed point by .55 a stage for the
// narrow axis of the spiral and by .94 for the wide one: the reversal differs from the data's path near its drawn
// end alone, and the loss weighs all times by E[zzᵀ], which is largest at the other. So 40 plain stages would go 1
// − .94⁴⁰ = 92 % of the way.
func TestDampingMapContracts(t *testing.T) {
	next := func(s0, c float64) float64 {
		_, av := exactStep(t, path.VSMDConfig{Av: []float64{c}}, s0, false)
		return av
	}
	for i, want := range []struct{ D, rate float64 }{{1.002, .546}, {1.116, .939}} {
		s0 := spiralVar[i]
		c := (1 - want.D) / 2
		const h = 1e-3
		up, down := next(s0, c+h), next(s0, c-h)
		rate := (up - down) / (2 * h)
		fixed := c + ((up+down)/2-c)/(1-rate) // by Newton's step
		if math.Abs(1-2*fixed-want.D) > .002 || math.Abs(rate-want.rate) > .01 {
			t.Errorf("variance %g: fixed point D = %.4f with rate %.4f, want %g and %g", s0, 1-2*fixed, rate, want.D,
				want.rate)
		}
	}
}

// Alternate with its defaults reaches that fixed point, and with both numbers free an end that is the prior to a
// fifth of the Kullback–Leibler divergence that the damping transform leaves, itself a sixth of that without a
// score.
func TestAlternateLearnsTheDamping(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{spiralVar[0], 0, 0, spiralVar[1]}}
	fit := FitterFunc(func(_ context.Context, p ito.Path, _ int) (ito.Field, error) { return field.NewGaussian(p, g) })
	begin := must(path.NewVSMD(path.VSMDConfig{D: 2, Av: []float64{0, 0}}))
	kl := func(p ito.Path) float64 { // of the wide axis
		s := must(path.MomentPrior(p, g)).Cov
		return (s[5] + s[15] - 2 - math.Log(s[5]*s[15]-s[7]*s[7])) / 2
	}
	a := DefaultAlternate()
	a.Eta, a.Paths, a.Seed, a.Workers = 2, 250, 1, 2
	one := must(a.Run(context.Background(), Alternation{Path: begin}, fit, nil))
	a.Both = true
	two := must(a.Run(context.Background(), Alternation{Path: begin}, fit, nil))
	cfg, _ := one.Path.(*path.Momentum).VSMDConfig()
	for k, want := range []float64{1.002, 1.116} {
		if D := 1 - 2*cfg.Av[k]; math.Abs(D-want) > .006 {
			t.Errorf("D of dimension %d is %.4f, want %.4f", k, D, want)
		}
	}
	zero, transform, free := kl(begin), kl(one.Path), kl(two.Path)
	t.Logf("KL to the prior: %.4f without a score, %.4f by the damping transform, %.4f with both", zero, transform,
		free)
	if math.Abs(zero-.144) > .001 || transform > zero/5 || free > transform/3 {
		t.Errorf("KL to the prior: %.4f without a score, %.4f by the damping transform, %.4f with both", zero,
			transform, free)
	}
}

func TestDampingRefitRefusals(t *testing.T) {
	p := must(path.NewVSMD(path.VSMDConfig{D: 1}))
	line := &Reversal{T: []float64{1, .5}, Weight: []float64{1, 1}, XX: [][]float64{{1, 1, 1, 1}, {1, 0, 0, 1}},
		SX: [][]float64{make([]float64, 4), make([]float64, 4)}}
	if _, _, err := (DampingRefit{Zeta: 1, Eta: 1, DMin: .05, DMax: 5}).Update(p, line); !errors.Is(err, ito.ErrInput) {
		t.Errorf("rows on a line: %v", err)
	}
}
