package wrap

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var kinds = []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredScore, ito.PredVelocity}

// diagonalPaths have every trait: one mode, many modes, a basis, a mean.
func diagonalPaths() (names []string, paths map[string]ito.Diagonal) {
	a := []float64{-.34, .074, .074, -.05}
	paths = map[string]ito.Diagonal{
		"vp":    path.VP{},
		"ve":    path.VE{SigmaMax: 5},
		"subvp": path.SubVP{},
		"edm":   path.EDM{SigmaMax: 5},
		"flow":  path.Flow{},
		"vsdm":  must(path.NewVSDM(path.VSDMConfig{A: a, Mean: []float64{.3, -.2}})),
		"vsdm diagonal": must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, A: []float64{-.3, .1},
			Mean: []float64{.3, -.2}})),
		"vsdm logistic": must(path.NewVSDM(path.VSDMConfig{Variant: path.Logistic, A: a})),
	}
	for name := range paths {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, paths
}

func normals(n, d int, seed uint64, scale float64) ito.States {
	x := ito.NewStates(n, d, 0)
	ito.Seed(seed).Normal(x, rng.PurposeUser, 0, 0)
	for i := range x.X {
		x.X[i] *= scale
	}
	return x
}

func timesOn(p ito.Path, n int) ito.Times {
	lo, hi := p.Span()
	t := make(ito.Times, n)
	for i := range t {
		t[i] = lo + (hi-lo)*(float64(i)+.5)/float64(n)
	}
	return t
}

// TestPrepare: the target that Prepare writes is the one that makes the field's prediction the truth, and the
// loss in its units is the distance of the predictions.
func TestPrepare(t *testing.T) {
	names, paths := diagonalPaths()
	for _, name := range names {
		p := paths[name]
		data := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, .3, .3, .4}}
		pre := must(NewMoments(p, data))
		const n = 7
		x0, eps, at := normals(n, 2, 6, 1.5), normals(n, 2, 7, 1), timesOn(p, n)
		xt := x0.Like(2)
		if err := p.Perturb(xt, x0, at, ito.Cond{}, replay{eps}); err != nil {
			t.Fatal(err)
		}
		for _, kind := range kinds {
			b := NewBatch(n, 2)
			if err := errors.Join(pre.Prepare(b.Slice(0, 3), x0.Slice(0, 3), eps.Slice(0, 3), at[:3], kind),
				pre.Prepare(b.Slice(3, n), x0.Slice(3, n), eps.Slice(3, n), at[3:], kind)); err != nil {
				t.Fatal(err)
			}
			rows := pre.rows(kind)
			in, feat := make([]float64, 2*n), make([]float64, n)
			if err := rows.Enter(in, feat, xt, at, ito.Cond{}); err != nil {
				t.Fatal(err)
			}
			left := x0.Like(2)
			out := make([]float64, 2*n)
			for i, v := range b.Target { // in the modes; the network writes in data coordinates
				out[i] = float64(v)
			}
			pre.back(out, append([]float64(nil), out...), n)
			rows.Leave(left, out)
			truth := truthOf(p, data, x0, eps, at, kind)
			for i := range n {
				o := rows.runs.scalesOf(i)
				if got, want := float64(b.Feat[i]), o.feat[0]; math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
					t.Fatalf("%s: feature %g in training, %g in use", name, got, want)
				}
				norm, unit := 0.0, 0.0
				for k := range 2 {
					j := 2*i + k
					if math.Abs(float64(b.X[j])-in[j]) > 1e-6*(1+math.Abs(in[j])) {
						t.Fatalf("%s: input %g in training, %g in use", name, b.X[j], in[j])
					}
					if got, want := float64(b.Weight[j]), o.out[k]*o.out[k]; math.Abs(got-want) > 1e-6*want {
						t.Fatalf("%s: weight %g, want %g", name, got, want)
					}
					norm += float64(b.X[j])*float64(b.X[j]) + float64(b.Target[j])*float64(b.Target[j])
					unit += eps.X[j] * eps.X[j]
				}
				unit += whitened(pre, x0.Row(i))
				if math.Abs(norm-unit) > 1e-5*unit {
					t.Errorf("%s: |x̃|²+|F|² is %g and |u|²+|ε|² %g: not a rotation", name, norm, unit)
				}
				for k := range 2 {
					want := truth.Row(i)[k]
					if math.Abs(left.Row(i)[k]-want) > 2e-6*(1+math.Abs(want))*(1+math.Abs(o.out[k])) {
						t.Fatalf("%s, %v at %g: the target makes %g, the truth is %g", name, kind, at[i],
							left.Row(i)[k], want)
					}
				}
			}
		}
	}
}

// replay is noise that is given.
type replay struct{ eps ito.States }

func (r replay) Normal(dst ito.States, _ rng.Purpose, _, _ uint32) { copy(dst.X, r.eps.X) }

// whitened is |u|².
func whitened(pre *Moments, x0 []float64) float64 {
	c, u, sum := make([]float64, 2), make([]float64, 2), 0.0
	for k := range c {
		c[k] = x0[k] - pre.data.Mean[k]
	}
	pre.turn(u, c, 1)
	for k, v := range u {
		sum += v * v / pre.s0[k]
	}
	return sum
}

// truthOf is what a field that knew x_0 and ε would say.
func truthOf(p ito.Diagonal, data ito.Gaussian, x0, eps ito.States, at ito.Times, kind ito.Prediction) ito.States {
	out := x0.Like(2)
	m := path.NewModes(p)
	y, e := make([]float64, 2), make([]float64, 2)
	for i := range x0.N {
		m.At(at[i])
		m.Point(y, x0.Row(i))
		m.Turn(e, eps.Row(i))
		for k := range y {
			j := path.Mode(k, len(m.Alpha))
			switch kind {
			case ito.PredEps:
				y[k] = e[k]
			case ito.PredScore:
				y[k] = -e[k] / m.Sigma[j]
			case ito.PredVelocity:
				y[k] = m.DAlpha[j]*y[k] + m.DSigma[j]*e[k]
			}
		}
		m.To(out.Row(i), y, kind)
	}
	return out
}

// Moments that are variances alone are those of a diagonal covariance, to the bit, and nothing of size D² is made
// of them.
func TestVariancesAreADiagonalCovariance(t *testing.T) {
	names, paths := diagonalPaths()
	full := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, 0, 0, .4}}
	columns := ito.Gaussian{Mean: full.Mean, Cov: []float64{1.2, .4}}
	const n = 5
	x := normals(n, 2, 6, 1.5)
	for _, name := range names {
		at := timesOn(paths[name], n)
		for _, kind := range kinds {
			var said [2][]float64
			for k, g := range []ito.Gaussian{full, columns} {
				rows := must(NewMoments(paths[name], g)).Rows(kind)
				in, feat, left := make([]float64, 2*n), make([]float64, n), x.Like(2)
				if err := rows.Enter(in, feat, x, at, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
				rows.Leave(left, in)
				said[k] = slices.Concat(in, feat, left.X)
			}
			if !slices.Equal(said[0], said[1]) {
				t.Errorf("%s, %v: %v by covariance, %v by variances", name, kind, said[0], said[1])
			}
		}
	}
	if c := must(NewMoments(path.VP{}, ito.StandardNormal(12288))); c.q != nil || c.qt != nil {
		t.Error("a basis of 12288 columns")
	}
}

// NewEDM has the coefficients of table 1 of Karras et al.: c_skip, |c_out| and c_in.
func TestEDMIsItsTable(t *testing.T) {
	const sd = .7
	c := must(NewEDM(path.EDM{}, 3, sd))
	for _, σ := range []float64{.002, .3, 1, 80} {
		rows := c.rows(ito.PredX0)
		x := normals(1, 3, 1, σ)
		in, feat := make([]float64, 3), make([]float64, 1)
		if err := rows.Enter(in, feat, x, ito.Times{σ}, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		o, root := rows.runs.scalesOf(0), math.Hypot(σ, sd)
		for what, v := range map[string][2]float64{"c_skip": {o.skip[1], sd * sd / (root * root)},
			"c_out": {math.Abs(o.out[1]), σ * sd / root}, "c_in": {o.in[1], 1 / root}} {
			if math.Abs(v[0]-v[1]) > 1e-14*v[1] {
				t.Errorf("%s at σ=%g is %g, in the table %g", what, σ, v[0], v[1])
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	c := must(NewMoments(path.VP{}, ito.StandardNormal(2)))
	m := must(NewMomentum(must(path.NewCLD(path.CLDConfig{D: 2})), ito.StandardNormal(2)))
	b, x := NewMomentumBatch(2, 2), normals(2, 2, 1, 1)
	for what, err := range map[string]error{
		"batch":    c.Prepare(NewBatch(2, 2), normals(3, 2, 1, 1), normals(3, 2, 1, 1), ito.Times{.5}, ito.PredEps),
		"kind":     c.Check(9),
		"velocity": m.Prepare(b, x, normals(2, 4, 1, 1), ito.Times{.5}, ito.PredVelocity),
		"noise":    m.Prepare(b, x, x, ito.Times{.5}, ito.PredEps),
		"x0":       m.Check(ito.PredX0),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// gaussianOn makes plane moments whose covariance is diagonal in the modes of p: any, for a scalar schedule.
func gaussianOn(p ito.Diagonal) ito.Gaussian {
	mean := []float64{.7, -1.3}
	switch q := p.Basis(); {
	case q != nil:
		v := []float64{2.5, .1}
		cov := make([]float64, 4)
		for i := range 2 {
			for j := range 2 {
				cov[2*i+j] = q[2*i]*v[0]*q[2*j] + q[2*i+1]*v[1]*q[2*j+1]
			}
		}
		return ito.Gaussian{Mean: mean, Cov: cov}
	case p.Modes() == 1:
		return ito.Gaussian{Mean: mean, Cov: []float64{2.5, -.4, -.4, .1}}
	default:
		return ito.Gaussian{Mean: mean, Cov: []float64{2.5, 0, 0, .1}}
	}
}

func BenchmarkPrepare(b *testing.B) {
	for _, name := range []string{"vp", "vsdm"} {
		_, paths := diagonalPaths()
		p := paths[name]
		b.Run(name, func(b *testing.B) {
			pre := must(NewMoments(p, gaussianOn(p)))
			batch, x0, eps, at := NewBatch(512, 2), normals(512, 2, 1, 1), normals(512, 2, 2, 1), timesOn(p, 512)
			for range b.N {
				if err := pre.Prepare(batch, x0, eps, at, ito.PredEps); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(512*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// Uniform implements ito.Noise.
func (replay) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
