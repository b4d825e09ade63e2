package field

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// The programs of a network: F, its products with a cotangent and with tangents of input and feature, and
// its products with several tangents of the input.
const (
	predictProgram = iota
	vjpProgram
	jvpProgram
	traceProgram
	valueProgram    // of a potential: N
	residualProgram // and the residual of its Fokker–Planck equation
	programs
)

// traceTangents is the number of columns of a Jacobian that one run of the trace program computes.
const traceTangents = 8

// compileNet traces one of the programs. Inputs: x̃ [D], c [1] where the network has time, the condition [C] where
// it has one; then [D] a cotangent, or [D] and [1] tangents, or [K,D] tangents. One output, [D] or [K,D].
// Of a potential F is what [Potential.Output] makes of the network; its residual also reads ρ [D], k and δ.
func compileNet(n *nn.Weights, potential *Potential, which int, dt ad.DType) (*ad.Program, error) {
	return ad.Compile(func(g *ad.Graph) {
		reads := n.Ports.Reads()
		out := n.Ports.Writes()
		if potential != nil {
			out = reads
		}
		x := g.Input("x", dt, reads)
		feat := g.Input("feature", dt, 1)
		var cond, dir, dfeat ad.Value
		if c := n.Ports.CondWidth(); c > 0 {
			cond = g.Input("cond", dt, c)
		}
		switch which {
		case vjpProgram:
			dir = g.Input("cotangent", dt, out)
		case jvpProgram:
			dir, dfeat = g.Input("tangent", dt, reads), g.Input("tangent of feature", dt, 1)
		case traceProgram:
			dir = g.Input("tangents", dt, min(reads, traceTangents), reads)
		}
		var rho, k, slope ad.Value
		if which == residualProgram {
			rho, k, slope = g.Input("rho", dt, reads), g.Input("k", dt, 1), g.Input("slope", dt, 1)
		}
		params := n.Declare(g, dt)
		apply := func(x, feat ad.Value) ad.Value { return n.Apply(g, params, x, feat, cond) }
		if which == residualProgram {
			g.Output("r", potential.Residual(g, apply, x, feat, rho, k, slope))
			return
		}
		y := apply(x, feat)
		if potential != nil && which != valueProgram {
			y = potential.Output(g, y, x)
		}
		switch which {
		case vjpProgram:
			y = ad.VJP([]ad.Value{y}, []ad.Value{dir}, []ad.Value{x})[0]
		case jvpProgram:
			y = ad.JVP([]ad.Value{y}, []ad.Value{x, feat}, []ad.Value{dir, dfeat})[0]
		case traceProgram:
			var rows []ad.Value
			for k := range dir.Shape()[0] {
				rows = append(rows, ad.JVP([]ad.Value{y}, []ad.Value{x}, []ad.Value{ad.At(dir, 0, k)})[0])
			}
			y = ad.Stack(0, rows...)
		}
		g.Output("y", y)
	})
}

// VJP implements ito.VJPer: with P, R and N the diagonal skip, out and in scales, the cotangent w becomes
// Q(P + N QᵀJ_FᵀQ R)Qᵀw.
func (f *Net) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	if err := f.check(x, t, c, dx, cotangent); err != nil {
		return err
	}
	d := f.pre.d
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		n := hi - lo
		f.pre.turn(s.y, cotangent.Slice(lo, hi).X, n)
		for i := range n {
			o, at := s.scale(i), i*d
			for k := range d {
				s.a[at+k] = o.out[k] * s.y[at+k]
			}
		}
		f.pre.back(s.tangent, s.a, n)
		if err := f.progs.run(ctx, f.wide, f.pool, vjpProgram, n, s, append(s.forward(), s.tangent)); err != nil {
			return err
		}
		f.pre.turn(s.b, s.out, n)
		for i := range n {
			o, at := s.scale(i), i*d
			for k := range d {
				s.a[at+k] = float64(o.skip[k]*s.y[at+k]) + float64(o.in[k]*s.b[at+k])
			}
		}
		f.pre.back(dx.Slice(lo, hi).X, s.a, n)
		return nil
	})
}

// JVP implements ito.JVPer. The network's part is exact; the derivatives of the scales along t, which are
// float64 functions of the path's schedule, are difference quotients of fourth order.
func (f *Net) JVP(ctx context.Context, df, x ito.States, t ito.Times, c ito.Cond, dx ito.States, dt ito.Times) error {
	if err := f.check(x, t, c, df, dx); err != nil {
		return err
	}
	if len(dt) != 1 && len(dt) != x.N {
		return &ito.InputError{Where: "network", What: fmt.Sprintf("%d tangents of time for %d rows", len(dt), x.N)}
	}
	d := f.pre.d
	slope, node := f.pre.newScales(), f.pre.newScales()
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		n := hi - lo
		f.pre.turn(s.b, dx.Slice(lo, hi).X, n)
		// In turn: the tangent of x̃ into s.a, and what does not go through the network into s.b.
		last := -1
		for i := range n {
			o, at, v := s.scale(i), i*d, dt.At(lo+i)
			if v == 0 {
				s.dfeat[i] = 0
				for k := range d {
					s.a[at+k], s.b[at+k] = o.in[k]*s.b[at+k], o.skip[k]*s.b[at+k]
				}
				continue
			}
			if s.at[i] != last {
				f.slope(slope, node, s.sched, t.At(lo+i))
				last = s.at[i]
			}
			s.dfeat[i] = slope.feat[0] * v
			for k := range d {
				y := s.y[at+k] - o.centre[k]
				dy := s.b[at+k] - float64(slope.centre[k]*v)
				s.a[at+k] = float64(o.in[k]*dy) + float64(slope.in[k]*v*y)
				s.b[at+k] = float64(o.skip[k]*dy) + v*(float64(slope.skip[k]*y)+slope.offset[k])
			}
		}
		f.pre.back(s.tangent, s.a, n)
		if err := f.progs.run(ctx, f.wide, f.pool, jvpProgram, n, s, append(s.forward(), s.tangent, s.dfeat)); err != nil {
			return err
		}
		f.pre.turn(s.a, s.out, n)
		for i := range n {
			o, at := s.scale(i), i*d
			for k := range d {
				s.b[at+k] += float64(o.out[k] * s.a[at+k])
			}
		}
		if err := f.outSlope(ctx, s, t, dt, lo, slope, node); err != nil {
			return err
		}
		f.pre.back(df.Slice(lo, hi).X, s.b, n)
		return nil
	})
}

// outSlope adds dt·(∂out/∂t) F to s.b for the rows whose time moves.
func (f *Net) outSlope(ctx context.Context, s *netScratch, t, dt ito.Times, lo int, slope, node scales) error {
	moves := false
	for i := range s.n {
		moves = moves || dt.At(lo+i) != 0
	}
	if !moves {
		return nil
	}
	if err := f.progs.run(ctx, f.wide, f.pool, predictProgram, s.n, s, s.forward()); err != nil {
		return err
	}
	f.pre.turn(s.a, s.out, s.n)
	d, last := f.pre.d, -1
	for i := range s.n {
		v := dt.At(lo + i)
		if v == 0 {
			continue
		}
		if s.at[i] != last {
			f.slope(slope, node, s.sched, t.At(lo+i))
			last = s.at[i]
		}
		for k := range d {
			s.b[i*d+k] += v * slope.out[k] * s.a[i*d+k]
		}
	}
	return nil
}

// slope writes the derivatives of every scale along t.
func (f *Net) slope(slope, node scales, sched schedule, t float64) {
	lo, hi := f.Path.Span()
	clear(slope.all)
	for j := range 5 {
		h, offset, weight := stencil(t, lo, hi, j)
		if weight == 0 {
			continue
		}
		f.pre.at(node, sched, t+offset*h, f.Predicts)
		for i, v := range node.all {
			slope.all[i] += float64(weight / h * v)
		}
	}
}

// Divergence implements ito.Divergencer: tr(P) + tr(J_F Q N R Qᵀ), exactly, by ⌈D/8⌉ runs of a program with
// eight tangents. It costs about D+1 evaluations: beyond some tens of dimensions use Hutchinson's estimate on VJP.
func (f *Net) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	if err := f.check(x, t, c); err != nil {
		return err
	}
	if err := checkRoom("network", div, x); err != nil {
		return err
	}
	d := f.pre.d
	per := min(d, traceTangents)
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		n := hi - lo
		tr := div[lo:hi]
		for i := range tr {
			tr[i] = 0
			for _, v := range s.scale(i).skip {
				tr[i] += v
			}
		}
		size(&s.tangent, n*per*d)
		size(&s.out, n*per*d)
		for first := 0; first < d; first += per {
			for i := range n {
				for j := range per {
					f.column(s.tangent[(i*per+j)*d:(i*per+j+1)*d], s.scale(i), first+j)
				}
			}
			if err := f.progs.run(ctx, f.wide, f.pool, traceProgram, n, s, append(s.forward(), s.tangent)); err != nil {
				return err
			}
			for i := range n {
				for j := range min(per, d-first) {
					tr[i] += s.out[(i*per+j)*d+first+j]
				}
			}
		}
		return nil
	})
}

// column writes column j of Q N R Qᵀ, zeros beyond the last.
func (f *Net) column(dst []float64, o *scales, j int) {
	clear(dst)
	switch {
	case j >= len(dst):
	case f.pre.q == nil:
		dst[j] = o.in[j] * o.out[j]
	default:
		d := len(dst)
		for k := range d {
			w := o.in[k] * o.out[k] * f.pre.q[j*d+k]
			for i, v := range f.pre.qt[k*d : (k+1)*d] {
				dst[i] += float64(w * v)
			}
		}
	}
}
