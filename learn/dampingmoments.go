package learn

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// The update of a damping lives on small differences between second moments, those of the simulated reversal and
// those of the data's own path, which differ where the end of the path is not yet the prior and hardly elsewhere.
// Simulated moments err by O(h²) and by O(1/√paths), and both are as large as the difference: on the moments of the
// spiral of 8:1 fifty steps move the fixed point of D from (1.00, 1.12) to (1.04, 1.05). So of the simulation only
// the slopes of the score are kept,
//
//	(a,b)_t = E[s_v (x,v)] E[(x,v)ᵀ(x,v)]⁻¹,
//
// which on Gaussian data have neither error, and the moments M_t of each dimension follow from them by their own
// equation. With τ = −t, F the drift, g² the squared diffusion of the velocity and e = (0,1) it is, for any score,
//
//	dM/dτ = −FM − MFᵀ + g²(eᵀw + wᵀe + eᵀe),  w = E[s_v (x,v)] = (a,b) M,  M = I at the drawn end.

// momentSteps is the number of Runge–Kutta steps from one node of the simulation to the next.
const momentSteps = 8

// moments are M as (xx, xv, vv) and the integrals of g² times (1, xx, xv, vv, φx, φv) of one dimension.
type moments [9]float64

// slope is (a,b) at a node, and its derivative by the number of the node.
type slope struct{ a, b, da, db float64 }

// dampingMoments returns what the forward loss needs of every dimension of p, whose variational scores are ax and
// av [d], from its reversal. Rows so few that their moments are singular are an [ito.InputError].
func dampingMoments(p path.VariationalMomentum, ax, av []float64, rev *Reversal) ([]moments, error) {
	d, n := p.DataDim(), len(rev.T)
	out, lines := make([]moments, d), make([][]slope, d)
	for k := range d {
		var err error
		if lines[k], err = slopes(rev, k, d); err != nil {
			return nil, err
		}
		out[k] = moments{1, 0, 1}
	}
	drift, g2 := make([]float64, 4*d), make([]float64, d)
	if n == 1 {
		p.Rates(rev.T[0], drift, g2)
		for k := range out {
			y := out[k]
			r := y.rate(drift[4*k:], 1, lines[k][0], ax[k], av[k])
			out[k] = y.plus(rev.Weight[0], r)
		}
		return out, nil
	}
	stage := [4]float64{0, .5, .5, 1}
	rates := make([][4]moments, d)
	for i := range n - 1 {
		span := rev.T[i] - rev.T[i+1]
		h := span / momentSteps
		for j := range momentSteps {
			for l, c := range stage {
				u := (float64(j) + c) / momentSteps
				p.Rates(rev.T[i]-u*span, drift, g2)
				for k := range out {
					y := out[k]
					if l > 0 {
						y = y.plus(c*h, rates[k][l-1])
					}
					rates[k][l] = y.rate(drift[4*k:], g2[k], between(lines[k][i], lines[k][i+1], u), ax[k], av[k])
				}
			}
			for k := range out {
				r := &rates[k]
				out[k] = out[k].plus(h/6, r[0]).plus(h/3, r[1]).plus(h/3, r[2]).plus(h/6, r[3])
			}
		}
	}
	return out, nil
}

// rate is the derivative in τ, for the drift f (xx, xv, vx, vv).
func (y moments) rate(f []float64, g2 float64, s slope, ax, av float64) (r moments) {
	xx, xv, vv := y[0], y[1], y[2]
	wx, wv := float64(s.a*xx)+float64(s.b*xv), float64(s.a*xv)+float64(s.b*vv)
	r[0] = -2 * (float64(f[0]*xx) + float64(f[1]*xv))
	r[1] = -(float64(f[0]*xv) + float64(f[1]*vv) + float64(f[2]*xx) + float64(f[3]*xv)) + float64(g2*wx)
	r[2] = -2*(float64(f[2]*xv)+float64(f[3]*vv)) + float64(g2*(2*wv+1))
	r[3], r[4], r[5], r[6] = g2, g2*xx, g2*xv, g2*vv
	r[7] = g2 * (wx - float64(ax*xx) - float64(av*xv))
	r[8] = g2 * (wv - float64(ax*xv) - float64(av*vv))
	return r
}

func (y moments) plus(h float64, r moments) moments {
	for i, v := range r {
		y[i] += float64(h * v)
	}
	return y
}

// slopes are those of dimension k of d at the nodes.
func slopes(rev *Reversal, k, d int) ([]slope, error) {
	out := make([]slope, len(rev.T))
	D, x, v := 2*d, k, d+k
	for i := range out {
		m, s := rev.XX[i], rev.SX[i]
		xx, xv, vv, sx, sv := m[x*D+x], m[x*D+v], m[v*D+v], s[v*D+x], s[v*D+v]
		det := float64(xx*vv) - float64(xv*xv)
		if !(det > 1e-12*xx*vv) {
			return nil, &ito.InputError{Where: "learning the path",
				What: fmt.Sprintf("at t=%g the simulated positions and velocities of dimension %d are on a line",
					rev.T[i], k), Do: "simulate more paths"}
		}
		out[i].a = (float64(sx*vv) - float64(sv*xv)) / det
		out[i].b = (float64(sv*xx) - float64(sx*xv)) / det
	}
	differentiate(out)
	return out, nil
}

// differentiate takes differences of second order, one-sided at the ends; of two nodes, the line through them.
func differentiate(s []slope) {
	n := len(s)
	for i := 1; i < n-1; i++ {
		s[i].da, s[i].db = (s[i+1].a-s[i-1].a)/2, (s[i+1].b-s[i-1].b)/2
	}
	switch {
	case n == 2:
		s[0].da, s[0].db = s[1].a-s[0].a, s[1].b-s[0].b
		s[1].da, s[1].db = s[0].da, s[0].db
	case n > 2:
		p, q, r := s[0], s[1], s[2]
		s[0].da, s[0].db = 2*(q.a-p.a)-(r.a-p.a)/2, 2*(q.b-p.b)-(r.b-p.b)/2
		p, q, r = s[n-1], s[n-2], s[n-3]
		s[n-1].da, s[n-1].db = (r.a-p.a)/2-2*(q.a-p.a), (r.b-p.b)/2-2*(q.b-p.b)
	}
}

// between is the cubic through two neighbouring nodes with their derivatives, at the part u of the way.
func between(p, q slope, u float64) slope {
	w := 1 - u
	at := func(p, dp, q, dq float64) float64 {
		return float64(w*w*(1+2*u)*p) + float64(u*u*(1+2*w)*q) + float64(u*w*(float64(w*dp)-float64(u*dq)))
	}
	return slope{a: at(p.a, p.da, q.a, q.da), b: at(p.b, p.db, q.b, q.db)}
}
