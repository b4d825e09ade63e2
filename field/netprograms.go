package field

import (
	"context"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/wrap"
)

// The programs of a network: F, its products with a cotangent and with tangents of input and feature, and
// its products with several tangents of the input; and F where every condition is 0.
const (
	predictProgram = iota
	vjpProgram
	jvpProgram
	traceProgram
	valueProgram    // of a potential: N
	residualProgram // and the residual of its Fokker–Planck equation
	absentProgram   // F without a condition
	programs
)

// traceTangents is the number of columns of a Jacobian that one run of the trace program computes.
const traceTangents = 8

// netPrograms are the compiled programs of one network in one wrapping, shared by every Net that is made from it.
type netPrograms struct {
	net    *nn.Weights
	traced wrap.Traced            // nil: the network's output is F
	once   [programs][2]sync.Once // float32, float64
	prog   [programs][2]*ad.Program
	err    [programs][2]error
	wide   func() []float64
}

func newNetPrograms(n *nn.Weights, w wrap.Wrapping) *netPrograms {
	traced, _ := w.(wrap.Traced)
	return &netPrograms{net: n, traced: traced, wide: sync.OnceValue(n.Params64)}
}

// run evaluates a program for the rows of s: float64 inputs without those of length 0, an output of width values a row
// into s.out.
func (f *Net) run(ctx context.Context, which int, s *netScratch, width int, in ...[]float64) error {
	p, d := f.progs, 0
	if f.wide {
		d = 1
	}
	p.once[which][d].Do(func() { p.prog[which][d], p.err[which][d] = p.compile(which, ad.DType(d)) })
	if err := p.err[which][d]; err != nil {
		return err
	}
	size(&s.out, s.n*width)
	call := ad.Call{N: s.n, Pool: f.pool, Fixed: f.fixed, In: s.arrays[:0]}
	k := 0
	for _, x := range in {
		if len(x) == 0 {
			continue
		}
		if f.wide {
			call.In = append(call.In, ad.F64s(x))
			continue
		}
		s.narrow[k] = slices.Grow(s.narrow[k][:0], len(x))[:len(x)]
		simd.CvtF64F32(s.narrow[k], x)
		call.In = append(call.In, ad.F32s(s.narrow[k]))
		k++
	}
	if f.wide {
		call.In = append(call.In, p.net.Arrays64(p.wide())...)
		call.Out = []ad.Array{ad.F64s(s.out)}
		return p.prog[which][d].Run(ctx, call)
	}
	call.In = p.net.AppendArrays(call.In, p.net.Params)
	s.narrow[k] = slices.Grow(s.narrow[k][:0], len(s.out))[:len(s.out)]
	inputs := len(call.In)
	s.arrays = append(call.In, ad.F32s(s.narrow[k]))
	call.In, call.Out = s.arrays[:inputs:inputs], s.arrays[inputs:]
	if err := p.prog[which][d].Run(ctx, call); err != nil {
		return err
	}
	simd.CvtF32F64(s.out, s.narrow[k])
	return nil
}

// compile traces one of the programs. Inputs: x̃ [Reads], c [1], the condition [C] where the network has one; then
// [F] a cotangent, or [Reads] and [1] tangents, or [K,Reads] tangents. One output, [F] or [K,F], with F of the
// width that the wrapping makes predictions of. The residual of a potential also reads ρ [D], k and δ.
func (p *netPrograms) compile(which int, dt ad.DType) (*ad.Program, error) {
	n := p.net
	return ad.Compile(func(g *ad.Graph) {
		reads, out := n.Ports.Reads(), n.Ports.Writes()
		if p.traced != nil {
			out = reads
		}
		x := g.Input("x", dt, reads)
		feat := g.Input("feature", dt, 1)
		var cond, dir, dfeat ad.Value
		if c := n.Ports.CondWidth(); c > 0 && which != absentProgram {
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
			g.Output("r", p.traced.(wrap.Energy).Residual(g, apply, x, feat, rho, k, slope))
			return
		}
		y := apply(x, feat)
		if p.traced != nil && which != valueProgram {
			y = p.traced.Output(g, y, x)
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
