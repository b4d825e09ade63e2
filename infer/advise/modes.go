package advise

import (
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"

	"gonum.org/v1/gonum/floats"
)

// Mode is a maximum of the density and the starts that steepest ascent carries to it.
type Mode struct {
	X       []float64
	LogP    float64
	Members []int // rows of the starts, increasing
}

// The ascent and the barrier that separates two modes.
const (
	ascentSteps  = 100
	barrier      = .5 // nats below the lower end of the straight line between two places
	barrierCount = 7  // points looked at on the line
	mostModes    = 128
)

// Modes climbs from every row of x by steepest ascent with a step size of its own (doubled after an ascent,
// quartered after a failure), and joins places between which the log density on the straight line never falls more
// than half a nat below the lower one. Modes come from the highest to the lowest. complete is false when more than
// 128 were found and the rest was left out. Starts of density zero belong to no mode. Cost: 100 gradients a row and
// about one evaluation a row and mode.
//
// Several modes from scattered starts say that one chain will not cross between them: use Tempering, SMC or the
// dilation path. One mode from few starts says nothing about modes that no start led to.
func Modes(ctx context.Context, t ito.Target, x ito.States) (modes []Mode, complete bool, err error) {
	top, logp, err := climb(ctx, t, x)
	if err != nil {
		return nil, false, err
	}
	left := make([]int, 0, x.N)
	for i, l := range logp {
		if infer.Finite(l) {
			left = append(left, i)
		}
	}
	slices.SortStableFunc(left, func(a, b int) int {
		switch {
		case logp[a] > logp[b]:
			return -1
		case logp[a] < logp[b]:
			return 1
		}
		return a - b
	})
	for len(left) > 0 {
		if len(modes) == mostModes {
			return modes, false, nil
		}
		lead := left[0]
		m := Mode{X: slices.Clone(top.Row(lead)), LogP: logp[lead], Members: []int{lead}}
		joined := left[1:]
		// The middle of the line decides most; the other points only for those that pass.
		for _, at := range [][]float64{{.5}, linePoints()} {
			if joined, err = joins(ctx, t, top, logp, lead, joined, at); err != nil {
				return nil, false, err
			}
		}
		in := make(map[int]bool, len(joined))
		for _, i := range joined {
			in[i] = true
		}
		m.Members = append(m.Members, joined...)
		slices.Sort(m.Members)
		modes = append(modes, m)
		rest := left[:0]
		for _, i := range left {
			if i != lead && !in[i] {
				rest = append(rest, i)
			}
		}
		left = rest
	}
	return modes, true, nil
}

func linePoints() []float64 {
	f := make([]float64, barrierCount)
	for k := range f {
		f[k] = float64(k+1) / float64(barrierCount+1)
	}
	return f
}

// joins returns those rows between which and the leader no point at the given fractions of the line is too low.
func joins(ctx context.Context, t ito.Target, top ito.States, logp []float64, lead int, rows []int, at []float64) (
	[]int, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	k, d := len(at), top.D
	y := ito.NewStates(len(rows)*k, d, 0)
	for a, i := range rows {
		for b, f := range at {
			r := y.Row(a*k + b)
			for j := range r {
				r[j] = (1-f)*top.X[lead*d+j] + f*top.X[i*d+j]
			}
		}
	}
	l := make([]float64, y.N)
	if err := t.LogDensity(ctx, l, y); err != nil {
		return nil, err
	}
	var in []int
	for a, i := range rows {
		ok := true
		for _, v := range l[a*k : (a+1)*k] {
			ok = ok && v >= logp[i]-barrier
		}
		if ok {
			in = append(in, i)
		}
	}
	return in, nil
}

// climb is the ascent of every row; logp is not finite for a row that has no density.
func climb(ctx context.Context, t ito.Target, x ito.States) (top ito.States, logp []float64, err error) {
	top, try := x.Clone(), x.Clone()
	n, d := x.N, x.D
	logp, next := make([]float64, n), make([]float64, n)
	grad, g := x.Like(d), x.Like(d)
	if err := t.Gradient(ctx, logp, grad, top); err != nil {
		return top, logp, err
	}
	h := make([]float64, n)
	for i := range h {
		if !infer.AllFinite(grad.Row(i)) {
			logp[i] = math.NaN()
		}
		// A first step of a thousandth of the row's length, which doubling soon forgets.
		r, q := top.Row(i), grad.Row(i)
		h[i] = 1e-3 * (1 + math.Sqrt(floats.Dot(r, r))) / (1e-300 + math.Sqrt(floats.Dot(q, q)))
	}
	for range ascentSteps {
		if err := ctx.Err(); err != nil {
			return top, logp, err
		}
		for i := range n {
			r, q, y := top.Row(i), grad.Row(i), try.Row(i)
			copy(y, r)
			if !infer.Finite(logp[i]) {
				continue
			}
			for j := range y {
				y[j] += h[i] * q[j]
			}
			if !infer.AllFinite(y) {
				copy(y, r)
			}
		}
		if err := t.Gradient(ctx, next, g, try); err != nil {
			return top, logp, err
		}
		for i := range n {
			if infer.Finite(logp[i]) && next[i] > logp[i] && infer.Finite(next[i]) && infer.AllFinite(g.Row(i)) {
				copy(top.Row(i), try.Row(i))
				copy(grad.Row(i), g.Row(i))
				logp[i] = next[i]
				h[i] *= 2
			} else {
				h[i] /= 4
			}
		}
	}
	return top, logp, nil
}
