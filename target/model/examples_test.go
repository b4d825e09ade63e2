package model_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

func example(t testing.TB, star, dataFile string) *model.Model {
	t.Helper()
	src, err := models.Files.ReadFile(star)
	if err != nil {
		t.Fatal(err)
	}
	var data model.Data
	if dataFile != "" {
		data = read(t, dataFile)
	}
	m, err := model.Compile(star, string(src), data, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t testing.TB, name string) model.Data {
	t.Helper()
	b, err := models.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := modeldata.Read(name, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// field reads a vector of a JSON example without the package under test.
func field(t testing.TB, file, name string) []float64 {
	t.Helper()
	b, err := models.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	var p []*float64
	if err := json.Unmarshal(m[name], &p); err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(p))
	for i, v := range p {
		out[i] = math.NaN()
		if v != nil {
			out[i] = *v
		}
	}
	return out
}

func normal(x, mu, s float64) float64 {
	z := (x - mu) / s
	return -z*z/2 - math.Log(s) - .5*math.Log(2*math.Pi)
}
func halfCauchy(x, s float64) float64 {
	return math.Log(2/math.Pi) - math.Log(s) - math.Log1p(x/s*x/s)
}
func lgamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

// logistic is the log posterior of weights for features of unit population variance.
func logistic(rows [][]float64, onesFirst bool, label func(float64) float64) func(w []float64) float64 {
	n, k := len(rows), len(rows[0])-1
	x := make([][]float64, n)
	y := make([]float64, n)
	for i := range x {
		x[i] = make([]float64, k+1)
		y[i] = label(rows[i][k])
	}
	for j := range k {
		var m, v float64
		for i := range rows {
			m += rows[i][j] / float64(n)
		}
		for i := range rows {
			v += (rows[i][j] - m) * (rows[i][j] - m) / float64(n)
		}
		if v == 0 {
			v = 1
		}
		for i := range rows {
			at := j
			if onesFirst {
				at++
			}
			x[i][at] = (rows[i][j] - m) / math.Sqrt(v)
		}
	}
	one := k
	if onesFirst {
		one = 0
	}
	for i := range x {
		x[i][one] = 1
	}
	return func(w []float64) float64 {
		s := 0.
		for _, v := range w {
			s += normal(v, 0, 1)
		}
		for i := range x {
			eta := 0.
			for j, v := range w {
				eta += v * x[i][j]
			}
			s += y[i]*eta - math.Log1p(math.Exp(eta))
		}
		return s
	}
}

func table(t testing.TB, name string) [][]float64 {
	a := read(t, name)["rows"].(model.Array)
	rows := make([][]float64, a.Shape[0])
	for i := range rows {
		rows[i] = a.X[i*a.Shape[1] : (i+1)*a.Shape[1]]
	}
	return rows
}

// Every example against its definition written out in Go, and its gradient against differences.
func TestExamples(t *testing.T) {
	y8, s8 := field(t, "eight_schools.json", "y"), field(t, "eight_schools.json", "sigma")
	score, iq := field(t, "kidscore_momiq.json", "kid_score"), field(t, "kidscore_momiq.json", "mom_iq")
	ymix, yar := field(t, "low_dim_gauss_mix.json", "y"), field(t, "arK.json", "y")
	gx, gy := field(t, "gp_regr.json", "x"), field(t, "gp_regr.json", "y")
	yb := field(t, "brownian.json", "observed_loc")
	pm := func(v float64) float64 { return (v + 1) / 2 }
	for _, p := range []struct {
		star, data string
		d          int
		want       func(u []float64) float64
	}{
		{"eight_schools.star", "eight_schools.json", 10, func(u []float64) float64 {
			tau := math.Exp(u[1])
			lp := normal(u[0], 0, 5) + halfCauchy(tau, 5) + u[1]
			for i := range 8 {
				lp += normal(u[2+i], 0, 1) + normal(y8[i], u[0]+tau*u[2+i], s8[i])
			}
			return lp
		}},
		{"kidscore_momiq.star", "kidscore_momiq.json", 3, func(u []float64) float64 {
			lp := halfCauchy(math.Exp(u[2]), 2.5) + u[2]
			for i := range score {
				lp += normal(score[i], u[0]+u[1]*iq[i], math.Exp(u[2]))
			}
			return lp
		}},
		{"low_dim_gauss_mix.star", "low_dim_gauss_mix.json", 5, func(u []float64) float64 {
			m1, m2 := u[0], u[0]+math.Exp(u[1])
			s1, s2 := math.Exp(u[2]), math.Exp(u[3])
			th := 1 / (1 + math.Exp(-u[4]))
			lp := normal(m1, 0, 2) + normal(m2, 0, 2) + u[1] + 2*math.Ln2 + normal(s1, 0, 2) + normal(s2, 0, 2) + u[2] +
				u[3]
			lp += lgamma(10) - 2*lgamma(5) + 4*math.Log(th) + 4*math.Log(1-th) + math.Log(th*(1-th))
			for _, y := range ymix {
				a, b := math.Log(th)+normal(y, m1, s1), math.Log(1-th)+normal(y, m2, s2)
				lp += max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b)))
			}
			return lp
		}},
		{"arK.star", "arK.json", 7, func(u []float64) float64 {
			s := math.Exp(u[6])
			lp := halfCauchy(s, 2.5) + u[6]
			for i := range 6 {
				lp += normal(u[i], 0, 10)
			}
			for i := 5; i < 200; i++ {
				m := u[0]
				for k := 1; k <= 5; k++ {
					m += u[k] * yar[i-k]
				}
				lp += normal(yar[i], m, s)
			}
			return lp
		}},
		{"gp_regr.star", "gp_regr.json", 3, func(u []float64) float64 {
			rho, al, sg := math.Exp(u[0]), math.Exp(u[1]), math.Exp(u[2])
			lp := 25*math.Log(4) - lgamma(25) + 24*u[0] - 4*rho + normal(al, 0, 2) + normal(sg, 0, 1) + 2*math.Ln2 +
				u[0] + u[1] + u[2]
			k := mat.NewSymDense(11, nil)
			for i := range 11 {
				for j := i; j < 11; j++ {
					d := (gx[i] - gx[j]) / rho
					v := al * al * math.Exp(-d*d/2)
					if i == j {
						v += sg
					}
					k.SetSym(i, j, v)
				}
			}
			var c mat.Cholesky
			c.Factorize(k)
			var a mat.VecDense
			if err := c.SolveVecTo(&a, mat.NewVecDense(11, gy)); err != nil {
				return math.NaN()
			}
			return lp - .5*mat.Dot(&a, mat.NewVecDense(11, gy)) - .5*c.LogDet() - 5.5*math.Log(2*math.Pi)
		}},
		{"logistic.star", "ionosphere.csv", 35, logistic(table(t, "ionosphere.csv"), true, pm)},
		{"logistic.star", "sonar.csv", 61, logistic(table(t, "sonar.csv"), true, pm)},
		{"german_credit.star", "german_credit.csv", 25, logistic(table(t, "german_credit.csv"), false,
			func(v float64) float64 { return v - 1 })},
		{"brownian.star", "brownian.json", 32, func(u []float64) float64 {
			a, b := math.Exp(u[0]), math.Exp(u[1])
			lp := normal(u[0], 0, 2) + normal(u[1], 0, 2) // log-normal priors and Jacobians
			last := 0.
			for i, x := range u[2:] {
				lp += normal(x, last, a)
				if last = x; !math.IsNaN(yb[i]) {
					lp += normal(yb[i], x, b)
				}
			}
			return lp
		}},
		{"funnel.star", "", 10, func(u []float64) float64 {
			lp := normal(u[0], 0, 3)
			for _, x := range u[1:] {
				lp += normal(x, 0, math.Exp(u[0]/2))
			}
			return lp
		}},
		{"many_well.star", "", 32, func(u []float64) float64 {
			lp := 0.
			for i := range 16 {
				x, y := u[i], u[16+i]
				lp += -x*x*x*x + 6*x*x + x/2 - y*y/2
			}
			return lp
		}},
	} {
		t.Run(p.star+" "+p.data, func(t *testing.T) {
			m := example(t, p.star, p.data)
			if m.Dim() != p.d {
				t.Fatalf("dimension %d, want %d", m.Dim(), p.d)
			}
			x := ito.NewStates(6, p.d, 0)
			ito.Seed(2).Normal(x, rng.PurposeTarget, 0, 0)
			for i := range x.X {
				x.X[i] *= .7
			}
			logp := make([]float64, x.N)
			if err := m.LogDensity(context.Background(), logp, x); err != nil {
				t.Fatal(err)
			}
			for i, got := range logp {
				if want := p.want(x.Row(i)); math.Abs(got-want) > 1e-10*math.Max(1, math.Abs(want)) {
					t.Errorf("log density at row %d is %.15g, want %.15g", i, got, want)
				}
			}
			if err := target.CheckGradient(context.Background(), m, x.Slice(0, 2), 1e-6); err != nil {
				t.Error(err)
			}
		})
	}
}

// The Cox process at both point files: its value against sums written out, its gradient along a direction.
func TestLGCP(t *testing.T) {
	if testing.Short() {
		t.Skip("factors a matrix of 1600 rows")
	}
	for _, file := range []string{"pines_126.csv", "pines_127.csv"} {
		m := example(t, "lgcp.star", file)
		ctx, x := context.Background(), ito.NewStates(2, 1600, 0)
		ito.Seed(3).Normal(x.Slice(1, 2), rng.PurposeTarget, 0, 0)
		logp, grad, draw := make([]float64, 2), x.Like(1600), x.Like(m.Width())
		if err := m.Gradient(ctx, logp, grad, x); err != nil {
			t.Fatal(err)
		}
		if err := m.Draw(ctx, draw, x, 0, 0); err != nil {
			t.Fatal(err)
		}
		counts := make([]float64, 1600)
		for _, r := range table(t, file) {
			a, b := r[len(r)-2], r[len(r)-1]
			counts[40*min(int(40*a), 39)+min(int(40*b), 39)]++
		}
		for row := range 2 {
			z, f := draw.Row(row)[:1600], draw.Row(row)[1600:]
			want := 0.
			for i := range z {
				want += normal(z[i], 0, 1) + f[i]*counts[i] - math.Exp(f[i])/1600
			}
			if math.Abs(logp[row]-want) > 1e-9*math.Abs(want) {
				t.Errorf("%s: log density %.12g, want %.12g", file, logp[row], want)
			}
		}
		// The covariance of f is K: column 0 of L is K[:,0]/√K[0,0], so one z moves f along it.
		one := ito.NewStates(1, 1600, 0)
		one.X[0] = 1
		if err := m.Draw(ctx, draw.Slice(0, 1), one, 0, 0); err != nil {
			t.Fatal(err)
		}
		f := draw.Row(0)[1600:]
		for _, j := range []int{0, 1, 41, 1599} {
			dist := math.Hypot(float64(j/40), float64(j%40))
			want := math.Log(126) - 1.91/2 + math.Sqrt(1.91)*math.Exp(-dist*33/40)
			if math.Abs(f[j]-want) > 1e-10 {
				t.Errorf("%s: f[%d] is %.12g, want %.12g", file, j, f[j], want)
			}
		}
		const h = 1e-4
		probe, lp := ito.NewStates(2, 1600, 0), make([]float64, 2)
		slope := 0.
		for i := range 1600 {
			dir := math.Sin(float64(i))
			probe.X[i], probe.X[1600+i] = x.Row(1)[i]+h*dir, x.Row(1)[i]-h*dir
			slope += dir * grad.Row(1)[i]
		}
		if err := m.LogDensity(ctx, lp, probe); err != nil {
			t.Fatal(err)
		}
		if got := (lp[0] - lp[1]) / (2 * h); math.Abs(got-slope) > 1e-6*math.Abs(slope) {
			t.Errorf("%s: slope %.10g by differences, %.10g by the gradient", file, got, slope)
		}
	}
}
