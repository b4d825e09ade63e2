package field

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/wrap"
)

// RawNet is a network that runs elsewhere: dst = F(in; label) row by row. It is safe for concurrent calls.
type RawNet interface {
	Forward(ctx context.Context, dst, in ito.States, label ito.Times, c ito.Cond) error
}

// RawVJPer is a RawNet with a vector-Jacobian product with respect to its input.
type RawVJPer interface {
	RawNet
	BackwardInput(ctx context.Context, din, in ito.States, label ito.Times, c ito.Cond, cotangent ito.States) error
}

// NewRaw is a network that runs elsewhere as a field that predicts kind, in any wrapping: [wrap.NewPublished], say. One
// evaluation of the network each; it has a VJP where the network is a RawVJPer.
func NewRaw(w wrap.Wrapping, kind ito.Prediction, net RawNet) (ito.Field, error) {
	if err := w.Check(kind); err != nil {
		return nil, err
	}
	if _, traced := w.(wrap.Traced); traced {
		return nil, &ito.UnsupportedError{What: "wrapping " + w.Kind() + " of a network that runs elsewhere",
			Why: "its gradient is part of the program", Nearest: "moments"}
	}
	f := raw{w, kind, net}
	if _, ok := net.(RawVJPer); ok {
		return rawVJP{f}, nil
	}
	return f, nil
}

type raw struct {
	wrap wrap.Wrapping
	kind ito.Prediction
	net  RawNet
}

// Bound is the path of the wrapping.
func (f raw) Bound() ito.Path { return f.wrap.Path() }

// Kind implements ito.Field.
func (f raw) Kind() ito.Prediction { return f.kind }

// OutDim implements ito.Field.
func (f raw) OutDim(int) int { return f.wrap.OutDim(f.kind) }

// enter returns rows that have entered the wrapping, what the network sees and what it is told.
func (f raw) enter(x ito.States, t ito.Times, c ito.Cond) (wrap.Rows, ito.States, ito.Times, error) {
	s := f.wrap.Sizes()
	if x.D != s.State || len(t) != 1 && len(t) != x.N {
		return nil, x, nil, &ito.InputError{Where: "wrapped network",
			What: fmt.Sprintf("%d times for %d rows of dimension %d; it takes dimension %d", len(t), x.N, x.D, s.State),
			Do:   "give one time, or one for each row"}
	}
	in, label, rows := x.Like(s.Reads), make(ito.Times, x.N), f.wrap.Rows(f.kind)
	return rows, in, label, rows.Enter(in.X, label, x, t, c)
}

// Predict implements ito.Field.
func (f raw) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	rows, in, label, err := f.enter(x, t, c)
	if err != nil {
		return err
	}
	out := x.Like(f.wrap.Sizes().Writes)
	if err := f.net.Forward(ctx, out, in, label, c); err != nil {
		return err
	}
	rows.Leave(dst, out.X)
	return nil
}

type rawVJP struct{ raw }

// VJP implements ito.VJPer.
func (f rawVJP) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	rows, in, label, err := f.enter(x, t, c)
	if err != nil {
		return err
	}
	dout, din := x.Like(f.wrap.Sizes().Writes), x.Like(in.D)
	rows.PullOut(dout.X, cotangent)
	if err := f.net.(RawVJPer).BackwardInput(ctx, din, in, label, c, dout); err != nil {
		return err
	}
	rows.PullIn(dx, din.X)
	return nil
}
