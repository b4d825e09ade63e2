package model

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

const hierarchy = `mu = param("mu", prior = normal(0, 5))
tau = param("tau", positive, prior = half_cauchy(5))
theta = param("theta", shape = 3, prior = normal([mu, mu, mu + 0 * tau], tau))
observe(normal(theta, data["s"]), data["y"])
target(-square(mu), part = "prior")
target(-0.1 * tau)
observe(normal(0, 1), mu)
`

// The terms of a model are told apart, their sum is the log density, and without the Jacobian it is that of the
// parameters.
func TestParts(t *testing.T) {
	data := Data{"y": []float64{1, 2, -1}, "s": []float64{1, 2, 1}}
	m, err := Compile("m.star", hierarchy, data, CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := m.Parts()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range parts {
		got = append(got, strings.TrimSpace(p.Kind.String()+" "+p.Name+" "+p.Distribution))
	}
	want := "prior mu normal, prior tau half_cauchy, hierarchy theta normal, likelihood y normal, prior  target, " +
		"other  target, prior mu normal"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("parts %s, want %s", s, want)
	}
	if parts[3].Line != 4 || parts[2].Line != 3 || parts[3].Elements != 3 {
		t.Errorf("%+v", parts)
	}
	x := ito.NewStates(600, m.Dim(), 0)
	rng.NewKey(1, rng.PurposeUser, 0, 0).Normals64(x.X, x.D, x.ID)
	terms, logp := ito.NewStates(x.N, len(parts)+1, 0), make([]float64, x.N)
	if err := m.PartDensities(t.Context(), terms, x); err != nil {
		t.Fatal(err)
	}
	if err := m.LogDensity(t.Context(), logp, x); err != nil {
		t.Fatal(err)
	}
	plain, err := m.WithoutJacobian()
	if err != nil {
		t.Fatal(err)
	}
	without := make([]float64, x.N)
	if err := plain.LogDensity(t.Context(), without, x); err != nil {
		t.Fatal(err)
	}
	for i := range x.N {
		sum := 0.
		for _, v := range terms.Row(i) {
			sum += v
		}
		if math.Abs(sum-logp[i]) > 1e-9 {
			t.Fatalf("row %d: terms add up to %v, the log density is %v", i, sum, logp[i])
		}
		if j := terms.Row(i)[len(parts)]; math.Abs(without[i]+j-logp[i]) > 1e-9 || j != x.Row(i)[1] {
			t.Fatalf("row %d: Jacobian %v, log density %v with and %v without", i, j, logp[i], without[i])
		}
	}
	if _, err := Compile("m.star", `target(param("a"), part = "x")`, nil, CompileOptions{}); err == nil ||
		!strings.Contains(err.Error(), `part is "prior" or "likelihood"`) {
		t.Error(err)
	}
}

// What is not finite is named, with its line and the parameters.
func TestExplain(t *testing.T) {
	for _, c := range []struct {
		src  string
		x    []float64
		want string
	}{
		{"a = param(\"a\", prior = normal(0, 1))\nb = param(\"b\", prior = normal(0, 1))\n" +
			"observe(normal(0, sqrt(a)), data[\"y\"])", []float64{-1, .5},
			"the observation normal of y[0] (line 3) is NaN at a = -1"},
		{"a = param(\"a\", prior = normal(0, 1))\ntarget(log(a))", []float64{-1}, "target (line 2) is NaN at a = -1"},
		{"a = param(\"a\", lower(2))\nobserve(uniform(0, 3), a)", []float64{5}, "is -Inf at a = 150.4"},
		{"a = param(\"a\", prior = normal(0, 1))\ntarget(sqrt(a * a))", []float64{0},
			"the derivative of the log density along a is NaN at a = 0"},
		{"a = param(\"a\", prior = normal(0, 1))", []float64{0}, ""},
	} {
		m, err := Compile("m.star", c.src, Data{"y": []float64{1, 2}}, CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Explain(t.Context(), c.x); got == "" && c.want != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.src, got, c.want)
		}
	}
}
