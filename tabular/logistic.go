package tabular

import (
	"context"
	"math"
)

// sparse is rows of few numbers that are not 0, row after row.
type sparse struct {
	start []int
	at    []int32
	v     []float64
	d     int
}

func (s *sparse) rows() int { return len(s.start) - 1 }

// dot is row i times w.
func (s *sparse) dot(i int, w []float64) float64 {
	z := 0.0
	for k := s.start[i]; k < s.start[i+1]; k++ {
		z += s.v[k] * w[s.at[k]]
	}
	return z
}

// add adds f times row i to g.
func (s *sparse) add(g []float64, i int, f float64) {
	for k := s.start[i]; k < s.start[i+1]; k++ {
		g[s.at[k]] += f * s.v[k]
	}
}

// scaler makes the features of the linear classifier: numbers in standard deviations of the training rows, a
// coordinate for each frequent level, for gaps, and for the constant.
type scaler struct {
	e        *embedding
	mean, sd []float64
}

func newScaler(t Table) *scaler {
	s := &scaler{e: newEmbedding(t, nil, 1)}
	for _, c := range t.Columns {
		m, sd := 0.0, 1.0
		if c.Levels == 0 {
			if p := present(c.X); len(p) > 0 {
				m, sd = moments(p)
			}
			if !(sd > 0) {
				sd = 1
			}
		}
		s.mean, s.sd = append(s.mean, m), append(s.sd, sd)
	}
	return s
}

func (s *scaler) rows(t Table) *sparse {
	out := &sparse{start: []int{0}, d: s.e.d + 1}
	put := func(at int, v float64) {
		if v != 0 {
			out.at, out.v = append(out.at, int32(at)), append(out.v, v)
		}
	}
	for i := range t.Rows {
		for j, p := range s.e.parts {
			v := t.Columns[j].X[i]
			switch {
			case v != v && p.gaps:
				put(p.at+p.width-1, 1)
			case v != v: // no gap among the training rows: nothing is known
			case p.levels > 0:
				put(p.at+p.slot[int(v)], 1)
			default:
				put(p.at, (v-s.mean[j])/s.sd[j])
			}
		}
		put(s.e.d, 1)
		out.start = append(out.start, len(out.at))
	}
	return out
}

// Logistic is the classifier of logistic regression, minimising Σ log(1+e^{∓z}) + ½|w|² with the constant free. It is
// linear: it passes garbage with the right means.
func Logistic(ctx context.Context, train Table, label []float64, test Table) ([]float64, error) {
	s := newScaler(train)
	w, err := fitLogistic(ctx, s.rows(train), label, 1)
	if err != nil {
		return nil, err
	}
	x := s.rows(test)
	score := make([]float64, test.Rows)
	for i := range score {
		score[i] = x.dot(i, w)
	}
	return score, nil
}

// newtonSteps and gradientSteps bound the search; both end by themselves far before.
const newtonSteps, gradientSteps = 50, 200

// fitLogistic is Newton's method, each step by conjugate gradients, halved until the loss falls. The last weight is
// the constant, which ridge leaves alone.
func fitLogistic(ctx context.Context, x *sparse, y []float64, ridge float64) ([]float64, error) {
	n, d := x.rows(), x.d
	w, g, step := make([]float64, d), make([]float64, d), make([]float64, d)
	h := make([]float64, n)
	loss := func(w []float64) float64 {
		l := 0.0
		for i := range n {
			z := x.dot(i, w)
			l += math.Log1p(math.Exp(-math.Abs(z))) + max(z, 0) - y[i]*z
		}
		for _, v := range w[:d-1] {
			l += ridge * v * v / 2
		}
		return l
	}
	now := loss(w)
	for range newtonSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(g)
		for i := range n {
			p := 1 / (1 + math.Exp(-x.dot(i, w)))
			h[i] = p * (1 - p)
			x.add(g, i, p-y[i])
		}
		for k, v := range w[:d-1] {
			g[k] += ridge * v
		}
		if norm(g) < 1e-7*float64(n) {
			break
		}
		conjugate(step, g, func(dst, v []float64) {
			clear(dst)
			for i := range n {
				x.add(dst, i, h[i]*x.dot(i, v))
			}
			for k := range d - 1 {
				dst[k] += ridge * v[k]
			}
		})
		next, t := make([]float64, d), 1.0
		for {
			for k := range w {
				next[k] = w[k] - t*step[k]
			}
			if l := loss(next); l < now {
				w, now = next, l
				break
			}
			if t /= 2; t < 1e-6 {
				return w, nil
			}
		}
	}
	return w, nil
}

// conjugate solves A·x = b for a positive definite A to a thousandth.
func conjugate(x, b []float64, times func(dst, v []float64)) {
	clear(x)
	r := append([]float64(nil), b...)
	p := append([]float64(nil), b...)
	ap := make([]float64, len(b))
	rr := dot(r, r)
	stop := rr * 1e-6
	for range gradientSteps {
		if rr <= stop || rr == 0 {
			return
		}
		times(ap, p)
		curve := dot(p, ap)
		if !(curve > 0) {
			return
		}
		a := rr / curve
		for k := range x {
			x[k] += a * p[k]
			r[k] -= a * ap[k]
		}
		next := dot(r, r)
		for k := range p {
			p[k] = r[k] + next/rr*p[k]
		}
		rr = next
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for k, v := range a {
		s += v * b[k]
	}
	return s
}

func norm(a []float64) float64 { return math.Sqrt(dot(a, a)) }
