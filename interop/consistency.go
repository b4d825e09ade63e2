package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// distilled are the training steps that n calls take of those that a network was distilled on: every (N/original)-th,
// the last of each run, evenly from the noisy end.
func (r *reader) distilled(n int, t table) []float64 {
	train := len(t.alpha)
	if list := r.timesteps(train, true); list != nil {
		return list
	}
	original := r.count("original_inference_steps", 1)
	if r.err == nil && (original > train || n > original) {
		r.fail("original_inference_steps", fmt.Sprintf("%d calls of %d of a table of %d", n, original, train),
			"take fewer calls, or as many original steps as the table has")
	}
	if r.err != nil {
		return make([]float64, n)
	}
	out := make([]float64, n)
	step := float64(original) / float64(n)
	for i := range out {
		at := int(math.Floor(float64(float64(i) * step)))
		out[i] = float64((original-at)*(train/original) - 1)
	}
	return out
}

// planLCM says the data at every call and puts noise on it anew. Luo et al. 2023, arXiv:2310.04378.
func planLCM(r *reader, n int) (*SchedulerPlan, error) {
	t := r.table(false)
	levels := t.calls(r, r.distilled(n, t))
	const data = .5
	l := lcm{levels: levels}
	for _, v := range levels {
		s := v.Label * r.number("timestep_scaling")
		l.skip = append(l.skip, data*data/(s*s+data*data))
		l.out = append(l.out, s/math.Hypot(s, data))
	}
	s := &own{name: "diffusers-lcm", order: 1, limit: r.limit(), start: func() rule { return l },
		noisy:  func(k int) bool { return k < n-1 },
		source: "Luo et al. 2023, arXiv:2310.04378, algorithm 3; the last call keeps what it says of the data"}
	p := ladder(append(levels[:n:n], Level{Alpha: 1}), 1, s)
	p.raw = r.prediction("epsilon", "sample", "v_prediction")
	return p, nil
}

type lcm struct {
	levels    []Level
	skip, out []float64 // x_0 = skip x + out x̂_0, which is x at step 0
}

func (l lcm) next(k int, x, x0, _, z ito.States) {
	to := Level{Alpha: 1}
	if k+1 < len(l.levels) {
		to = l.levels[k+1]
	}
	for i, v := range x0.X {
		x.X[i] = to.Alpha * (float64(l.out[k]*v) + float64(l.skip[k]*x.X[i]))
		if z.X != nil {
			x.X[i] += to.Sigma * z.X[i]
		}
	}
}

// planTCD goes to a step s below the next one and puts the noise between them back: s = ⌊(1−γ)·next⌋, with γ the
// reference's eta, .3 where none is given. Zheng et al. 2024, arXiv:2402.19159.
func planTCD(r *reader, n int) (*SchedulerPlan, error) {
	t := r.table(false)
	labels := r.distilled(n, t)
	levels := t.calls(r, labels)
	γ := r.eta(.3)
	d := tcd{}
	for k := range levels {
		next := 0
		if k+1 < n {
			next = int(labels[k+1])
		}
		d.to = append(d.to, t.at(next))
		// in single precision, as there: .7·210 is 147 and not 146.99999999999997
		d.by = append(d.by, t.at(int(math.Floor(float64(float32(1-γ)*float32(next))))))
	}
	s := &own{name: "diffusers-tcd", order: 1, start: func() rule { return d },
		source: "Zheng et al. 2024, arXiv:2402.19159, algorithm 4"}
	if γ > 0 {
		s.noisy = func(k int) bool { return k < n-1 }
	}
	end := d.to[n-1]
	end.Label = 0
	p := ladder(append(levels[:n:n], end), 1, s)
	p.raw = r.prediction("epsilon", "sample", "v_prediction")
	return p, nil
}

type tcd struct{ by, to []Level }

func (d tcd) next(k int, x, x0, eps, z ito.States) {
	s, to := d.by[k], d.to[k]
	c, noise := 1., 0.
	if z.X != nil {
		c = to.Alpha / s.Alpha
		noise = math.Sqrt(math.Max(0, 1-c*c))
	}
	for i, v := range x0.X {
		x.X[i] = c * (float64(s.Alpha*v) + float64(s.Sigma*eps.X[i]))
		if z.X != nil {
			x.X[i] += noise * z.X[i]
		}
	}
}

// planConsistency says the data at every call and puts noise of the next level on it. Song et al. 2023,
// arXiv:2303.01469.
func planConsistency(r *reader, n int) (*SchedulerPlan, error) {
	train := r.count("num_train_timesteps", 2)
	lo, hi, rho := r.number("sigma_min"), r.number("sigma_max"), r.number("rho")
	if r.err == nil && !(lo > 0 && hi > lo && rho > 0 && n <= train) {
		r.fail("sigma_min", fmt.Sprintf("%d of %d levels from %g to %g with exponent %g", n, train, hi, lo, rho),
			"give 0 < sigma_min < sigma_max, a positive rho and fewer calls than levels")
	}
	if r.err != nil {
		return failed(), nil
	}
	u := reversed(r.timesteps(train, true))
	for i := range n {
		if len(u) <= i {
			u = append(u, float64(i*(train/n)))
		}
		u[i] /= float64(train - 1)
	}
	var levels []Level
	for _, σ := range powers(hi, lo, rho, u) {
		levels = append(levels, Level{1, σ, 250 * math.Log(σ+1e-44)})
	}
	levels = append(levels, Level{Alpha: 1, Sigma: lo})
	c := iterate{levels: levels, least: lo, most: hi, spread: r.number("s_noise")}
	s := &own{name: "diffusers-consistency", order: 1, start: func() rule { return c },
		source: "Song et al. 2023, arXiv:2303.01469, algorithm 1"}
	if n > 1 {
		s.noisy = func(int) bool { return true }
	}
	if r.bool("clip_denoised") {
		s.limit = &solve.Threshold{Bound: 1}
	}
	p := ladder(levels, hi, s)
	p.raw, p.data, p.least = rawConsistency, r.number("sigma_data"), lo
	return p, nil
}

type iterate struct {
	levels              []Level
	least, most, spread float64
}

func (c iterate) next(k int, x, x0, _, z ito.States) {
	σ := math.Min(math.Max(c.levels[k+1].Sigma, c.least), c.most)
	scale := c.spread * math.Sqrt(math.Max(0, σ*σ-c.least*c.least))
	for i, v := range x0.X {
		x.X[i] = v
		if z.X != nil {
			x.X[i] += scale * z.X[i]
		}
	}
}
