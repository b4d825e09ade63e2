package interop

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// table is the training table of a network of discrete steps: √ᾱ_i, and ρ_i = √((1−ᾱ_i)/ᾱ_i), all in float64.
type table struct {
	alpha, rho []float64
}

// noisiest is diffusers' ᾱ in place of 0 where sigmas must be finite.
const noisiest = 1. / (1 << 24)

// table reads betas, or makes them. finite replaces ᾱ = 0 at the end of a table with zero terminal SNR.
func (r *reader) table(finite bool) table {
	betas := r.list("trained_betas")
	if n := len(betas); n == 1 {
		r.fail("trained_betas", "one beta is no table", "give two or more")
	}
	if len(betas) < 2 {
		betas = r.betas(r.count("num_train_timesteps", 2))
	}
	t := table{make([]float64, len(betas)), make([]float64, len(betas))}
	a := 1.
	for i, β := range betas {
		if r.err == nil && !(β >= 0 && β < 1) {
			r.fail("trained_betas", fmt.Sprintf("beta %d is %g", i, β), "betas are between 0 and 1")
		}
		a *= 1 - β
		t.alpha[i] = math.Sqrt(a)
	}
	zero := r.bool("rescale_betas_zero_snr")
	if n := len(t.alpha); zero && n > 1 {
		first, last := t.alpha[0], t.alpha[n-1]
		for i, v := range t.alpha {
			t.alpha[i] = (v - last) * first / (first - last)
		}
		if finite {
			t.alpha[n-1] = math.Sqrt(noisiest)
		}
	}
	for i, v := range t.alpha {
		t.rho[i] = math.Sqrt((1 - v*v) / (v * v))
	}
	return t
}

func (r *reader) betas(n int) []float64 {
	lo, hi := r.number("beta_start"), r.number("beta_end")
	b := make([]float64, n)
	word := r.word("beta_schedule", "linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace", "exp")
	for i := range b {
		u := float64(i) / float64(n-1)
		switch word {
		case "linear":
			b[i] = lo + u*(hi-lo)
		case "scaled_linear":
			v := math.Sqrt(lo) + u*(math.Sqrt(hi)-math.Sqrt(lo))
			b[i] = v * v
		case "sigmoid":
			b[i] = (hi-lo)/(1+math.Exp(6-12*u)) + lo
		default:
			b[i] = math.Min(1-bar(word, float64(i+1)/float64(n))/bar(word, float64(i)/float64(n)), .999)
		}
	}
	return b
}

// bar is ᾱ(t) of the schedules that are given by it.
func bar(word string, t float64) float64 {
	switch word {
	case "exp":
		return math.Exp(-12 * t)
	case "laplace":
		s := math.Exp(-.5 * math.Copysign(1, .5-t) * math.Log(1-2*math.Abs(.5-t)+1e-6))
		return math.Sqrt(s / (1 + s))
	}
	c := math.Cos((t + .008) / 1.008 * math.Pi / 2)
	return c * c
}

// vp is the level of ρ = σ/α with α² + σ² = 1.
func vp(rho, label float64) Level {
	α := 1 / math.Hypot(rho, 1)
	return Level{Alpha: α, Sigma: rho * α, Label: label}
}

// at is the level of step i of the training.
func (t table) at(i int) Level {
	α := t.alpha[i]
	return Level{α, math.Sqrt(1 - α*α), float64(i)}
}

// rhoAt is ρ at a step that need not be whole, linear between the steps.
func (t table) rhoAt(i float64) float64 {
	k := int(math.Min(math.Max(math.Floor(i), 0), float64(len(t.rho)-2)))
	u := math.Min(math.Max(i-float64(k), 0), 1)
	return mix(t.rho[k], t.rho[k+1], u)
}

// stepAt is the step, not rounded, whose ρ is given, linear in log ρ and inside the table: after the last step whose ρ
// is not larger, since with zero terminal SNR the last ρ may be less than that before it.
func (t table) stepAt(rho float64) float64 {
	const float32s = 1e-6 // the reference compares logarithms of single precision
	x := math.Log(math.Max(rho, 1e-10))
	k := len(t.rho) - 1
	for k > 0 && math.Log(t.rho[k]) > x+float32s {
		k--
	}
	k = min(k, len(t.rho)-2)
	lo, hi := math.Log(t.rho[k]), math.Log(t.rho[k+1])
	return float64(k) + math.Min(math.Max((lo-x)/(lo-hi), 0), 1)
}

// linspace is numpy's: n numbers from a to b, to the bit, since ties of what is rounded later depend on it.
func linspace(a, b float64, n int) []float64 {
	out := make([]float64, n)
	step := (b - a) / float64(max(n-1, 1))
	for i := range out {
		out[i] = float64(float64(i)*step) + a
	}
	if n > 1 {
		out[n-1] = b
	}
	return out
}

// arange is numpy's, to the bit: from a as long as b is not passed, in steps of what a + step has left of step.
func arange(a, b, step float64) []float64 {
	n := math.Ceil((b - a) / step)
	if !(n >= 1 && n <= 1e9) {
		return nil
	}
	out := make([]float64, int(n))
	delta := (a + step) - a
	for i := range out {
		out[i] = a + float64(float64(i)*delta)
	}
	return out
}

func reversed(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[len(x)-1-i] = v
	}
	return out
}

// spacing is diffusers' timestep_spacing, from noise to data. With drop the list of a solver that keeps its end apart:
// n+1 points without the last. whole rounds those of linspace. last is the number of steps of the training that count.
func (r *reader) spacing(n, last, train int, drop, whole bool) []float64 {
	points := n
	if drop {
		points++
	}
	switch r.word("timestep_spacing", "linspace", "leading", "trailing") {
	case "linspace":
		out := reversed(linspace(0, float64(last-1), points))
		if whole {
			for i, v := range out {
				out[i] = math.RoundToEven(v)
			}
		}
		return out[:n]
	case "leading":
		out, offset := make([]float64, n), r.number("steps_offset")
		if r.err == nil && !(math.Abs(offset) <= float64(train) && offset == math.Trunc(offset)) {
			r.fail("steps_offset", fmt.Sprintf("%g is not a whole number of steps of the table's %d", offset, train),
				"give 0 or 1")
		}
		for i := range out {
			out[i] = float64((points-1-i)*(last/points)) + offset
		}
		return out
	}
	out := arange(float64(last), 0, -float64(train)/float64(n))
	for i, v := range out {
		out[i] = math.RoundToEven(v) - 1
	}
	if len(out) != n {
		r.fail("timestep_spacing", fmt.Sprintf("trailing gives %d steps where %d were asked for", len(out), n),
			"take linspace, or another number of steps")
	}
	return out
}

// curve replaces levels of ρ by those of Karras (ρ = 7), exponential or beta spacing between their ends, and says
// whether it did.
func (r *reader) curve(rho []float64, n int, lo, hi float64) ([]float64, bool) {
	if v := r.number("sigma_min"); !math.IsNaN(v) {
		lo = v
	}
	if v := r.number("sigma_max"); !math.IsNaN(v) {
		hi = v
	}
	var asked []string
	for _, key := range []string{"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"} {
		if r.bool(key) {
			asked = append(asked, key)
		}
	}
	if len(asked) > 1 {
		r.refuse(strings.Join(asked, " and "), "levels are spaced in one way, and the reference refuses two", asked[0])
	}
	u := linspace(0, 1, n)
	switch {
	case r.bool("use_karras_sigmas"):
		return powers(hi, lo, 7, u), true
	case r.bool("use_exponential_sigmas"):
		return exponentials(hi, lo, u), true
	case r.bool("use_beta_sigmas"):
		for i, v := range u {
			u[i] = lo + distuv.Beta{Alpha: .6, Beta: .6}.Quantile(1-v)*(hi-lo)
		}
		return u, true
	}
	return rho, false
}

// powers has equal steps in ρ^{1/p}.
func powers(from, to, p float64, u []float64) []float64 {
	a, b := math.Pow(from, 1/p), math.Pow(to, 1/p)
	out := make([]float64, len(u))
	for i, v := range u {
		out[i] = math.Pow(a+v*(b-a), p)
	}
	return out
}

// exponentials has equal steps in log ρ.
func exponentials(from, to float64, u []float64) []float64 {
	a, b := math.Log(from), math.Log(to)
	out := make([]float64, len(u))
	for i, v := range u {
		out[i] = math.Exp(a + v*(b-a))
	}
	return out
}
