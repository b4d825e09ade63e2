package model_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

// Every function gives the same for data, where it is computed at once, and for parameters, where it is
// traced; and what it should.
func TestLanguage(t *testing.T) {
	values := model.Data{"a": []float64{.3, .7, .1}, "M": [][]float64{{2, .5, 0}, {.5, 1, .2}, {0, .2, 3}}}
	sd := math.Sqrt((.3-1.1/3)*(.3-1.1/3)/2 + (.7-1.1/3)*(.7-1.1/3)/2 + (.1-1.1/3)*(.1-1.1/3)/2)
	for expr, want := range map[string][]float64{
		"a + 1": {1.3, 1.7, 1.1}, "2 - a": {1.7, 1.3, 1.9}, "-a * a": {-.09, -.49, -.01}, "1 / a": {1 / .3, 1 / .7, 10},
		"a // 0.2": {1, 3, 0}, "a % 0.2": {.1, .1, .1}, "pow(a, 3)": {.027, .343, .001},
		"exp(a)[1]": {math.Exp(.7)}, "log1m(a)": {math.Log(.7), math.Log(.3), math.Log(.9)}, "Phi(a * 0)": {.5, .5, .5},
		"inv_logit(logit(a))": {.3, .7, .1}, "sum(a)": {1.1}, "mean(a)": {1.1 / 3}, "max(a)": {.7}, "min(a)": {.1},
		"sd(a)":       {sd},
		"max(a, 0.2)": {.3, .7, .2}, "min(a, 0.2)": {.2, .2, .1}, "cumsum(a)": {.3, 1, 1.1}, "sort(a)": {.1, .3, .7},
		"logsumexp(log(a))": {math.Log(1.1)}, "softmax(log(a))": {.3 / 1.1, .7 / 1.1, .1 / 1.1},
		"where(lt(a, 0.2), 0, a)": {.3, .7, 0}, "where(and_(gt(a, 0.2), not_(gt(a, 0.5))), 1, 0)": {1, 0, 0},
		"a[1:]": {.7, .1}, "a[::-1]": {.1, .7, .3}, "a[-1]": {.1}, "a[[2, 0]]": {.1, .3}, "[x for x in a][2]": {.1},
		"M[1, 2]": {.2}, "M[1]": {.5, 1, .2}, "M.T[0]": {2, .5, 0}, "matmul(M, a)": {.95, .87, .44}, "dot(a, a)": {.59},
		"sum(M, axis = 0)": {2.5, 1.7, 3.2}, "diag(M)": {2, 1, 3}, "diag(diag_matrix(a))": {.3, .7, .1},
		"log_det(M)":                            {math.Log(2*(3-.04) - .5*1.5)},
		"matmul(cholesky(M), cholesky(M).T)[1]": {.5, 1, .2}, "matmul(cholesky(M), solve_lower(cholesky(M), a))": {.3,
			.7, .1},
		"concat([a, [1, 2]])": {.3, .7, .1, 1, 2}, "concat([0, a[:1]])": {0, .3}, "stack([a, a])[1]": {.3, .7, .1},
		"reshape(M, -1)[3:5]": {.5, 1}, "sq_dist(a, a)[0]": {0, .16, .04}, "len(a) * a[0]": {.9},
		"a.shape[0] * a[0]": {.9},
		"standardize(a)[0] * sqrt(mean(square(center(a))))": {.3 - 1.1/3}, "array([a[0], 2])": {.3, 2},
		"eye(3)[0] * a":          {.3, 0, 0},
		"normal(0, 1).log(a)[2]": {-.5*.01 - .5*math.Log(2*math.Pi)}, "uniform(0, 0.5).log(a)": {math.Ln2, math.Inf(-1),
			math.Ln2},
		"bincount([0, 2, 2], 3) * a": {.3, 0, .2}, "a[known([1, 0, 3])]": {.3, .7, .1}, "a * arange(3)": {0, .7, .2},
		"lgamma(a + 1)[0] + erf(a)[0] * 0": {lgamma(1.3)}, "(a if len(a) == 3 else 0)[0]": {.3},
		"abs(-a)": {.3, .7, .1},
		"M[:, 1]": {.5, 1, .2}, "M[1, :]": {.5, 1, .2}, "M[1:, 0]": {.5, 0}, "reshape(M[::2, 1:], -1)": {.5, 0, .2, 3},
		"M[:, -1]": {0, .2, 3}, "reshape(M[::-1, :2], -1)": {0, .2, .5, 1, 2, .5}, "M[0, ::-1]": {0, .5, 2},
		"M[[0, 1, 2], [0, 1, 2]]": {2, 1, 3}, "M[[0, 2], 1]": {.5, .2}, "M[1, [2, 0]]": {.2, .5},
		"reshape(M[:, [2, 0]], -1)": {0, 2, .2, .5, 3, 0}, "reshape(M[[[0], [1]], [0, 2]], -1)": {2, 0, .5, .2},
		"M[ : , 1 ][1:]": {1, .2}, "a[data['a'] .shape[0] - 1 :]": {.1}, "M[\n:,  # the rows\n 0]": {2, .5, 0},
		"a[gt([.3, .7, .1], .2)]": {.3, .7}, "a[[True, False, True]]": {.3, .1},
		"M[gt(data['M'], .9)]": {2, 1, 3}, "M[[True, False, False], :][0]": {2, .5, 0},
		"M[[True, False, True], 1]": {.5, .2},
		"a[:, None][2]":             {.1}, "reshape(a[None, :] * a[:, None], -1)[1:3]": {.21, .03},
		"M[(lambda i: i)(1), 0:2]": {.5, 1}, "[M[:, k][0] for k in range(2)][1] * a[:1]": {.15},
		"gt(a, 0.2)[0:2] + 1": {2, 2},
	} {
		for kind, src := range map[string]string{
			"data": "z = param('z', prior = normal(0, 1)); a = data['a']; M = data['M']; generated('g', " + expr +
				")",
			"traced": "z = param('z', prior = normal(0, 1)); a = data['a'] + 0 * z; M = data['M'] + 0 * z; " +
				"generated('g', " + expr + ")",
		} {
			m, err := model.Compile("m.star", src, values, model.CompileOptions{})
			if err != nil {
				t.Errorf("%s of %s: %v", expr, kind, err)
				continue
			}
			x, draw := ito.NewStates(1, 1, 0), ito.NewStates(1, m.Width(), 0)
			if err := m.Draw(context.Background(), draw, x, 0, 0); err != nil {
				t.Fatal(err)
			}
			got := draw.X[1:]
			if len(got) != len(want) {
				t.Errorf("%s of %s is %v, want %v", expr, kind, got, want)
				continue
			}
			for i := range got {
				if got[i] != want[i] && !(math.Abs(got[i]-want[i]) < 1e-12) {
					t.Errorf("%s of %s is %v, want %v", expr, kind, got, want)
					break
				}
			}
		}
	}
}

const everySupport = `
print("supports")
a = param("a", prior = normal(0, 1))
b = param("b", positive, shape = (2, 3), prior = exponential(1))
c = param("c", interval(-1, 2), prior = uniform(-1, 2))
d = param("d", simplex(3), prior = dirichlet([1, 2, 3]))
e = param("e", ordered(3), prior = normal(0, 3))
L = param("L", corr_cholesky(3), prior = lkj_corr_cholesky(2))
f = param("f", upper(1)); observe(normal(f, 1), 0)
g = param("g", shape = 3, prior = multi_normal(zeros(3), cholesky = diag_matrix(b[0]) * 1))
R = derived("R", matmul(L, L.T))
generated("rep", normal(a * ones(200), b[0, 0]))
generated("flip", bernoulli_logit(zeros(200)))
generated("mv", multi_normal(zeros(3), cov = R))
`

func TestDraws(t *testing.T) {
	m, err := model.Compile("m.star", everySupport, nil, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Dim() != 1+6+1+2+3+3+1+3 || !slices.Equal(m.Printed(), []string{"supports"}) {
		t.Errorf("dimension %d, printed %q", m.Dim(), m.Printed())
	}
	cols := m.Columns()
	if len(cols) != m.Width() || strings.Join(cols[:8], " ") != "a b.1.1 b.2.1 b.1.2 b.2.2 b.1.3 b.2.3 c" {
		t.Errorf("columns %v", cols[:8])
	}
	if q := m.Quantities(); q[1].Support != "positive" || q[8].Kind != model.Derived || cols[q[8].Column] != "R.1.1" ||
		q[9].Kind.String() != "generated" {
		t.Errorf("quantities %v", q)
	}
	ctx, x := context.Background(), ito.NewStates(300, m.Dim(), 7)
	ito.Seed(4).Normal(x, rng.PurposeTarget, 0, 0)
	if err := target.CheckGradient(ctx, m, x.Slice(0, 3), 0); err != nil {
		t.Error(err)
	}
	draw := x.Like(m.Width())
	if err := m.Draw(ctx, draw, x, 9, 1); err != nil {
		t.Fatal(err)
	}
	// Unconstrain inverts what Draw constrains.
	back := make([]float64, m.Dim())
	for i := range 5 {
		if err := m.Unconstrain(back, draw.Row(i)); err != nil {
			t.Fatal(err)
		}
		for k, u := range back {
			if math.Abs(u-x.Row(i)[k]) > 1e-9 {
				t.Fatalf("row %d: coordinate %d is %v, was %v", i, k, u, x.Row(i)[k])
			}
		}
	}
	bad := slices.Clone(draw.Row(0))
	bad[1] = -1
	var se *target.SupportError
	if err := m.Unconstrain(back, bad); !errors.As(err, &se) || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("a negative scale gave %v", err)
	}
	// Random quantities: standardised draws are standard normal, coins fair; a row's depend on its id alone.
	at := slices.Index(cols, "rep.1")
	var sum, square, heads float64
	for i := range x.N {
		r := draw.Row(i)
		for k := range 200 {
			z := (r[at+k] - r[0]) / r[1]
			sum += z
			square += z * z
			heads += r[at+200+k]
		}
	}
	n := float64(x.N * 200) // 60 000: 4.5 standard errors, a false alarm in 1e5
	if math.Abs(sum/n) > 4.5/math.Sqrt(n) || math.Abs(square/n-1) > 4.5*math.Sqrt(2/n) ||
		math.Abs(heads/n-.5) > 2.25/math.Sqrt(n) {
		t.Errorf("draws: mean %v, variance %v, heads %v", sum/n, square/n, heads/n)
	}
	part := x.Slice(10, 13).Like(m.Width())
	if err := m.Draw(ctx, part, x.Slice(10, 13), 9, 1); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(part.X, draw.Slice(10, 13).X) {
		t.Error("a row's draws depend on its batch")
	}
}
