package evaluate

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
)

// likelihoodOf runs an evaluation of m on the rows of t.
func likelihoodOf(t *testing.T, m *ito.Model, rows *data.Table, change func(*Config)) (*Report, error) {
	t.Helper()
	c := spec.New[Config]()
	c.Samples, c.Against, c.All, c.Density.Likelihood = "a model", "rows", true, true
	if change != nil {
		change(&c)
	}
	return Run(context.Background(), c, Env{Model: m, Env: task.Env{
		Open: func(string, data.OpenOptions) (*data.Table, error) { return rows, nil }}})
}

// normalRows are n rows of μ + Lz with the columns x and y.
func normalRows(n int, μ, l []float64) *data.Table {
	z := ito.NewStates(n, 2, 0)
	ito.Seed(8).Normal(z, rng.PurposeUser, 0, 0)
	t := &data.Table{Name: "rows", Columns: []string{"x", "y"}, Rows: n, Cols: 2}
	for i := range n {
		r := z.Row(i)
		t.X = append(t.X, μ[0]+l[0]*r[0], μ[1]+l[2]*r[0]+l[3]*r[1])
	}
	return t
}

// On the exact field of a normal, whose law is known, the figure is the density of the rows in their own units: through
// scales, through a covariance, and where a column is a constant; by the exact trace and, within its error, by probes.
// The floor is the closed form, row by row.
func TestLikelihoodOfAnExactField(t *testing.T) {
	μ, l := []float64{3, -200}, []float64{2, 0, 15, 40}
	rows := normalRows(60, μ, l)
	want := 0.
	for i := range rows.Rows {
		a := (rows.Row(i)[0] - μ[0]) / l[0]
		b := (rows.Row(i)[1] - μ[1] - l[2]*a) / l[3]
		want -= ((a*a+b*b)/2 + math.Log(2*math.Pi) + math.Log(l[0]*l[3])) / 60
	}
	p := path.VP{}
	lo, _ := p.Span()
	var α, σ [1]float64
	p.Schedule(lo, α[:], σ[:], nil, nil)
	// The flow ends at lo, where the law is α(lo) x0 + σ(lo) ε: data that have this law there have the closed form.
	inverse := func(cov []float64) ito.Gaussian {
		g := ito.Gaussian{Mean: []float64{0, 0}, Cov: make([]float64, 4)}
		for k, v := range cov {
			g.Cov[k] = v
			if k%3 == 0 {
				g.Cov[k] -= σ[0] * σ[0]
			}
			g.Cov[k] /= α[0] * α[0]
		}
		return g
	}
	sd := math.Hypot(l[2], l[3])
	for name, c := range map[string]struct {
		tr  ito.Transform
		cov []float64 // of the states
	}{
		"standardised": {ito.Transform{Kind: "standardise", Width: 2, Shift: μ, Scale: []float64{l[0], sd}},
			[]float64{1, l[2] / sd, l[2] / sd, 1}},
		"whitened": {ito.Transform{Kind: "whiten", Width: 2, Shift: μ, V: l,
			W: []float64{1 / l[0], 0, -l[2] / l[0] / l[3], 1 / l[3]}}, []float64{1, 0, 0, 1}},
		"one scale": {ito.Transform{Width: 2, Shift: μ, Scale: []float64{-50}},
			[]float64{l[0] * l[0] / 2500, l[0] * l[2] / 2500, l[0] * l[2] / 2500, sd * sd / 2500}},
	} {
		g := inverse(c.cov)
		f, err := field.NewGaussian(p, g)
		if err != nil {
			t.Fatal(err)
		}
		prior, err := path.Marginal(p, 1, g)
		if err != nil {
			t.Fatal(err)
		}
		m := &ito.Model{Path: p, Field: f, Prior: &prior, Transform: c.tr, Columns: rows.Columns}
		r, err := likelihoodOf(t, m, rows, func(c *Config) { c.Of.Tol = 1e-8 })
		if err != nil {
			t.Fatal(err)
		}
		got := r.Likelihood
		if math.Abs(got.Value.LogP-want) > 1e-6 || !got.Exact || got.Rows != 60 ||
			math.Abs(got.Value.Bits+want/2/math.Ln2) > 1e-6 {
			t.Errorf("%s: %+v, want %v", name, got, want)
		}
		// The normal beside it is fitted to 30 rows, and loses a little by that.
		if got.Normal == nil || !got.Full || got.Gain < 0 || got.Gain > .5 {
			t.Errorf("%s: normal %+v, gain %v", name, got.Normal, got.Gain)
		}
		if !strings.Contains(r.Verdict, "nats") {
			t.Error(r.Verdict)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	}
	wide := ito.Transform{Width: 3, Keep: []int{0, 2}, Const: []float64{0, 7, 0}, Shift: μ, Scale: []float64{l[0], sd}}
	g := inverse([]float64{1, l[2] / sd, l[2] / sd, 1})
	prior, _ := path.Marginal(p, 1, g)
	f, _ := field.NewGaussian(p, g)
	m := &ito.Model{Path: p, Field: f, Prior: &prior, Transform: wide, Columns: []string{"x", "c", "y"}}
	three := &data.Table{Name: "rows", Columns: m.Columns, Rows: 60, Cols: 3}
	for i := range rows.Rows {
		three.X = append(three.X, rows.Row(i)[0], 7, rows.Row(i)[1])
	}
	r, err := likelihoodOf(t, m, three, nil)
	if err != nil || math.Abs(r.Likelihood.Value.LogP-want) > 1e-3 || r.Likelihood.Dim != 2 {
		t.Errorf("beside a constant: %+v, %v", r, err)
	}
	three.X[3*41+1] = 8
	if _, err = likelihoodOf(t, m, three, nil); err == nil || !strings.Contains(err.Error(), "row 42") {
		t.Errorf("another constant: %v", err)
	}
}

// Whole numbers between bounds are spread over a unit: of uniform levels 0 … 15 that is log 1/16 a column, and the
// same rows have the same figure however many are integrated together.
func TestLikelihoodOfWholeNumbers(t *testing.T) {
	p := path.VP{}
	f, err := field.NewGaussian(p, ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	m := &ito.Model{Path: p, Field: f, Columns: []string{"a", "b"},
		Transform: ito.Transform{Kind: "range", Width: 2, Shift: []float64{7.5}, Scale: []float64{5}, High: 15, Whole: true}}
	rows := &data.Table{Name: "rows", Columns: m.Columns, Rows: 300, Cols: 2}
	want := 0.
	u := ito.NewStates(300, 2, 0)
	ito.Seed(1).Uniform(u, rng.PurposeUser, 0, 0)
	for i := range rows.Rows {
		for j, v := range []float64{float64(i % 16), float64(i / 16 % 16)} {
			rows.X = append(rows.X, v)
			z := (v + u.Row(i)[j] - .5 - 7.5) / 5
			want -= (z*z/2 + math.Log(2*math.Pi)/2 + math.Log(5)) / 300
		}
	}
	r, err := likelihoodOf(t, m, rows, nil)
	if err != nil || math.Abs(r.Likelihood.Value.LogP-want) > 1e-3 || !r.Likelihood.Dequantised ||
		math.Abs(r.Likelihood.Value.Bits+want/2/math.Ln2) > 1e-3 {
		t.Errorf("%+v, want %v: %v", r, want, err)
	}
}

// What has no density is refused with the reason, and so is what is for samples.
func TestLikelihoodRefuses(t *testing.T) {
	p := path.VP{}
	f, _ := field.NewGaussian(p, ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 1}})
	rows := normalRows(20, []float64{0, 0}, []float64{1, 0, 0, 1})
	for name, c := range map[string]struct {
		model  func(*ito.Model)
		config func(*Config)
		want   string
	}{
		"student": {func(m *ito.Model) { m.Provenance.Distilled = &ito.Distilled{Method: "consistency"} }, nil,
			"no probability flow"},
		"guidance": {nil, func(c *Config) { c.Of.Guidance = 3 }, "draws none"},
		"solver":   {nil, func(c *Config) { c.Of.Solver = "heun" }, "draws none"},
		"holdout":  {nil, func(c *Config) { c.Typed.Holdout = "h.csv" }, "draws none"},
		"probes":   {nil, func(c *Config) { c.Density.Likelihood, c.Density.Probes = false, 3 }, "are for `likelihood`"},
		"width":    {func(m *ito.Model) { m.Columns = []string{"x", "y", "z"} }, nil, "columns"},
	} {
		m := &ito.Model{Path: p, Field: f, Columns: rows.Columns, Transform: ito.Transform{Width: 2}}
		if c.model != nil {
			c.model(m)
		}
		_, err := likelihoodOf(t, m, rows, c.config)
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The verdict is a function of the numbers: also where ito loses, and where the figure is not to be trusted.
func TestLikelihoodVerdict(t *testing.T) {
	n := &LogScore{LogP: -5}
	for want, r := range map[string]LikelihoodReport{
		"more than a normal":  {Normal: n, Gain: 1, GainSE: .1},
		"worse than a normal": {Normal: n, Gain: -1, GainSE: .1},
		"as much as a normal": {Normal: n, Gain: -.1, GainSE: .1},
		"no normal":           {},
		"give a smaller `tol`": {Normal: n, Gain: 1, GainSE: .1, Exact: true, Numerical: 2,
			Value: LogScore{LogP: -5, SE: .2}},
		"give more `probes`, or": {Normal: n, Gain: 1, GainSE: .1, Numerical: 2, Value: LogScore{LogP: -5, SE: .2}},
	} {
		if got := r.verdict(); !strings.Contains(got, want) {
			t.Errorf("%q has no %q", got, want)
		}
	}
}
