package path

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

func jumps(t testing.TB) []ito.Jump {
	var out []ito.Jump
	for _, word := range []string{"absorbing:levels=3", "absorbing:levels=2,schedule=cosine", "uniform:levels=4",
		"uniform:levels=2,schedule=cosine"} {
		p, err := Parse(word)
		if err != nil {
			t.Fatal(err)
		}
		if !ito.Has(p, ito.CapJump) || ito.Has(p, ito.CapGaussian) {
			t.Errorf("%s: capabilities", word)
		}
		if again, err := Word(p); err != nil || again != word {
			t.Errorf("the word of %s is %s, %v", word, again, err)
		}
		out = append(out, p.(ito.Jump))
	}
	return out
}

func times(a, b []float64, k int) []float64 {
	out := make([]float64, k*k)
	matrix.Multiply(out, a, b, k)
	return out
}

// Transitions are stochastic matrices, compose, are the identity over no time, obey Kolmogorov's forward equation,
// and end in the law of the prior from every level of the data.
func TestJumpTransitions(t *testing.T) {
	for i, p := range jumps(t) {
		name := fmt.Sprintf("%s %d", p.Name(), i)
		k := p.Levels()
		at := func(s, t float64) []float64 { m := make([]float64, k*k); p.Transition(s, t, m); return m }
		for _, c := range [][3]float64{{0, .2, .7}, {.1, .1, .9}, {.3, .5, 1}, {0, 1e-9, 1}} {
			if e := worst(times(at(c[0], c[1]), at(c[1], c[2]), k), at(c[0], c[2])); e > 1e-14 {
				t.Errorf("%s: P(s,u)P(u,t) is not P(s,t) at %v: %g", name, c, e)
			}
		}
		r := make([]float64, k*k)
		for _, u := range []float64{.05, .4, .9} {
			p.Rates(u, r)
			const h = 1e-4
			a, b, want := at(.01, u+h), at(.01, u-h), times(at(.01, u), r, k)
			for j := range a {
				a[j] = (a[j] - b[j]) / (2 * h)
			}
			if e := worst(a, want); e > 1e-6 {
				t.Errorf("%s: dP/dt is not PR at %g: %g", name, u, e)
			}
			for row := range k {
				sum, mass := 0., 0.
				for j := range k {
					sum += r[row*k+j]
					mass += at(.01, u)[row*k+j]
				}
				if math.Abs(sum) > 1e-14 || math.Abs(mass-1) > 1e-14 {
					t.Errorf("%s: row %d sums to %g, rates to %g", name, row, mass, sum)
				}
			}
		}
		limit, end := make([]float64, k), at(0, 1)
		p.Limit(limit)
		for v := range p.Data() {
			if e := worst(end[v*k:(v+1)*k], limit); e > 1e-15 {
				t.Errorf("%s: from %d the end is %v, the prior %v", name, v, end[v*k:(v+1)*k], limit)
			}
		}
	}
}

// The posterior is Bayes' rule on the transitions, and mixed over x_t it is the law of x_s.
func TestJumpPosterior(t *testing.T) {
	for i, p := range jumps(t) {
		k := p.Levels()
		first, second, whole := make([]float64, k*k), make([]float64, k*k), make([]float64, k*k)
		for _, c := range [][2]float64{{.2, .6}, {0, .5}, {.5, 1}, {.3, .3}, {0, 1}} {
			p.Transition(0, c[0], first)
			p.Transition(c[0], c[1], second)
			p.Transition(0, c[1], whole)
			q := make([]float64, k)
			for x0 := range p.Data() {
				mixed := make([]float64, k)
				for xt := range k {
					p.Posterior(c[0], c[1], x0, xt, q)
					for xs, got := range q {
						want := 0.
						if z := whole[x0*k+xt]; z > 0 {
							want = first[x0*k+xs] * second[xs*k+xt] / z
						}
						if math.Abs(got-want) > 1e-14 {
							t.Errorf("%s %d, s=%g, t=%g: q(%d|%d,%d) = %g, want %g", p.Name(), i, c[0], c[1], xs, xt,
								x0, got, want)
						}
						mixed[xs] += whole[x0*k+xt] * got
					}
				}
				if e := worst(mixed, first[x0*k:(x0+1)*k]); e > 1e-14 {
					t.Errorf("%s %d: mixed posteriors are %v", p.Name(), i, mixed)
				}
			}
		}
	}
}

// Perturb and Prior draw from their laws: every frequency of 40,000 draws within 5 standard errors, 25 of them in
// all (false alarm 1.4e-5); a row alone has the bytes that it has in a batch.
func TestJumpDraws(t *testing.T) {
	const n = 20000
	for i, p := range jumps(t) {
		k := p.Levels()
		x0, x := ito.NewStates(n, 2, 4), ito.NewStates(n, 2, 4)
		for j := range x0.X {
			x0.X[j] = 1
		}
		if err := p.Perturb(x, x0, ito.Times{.35}, ito.Cond{}, ito.Seed(7)); err != nil {
			t.Fatal(err)
		}
		m, q := make([]float64, k*k), make([]float64, k)
		p.Transition(0, .35, m)
		frequencies(t, p, x, m[k:2*k])
		one := x.Slice(9, 10).Like(2)
		if err := p.Perturb(one, x0.Slice(9, 10), ito.Times{.35}, ito.Cond{}, ito.Seed(7)); err != nil ||
			worst(one.X, x.Row(9)) != 0 {
			t.Errorf("%s %d: a row alone: %v, %v", p.Name(), i, one.X, err)
		}
		if err := p.Prior(x, ito.Cond{}, ito.Seed(7)); err != nil {
			t.Fatal(err)
		}
		p.Limit(q)
		frequencies(t, p, x, q)
		for _, v := range []float64{-1, .5, float64(p.Data()), math.NaN()} {
			x0.X[5] = v
			if err := p.Perturb(x, x0, ito.Times{.35}, ito.Cond{}, ito.Seed(7)); !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s %d: token %g: %v", p.Name(), i, v, err)
			}
		}
	}
	for _, word := range []string{"absorbing", "uniform", "uniform:levels=1", "absorbing:levels=3,schedule=sine"} {
		if _, err := Parse(word); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func frequencies(t *testing.T, p ito.Jump, x ito.States, want []float64) {
	t.Helper()
	got := make([]float64, p.Levels())
	for _, v := range x.X {
		got[int(v)] += 1 / float64(len(x.X))
	}
	for v, w := range want {
		if math.Abs(got[v]-w) > 1e-9+5*math.Sqrt(w*(1-w)/float64(len(x.X))) {
			t.Errorf("%s: level %d has frequency %g, want %g", p.Name(), v, got[v], w)
		}
	}
}
