package model

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
	"github.com/seed9a7962a8/ito/task"
)

var stanPrograms = []struct {
	name, stan, star string
	data             model.Data
	generated        string // columns of a draw beyond the parameters
}{
	{"eight schools", `
data { int<lower=0> J; array[J] real y; array[J] real<lower=0> sigma; }
parameters { real mu; real<lower=0> tau; vector[J] eta; }  // standardised
transformed parameters { vector[J] theta = mu + tau * eta; }
model {
  mu ~ normal(0, 5);
  tau ~ cauchy(0, 5);
  eta ~ std_normal();
  y ~ normal(theta, sigma);
}
generated quantities { array[J] real y_rep = normal_rng(theta, sigma); vector[J] log_lik;
  for (j in 1:J) log_lik[j] = normal_lpdf(y[j] | theta[j], sigma[j]); }
`, `
mu = param("mu", prior = normal(0, 5)); tau = param("tau", positive, prior = cauchy(0, 5))
eta = param("eta", shape = 3, prior = normal(0, 1))
observe(normal(mu + tau * eta, data["sigma"]), data["y"])
`, model.Data{"J": 3, "y": []float64{28, 8, -3}, "sigma": []float64{15, 10, 16}}, "theta y_rep log_lik"},
	{"autoregression", `
data { int<lower=1> K; int<lower=1> T; array[T] real y; }
parameters { real alpha; array[K] real beta; real<lower=0> sigma; }
model {
  alpha ~ normal(0, 10); beta ~ normal(0, 10); sigma ~ cauchy(0, 2.5);
  for (t in (K + 1):T) {
    real mu;
    mu = alpha;
    for (k in 1:K) mu = mu + beta[k] * y[t - k];
    y[t] ~ normal(mu, sigma);
  }
}
`, `
y = data["y"]
alpha = param("alpha", prior = normal(0, 10)); beta = param("beta", shape = 2, prior = normal(0, 10))
sigma = param("sigma", positive, prior = cauchy(0, 2.5))
observe(normal(alpha + beta[0] * y[1:-1] + beta[1] * y[:-2], sigma), y[2:])
`, model.Data{"K": 2, "T": 5, "y": []float64{.1, .4, -.3, .2, .9}}, ""},
	{"garch", `
data { int<lower=0> T; array[T] real y; real<lower=0> sigma1; }
parameters { real mu; real<lower=0> alpha0; real<lower=0, upper=1> alpha1; real<lower=0, upper=(1 - alpha1)> beta1; }
model {
  array[T] real sigma;
  sigma[1] = sigma1;
  for (t in 2 : T)
    sigma[t] = sqrt(alpha0 + alpha1 * square(y[t - 1] - mu) + beta1 * square(sigma[t - 1]));
  y ~ normal(mu, sigma);
}
`, `
y = data["y"]
mu = param("mu"); a0 = param("alpha0", positive); a1 = param("alpha1", unit); b1 = param("beta1", interval(0, 1 - a1))
s = scan(lambda s2, v: (a0 + a1 * square(v - mu) + b1 * s2, a0 + a1 * square(v - mu) + b1 * s2),
	square(data["sigma1"]), y[:-1])[1]
observe(normal(mu, concat([data["sigma1"], sqrt(s)])), y)
`, model.Data{"T": 4, "y": []float64{.1, .4, -.3, .2}, "sigma1": .5}, ""},
	{"varying intercepts", `
data { int N; int J; int K; array[N] int<lower=1, upper=J> g; matrix[N, K] X; vector[N] y; }
transformed data { vector[N] z = (y - mean(y)) / sd(y); }
parameters { vector[J] a; vector[K] b; real<lower=0.1> s; cholesky_factor_corr[2] L; simplex[3] p; ordered[2] c; }
transformed parameters { vector[N] mu; mu = a[g] + X * b; }
model {
  a ~ normal(0, s); to_vector(b) ~ student_t(3, 0, 1); s ~ exponential(1) T[0.1, ]; L ~ lkj_corr_cholesky(2);
  p ~ dirichlet(rep_vector(2, 3)); c[1] ~ normal(0, 1); target += normal_lpdf(c[2] | 0, 2);
  for (n in 1:N) { z[n] ~ normal(mu[n] + a[g[n]] * X[n, 1], s); }
  if (N > 2) { target += log_mix(0.3, -s, -2 * s); } else { target += 1; }
  3 ~ categorical(p);
}
`, `
y = data["y"]; X = data["X"]; g = data["g"] - 1; z = (y - mean(y)) / sd(y)
a = param("a", shape = 2); b = param("b", shape = 2); s = param("s", lower(.1)); L = param("L",
	corr_cholesky(2)); p = param("p", simplex(3))
c = param("c", ordered(2))
a.prior(normal(0, s)); b.prior(student_t(3, 0, 1)); s.prior(exponential(1, lower = .1)); L.prior(lkj_corr_cholesky(2))
p.prior(dirichlet([2, 2, 2])); target(normal(0, 1).log(c[0]) + normal(0, 2).log(c[1]))
observe(normal(a[g] + matmul(X, b) + a[g] * X[:, 0], s), z)
target(logsumexp([log(.3) - s, log(.7) - 2 * s])); target(log(p[2]))
`, model.Data{"N": 4, "J": 2, "K": 2, "g": []float64{1, 2, 2, 1}, "X": [][]float64{{1, 2}, {.5, 1}, {0, 1}, {2, -1}},
		"y": []float64{.1, .4, -.3, .2}}, "mu"},
}

// fromStan translates a file.
func fromStan(t *testing.T, file string) (text string, err error) {
	t.Helper()
	r, err := FromStan(t.Context(), FromStanConfig{File: file}, task.Env{})
	if err != nil {
		return "", err
	}
	return r.Text, nil
}

// A loop over what is not the loop's own element is done as often as it goes round.
func TestFromStanLoops(t *testing.T) {
	data := model.Data{"N": 3, "y": []float64{.5, -.2, 1.1}}
	for stan, star := range map[string]string{
		"real s = 0; for (n in 1:N) s += a; target += s;":                "target(3 * a)",
		"real s = 0; for (n in 1:N) { s += y[n] * a; } target += s / N;": "target(sum(y) * a / 3)",
		"for (n in 1:N) a ~ normal(0, 1);":                               "target(3 * normal(0, 1).log(a))",
		"int k = 0; for (n in 1:N) { k = k + 1; y[k] ~ normal(a, 1); }":  "observe(normal(a, 1), y)",
		"for (n in 1:N) { y[n] ~ normal(a, 1); a ~ normal(0, 2); }": "observe(normal(a, 1), y)\n" +
			"target(3 * normal(0, 2).log(a))",
		"vector[N] m; for (n in 1:N) { m[n] = a * y[n]; m[n] += 1; } target += sum(square(m));": "" +
			"target(sum(square(a * y + 1)))",
		"vector[N] m; vector[N] k; for (n in 1:N) { m[n] = y[n] > 0; k[n] = a * m[n]; } " +
			"target += k[3] + log10(2.0);": "target(a + log(2) / log(10))",
	} {
		file := filepath.Join(t.TempDir(), "m.stan")
		text := "data { int N; vector[N] y; }\nparameters { real a; }\nmodel { " + stan + " }\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := fromStan(t, file)
		if err != nil {
			t.Errorf("%s: %v", stan, err)
			continue
		}
		lp := make([]float64, 2)
		for i, src := range []string{got, "y = data['y']; a = param('a')\n" + star} {
			m, err := model.Compile("m.star", src, data, model.CompileOptions{})
			if err != nil {
				t.Fatalf("%s: %v\n%s", stan, err, src)
			}
			x := ito.States{N: 1, D: 1, X: []float64{.7}, ID: []uint64{0}}
			if err := m.LogDensity(t.Context(), lp[i:i+1], x); err != nil {
				t.Fatal(err)
			}
		}
		if math.Abs(lp[0]-lp[1]) > 1e-12 {
			t.Errorf("%s: %v, want %v\n%s", stan, lp[0], lp[1], got)
		}
	}
}

// Translated programs have the log density of the same model written by hand, up to nothing: both keep constants.
func TestFromStan(t *testing.T) {
	for _, c := range stanPrograms {
		file := filepath.Join(t.TempDir(), "m.stan")
		if err := os.WriteFile(file, []byte(c.stan), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := fromStan(t, file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		m, err := model.Compile("t.star", text, c.data, model.CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v\n%s", c.name, err, text)
			continue
		}
		want, err := model.Compile("w.star", c.star, c.data, model.CompileOptions{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		x := near(m.Dim(), 5, 3)
		a, b := make([]float64, 5), make([]float64, 5)
		if m.Dim() != want.Dim() {
			t.Fatalf("%s: %d and %d coordinates\n%s", c.name, m.Dim(), want.Dim(), text)
		}
		if err := m.LogDensity(t.Context(), a, x); err != nil {
			t.Fatal(err)
		}
		if err := want.LogDensity(t.Context(), b, x); err != nil {
			t.Fatal(err)
		}
		for i := range a {
			if math.IsNaN(a[i]) || math.Abs(a[i]-b[i]) > 1e-10*max(1, math.Abs(b[i])) && !math.IsInf(a[i], -1) {
				t.Errorf("%s: state %d has %v, want %v\n%s", c.name, i, a[i], b[i], text)
				break
			}
		}
		names := ""
		for _, q := range m.Quantities() {
			if q.Kind != model.Parameter {
				names += q.Name + " "
			}
		}
		if strings.TrimSpace(names) != c.generated {
			t.Errorf("%s: the draws have %q, want %q\n%s", c.name, names, c.generated, text)
		}
	}
}

// What has no translation is refused at its line.
func TestFromStanRefuses(t *testing.T) {
	for src, want := range map[string]string{
		"functions {\n real f(real x) { return x; } " +
			"}": ":1:1: the block \"functions\"",
		"parameters { real x; }\nmodel { while (1) {} " +
			"}": ":2:9: while is not translated",
		"parameters { real x; }\nmodel {\n x ~ pathological(1); " +
			"}": ":3:6: the distribution pathological",
		"parameters { real x; }\nmodel { x ~ normal(gamma_p(1, x), 1); " +
			"}": ":2:20: the function gamma_p",
		"parameters { real x; }\nmodel { y ~ normal(0, 1); " +
			"}": ":2:9: y is not declared",
		"parameters { int x; " +
			"}": "cannot be " +
			"an int",
		"parameters { matrix[2,2] x; }\ntransformed parameters { matrix[2,2] y; for (i in 1:2) { y[i, 1] = x[i, " +
			"1]; } }": "not translated: make the whole",
		"data { int N; }\ntransformed data { vector[N] y = rep_vector(0, N); y[1] = 2; " +
			"}": "has its values already",
		"parameters { real x; " +
			"": "",
		"model { /* " +
			"": "a " +
			"comment without an end",
	} {
		file := filepath.Join(t.TempDir(), "m.stan")
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := fromStan(t, file)
		var e *StanError
		if !errors.As(err, &e) || !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
}
