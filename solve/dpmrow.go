package solve

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// dpmRow is one row of an adaptive run, in the path's basis.
type dpmRow struct {
	row        int
	t, λ, h    float64
	end        float64         // λ at the end of the attempt
	k          [4]*affine.Knot // s, u, v and the end
	fresh      bool            // m is not known yet
	tries      int
	pid        pid
	y, prev    []float64 // the state, and the last result of the lower order
	m, mu, mv  []float64 // what the knots keep of the predictions at y, u and v
	u, lo, hi  []float64
	cu, cv, cl []float64 // [M,3] coefficients of y, m and one more prediction in u, v, lo and hi
	ch         []float64
}

func newDPMRow(row, d, modes int, t, λ, h float64) *dpmRow {
	b, c := make([]float64, 8*d), make([]float64, 12*modes)
	cut := func(p *[]float64, n int) (s []float64) { s, *p = (*p)[:n:n], (*p)[n:]; return }
	r := &dpmRow{row: row, t: t, λ: λ, h: h, fresh: true}
	for _, p := range []*[]float64{&r.y, &r.prev, &r.m, &r.mu, &r.mv, &r.u, &r.lo, &r.hi} {
		*p = cut(&b, d)
	}
	for _, p := range []*[]float64{&r.cu, &r.cv, &r.cl, &r.ch} {
		*p = cut(&c, 3*modes)
	}
	return r
}

// attempt makes lo and hi of every row.
func (st *dpmAdaptive) attempt(ctx context.Context, s *ito.Step, rows []*dpmRow, λ1 float64) error {
	fresh := make([]*dpmRow, 0, len(rows))
	for _, r := range rows {
		st.plan(r, s.Next, λ1)
		if r.fresh {
			fresh = append(fresh, r)
		}
	}
	if err := st.evaluate(ctx, s, fresh, 0, func(r *dpmRow) (at, m []float64) { return r.y, r.m }); err != nil {
		return err
	}
	for _, r := range rows {
		r.fresh = false
		r.combine(r.u, r.cu, r.m)
	}
	if err := st.evaluate(ctx, s, rows, 1, func(r *dpmRow) (at, m []float64) { return r.u, r.mu }); err != nil {
		return err
	}
	if st.Order == 2 {
		for _, r := range rows {
			r.combine(r.lo, r.cl, r.m)
			r.combine(r.hi, r.ch, r.mu)
		}
		return nil
	}
	for _, r := range rows {
		r.combine(r.lo, r.cl, r.mu)
		r.combine(r.u, r.cv, r.mu)
	}
	if err := st.evaluate(ctx, s, rows, 2, func(r *dpmRow) (at, m []float64) { return r.u, r.mv }); err != nil {
		return err
	}
	for _, r := range rows {
		r.combine(r.hi, r.ch, r.mv)
	}
	return nil
}

// plan sets the knots and coefficients of a row's attempt.
func (st *dpmAdaptive) plan(r *dpmRow, next, λ1 float64) {
	r.end = r.λ + r.h
	end := next
	if math.Abs(r.end-λ1) > 1e-12*(1+math.Abs(λ1)) {
		end = st.pl.TimeOf(r.t, next, r.end)
	}
	at := func(q float64) *affine.Knot { return st.pl.Knot(st.pl.TimeOf(r.t, end, r.λ+q*r.h), st.form) }
	if r.fresh {
		r.k[0] = st.pl.Knot(r.t, st.form)
	}
	r.k[3] = st.pl.Knot(end, st.form)
	if st.Order == 2 {
		r.k[1] = at(.5)
		weighRow(r.cu, affine.WeighFirst, r.k[1], r.k[0])
		weighRow(r.cl, affine.WeighFirst, r.k[3], r.k[0])
		weighRow(r.ch, weighMidpoint, r.k[3], r.k[0], r.k[1])
		return
	}
	r.k[1], r.k[2] = at(1./3), at(2./3)
	weighRow(r.cu, affine.WeighFirst, r.k[1], r.k[0])
	weighRow(r.cv, weighTaylor, r.k[2], r.k[0], r.k[1])
	weighRow(r.cl, weighMidpoint, r.k[3], r.k[0], r.k[1])
	weighRow(r.ch, weighTaylor, r.k[3], r.k[0], r.k[2])
}

func weighRow(c []float64, w affine.Weigher, to *affine.Knot, from ...*affine.Knot) {
	var m [2]float64
	for i := range len(c) / 3 {
		clear(m[:])
		x, _ := w(to, from, i, m[:len(from)])
		c[3*i], c[3*i+1], c[3*i+2] = x, m[0], m[1]
	}
}

// combine writes c_0 y + c_1 m + c_2 other.
func (r *dpmRow) combine(dst, c, other []float64) {
	for i, y := range r.y {
		k := 0
		if len(c) > 3 {
			k = 3 * i
		}
		dst[i] = float64(c[k]*y) + float64(c[k+1]*r.m[i]) + float64(c[k+2]*other[i])
	}
}

// evaluate predicts at knot k of every row and keeps what the knot keeps.
func (st *dpmAdaptive) evaluate(ctx context.Context, s *ito.Step, rows []*dpmRow, k int, where func(r *dpmRow) (at,
	m []float64)) error {
	if len(rows) == 0 {
		return nil
	}
	b := &st.batch
	if b.x.X == nil {
		*b = newRowBatch(s)
	}
	pred, err := b.predict(ctx, s, st.pl.Modes, len(rows), func(i int) (int, float64, []float64) {
		at, _ := where(rows[i])
		return rows[i].row, rows[i].k[k].T, at
	})
	if err != nil {
		return err
	}
	calls := ito.Calls(s.Field)
	for i, r := range rows {
		st.evals[r.row] += calls
		at, m := where(r)
		st.pl.Modes.From(b.w, pred.Row(i), st.pl.Kind)
		q := r.k[k]
		for j, v := range b.w {
			a := 0
			if len(q.P) > 1 {
				a = j
			}
			m[j] = float64(q.P[a]*v) + float64(q.R[a]*at[j])
		}
	}
	return nil
}
