package field

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// flow is the width of what the wrapping makes predictions of.
func (f *Net) flow() int {
	if f.progs.traced != nil {
		return f.Weights.Ports.Reads()
	}
	return f.Weights.Ports.Writes()
}

// VJP implements ito.VJPer. Velocity and score together ([path.PredBoth]) have none.
func (f *Net) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	if f.Predicts == path.PredBoth {
		return errBoth("a gradient")
	}
	if f.Predicts == ito.PredLogits {
		return &ito.UnsupportedError{What: "a gradient of logits with respect to tokens",
			Why: "tokens are whole numbers", Nearest: "Predict"}
	}
	if err := f.check(x, t, c, dx, cotangent); err != nil {
		return err
	}
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		s.rows.PullOut(size(&s.tangent, s.n*f.flow()), cotangent.Slice(lo, hi))
		if err := f.run(ctx, vjpProgram, s, f.Weights.Ports.Reads(), s.forward(s.tangent)...); err != nil {
			return err
		}
		s.rows.PullIn(dx.Slice(lo, hi), s.out)
		return nil
	})
}

// JVP implements ito.JVPer where the wrapping has tangents (see [wrap.Pusher]): moments, potentials and plain networks.
func (f *Net) JVP(ctx context.Context, df, x ito.States, t ito.Times, c ito.Cond, dx ito.States, dt ito.Times) error {
	if err := f.check(x, t, c, df, dx); err != nil {
		return err
	}
	if len(dt) != 1 && len(dt) != x.N {
		return &ito.InputError{Where: "network", What: fmt.Sprintf("%d tangents of time for %d rows", len(dt), x.N)}
	}
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		rows, ok := s.rows.(wrap.Pusher)
		if !ok {
			return &ito.UnsupportedError{What: "a tangent of a network on path " + f.Bound().Name(),
				Why: "its wrapping has none", Nearest: "a gradient"}
		}
		moves := rows.PushIn(size(&s.tangent, s.n*f.Weights.Ports.Reads()), size(&s.dfeat, s.n), dx.Slice(lo, hi),
			dt.Slice(lo, hi))
		if err := f.run(ctx, jvpProgram, s, f.flow(), s.forward(s.tangent, s.dfeat)...); err != nil {
			return err
		}
		if !moves {
			rows.PushOut(df.Slice(lo, hi), s.out, nil)
			return nil
		}
		s.dout = append(s.dout[:0], s.out...)
		if err := f.run(ctx, predictProgram, s, f.flow(), s.forward()...); err != nil {
			return err
		}
		rows.PushOut(df.Slice(lo, hi), s.dout, s.out)
		return nil
	})
}

// Divergence implements ito.Divergencer, exactly, by ⌈D/8⌉ runs of a program with eight tangents. It costs about D+1
// evaluations: beyond some tens of dimensions use Hutchinson's estimate on VJP. Velocity and score together have none.
func (f *Net) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	if f.Predicts == path.PredBoth {
		return errBoth("a divergence")
	}
	if err := f.check(x, t, c); err != nil {
		return err
	}
	if err := checkRoom("network", div, x); err != nil {
		return err
	}
	reads, flow := f.Weights.Ports.Reads(), f.flow()
	per := min(reads, traceTangents)
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		rows, ok := s.rows.(wrap.Tracer)
		if !ok {
			return &ito.UnsupportedError{What: "a divergence of a network on path " + f.Bound().Name(),
				Why: "its wrapping has none", Nearest: "Hutchinson's estimate"}
		}
		rows.Trace(div[lo:hi])
		s.tangent = slices.Grow(s.tangent[:0], s.n*per*reads)[:s.n*per*reads]
		for first := 0; first < rows.Over(); first += per {
			rows.Columns(s.tangent, first, per)
			if err := f.run(ctx, traceProgram, s, per*flow, s.forward(s.tangent)...); err != nil {
				return err
			}
			rows.AddTrace(div[lo:hi], s.out, first, per)
		}
		return nil
	})
}

// LogDensity writes u(x,t), a log density in nats up to a function of t and of the condition, of each row into dst
// [N]. Only a potential has one, and at σ = 0 it is not finite.
func (f *Net) LogDensity(ctx context.Context, dst []float64, x ito.States, t ito.Times, c ito.Cond) error {
	return f.scalars(ctx, dst, x, t, c, func(s *netScratch, rows wrap.EnergyRows, dst []float64) error {
		if err := f.run(ctx, valueProgram, s, 1, s.forward()...); err != nil {
			return err
		}
		rows.LogDensity(dst, s.out)
		return nil
	})
}

// Residual writes the residual of the Fokker–Planck equation, see [wrap.Potential.Residual], of each row into dst
// [N]: the same for all x of one time where the potential's flow and its SDE have the same marginals.
func (f *Net) Residual(ctx context.Context, dst []float64, x ito.States, t ito.Times, c ito.Cond) error {
	return f.scalars(ctx, dst, x, t, c, func(s *netScratch, rows wrap.EnergyRows, dst []float64) error {
		k := size(&s.dout, s.n)
		rows.Clocks(size(&s.tangent, s.n*x.D), k, size(&s.dfeat, s.n))
		if err := f.run(ctx, residualProgram, s, 1, s.forward(s.tangent, k, s.dfeat)...); err != nil {
			return err
		}
		copy(dst, s.out)
		return nil
	})
}

// scalars runs do for the chunks of the rows of a potential, which have a number each.
func (f *Net) scalars(ctx context.Context, dst []float64, x ito.States, t ito.Times, c ito.Cond, do func(s *netScratch,
	rows wrap.EnergyRows, dst []float64) error) error {
	if _, ok := f.Wrap.(wrap.Energy); !ok {
		return &ito.UnsupportedError{What: "a log density of this network", Why: "it is not a potential",
			Nearest: "a network with one output"}
	}
	if err := f.check(x, t, c); err != nil {
		return err
	}
	if len(dst) != x.N {
		return &ito.InputError{Where: "network", What: fmt.Sprintf("room for %d numbers of %d rows", len(dst), x.N)}
	}
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		return do(s, s.rows.(wrap.EnergyRows), dst[lo:hi])
	})
}
