package field

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// RawNet is a network as it was published: dst = F(in; label) row by row. It is safe for concurrent calls.
type RawNet interface {
	Forward(ctx context.Context, dst, in ito.States, label ito.Times, c ito.Cond) error
}

// RawVJPer is a RawNet with a vector-Jacobian product with respect to its input.
type RawVJPer interface {
	RawNet
	BackwardInput(ctx context.Context, din, in ito.States, label ito.Times, c ito.Cond, cotangent ito.States) error
}

// Preconditioned is a wrapped network as a field on p that predicts kind. One evaluation of the network
// each; it has a VJP where the network is a RawVJPer.
func Preconditioned(p ito.Diagonal, s Scaling, kind ito.Prediction, net RawNet) (ito.Field, error) {
	if _, err := NewPreconditioning(p, s, kind); err != nil {
		return nil, err
	}
	f := preconditioned{p, s, kind, net}
	if _, ok := net.(RawVJPer); ok {
		return preconditionedVJP{f}, nil
	}
	return f, nil
}

type preconditioned struct {
	path ito.Diagonal
	s    Scaling
	kind ito.Prediction
	net  RawNet
}

// Kind implements ito.Field.
func (f preconditioned) Kind() ito.Prediction { return f.kind }

// OutDim implements ito.Field.
func (f preconditioned) OutDim(d int) int { return d }

// inputs returns the conversion, what the network sees and what it is told.
func (f preconditioned) inputs(x ito.States, t ito.Times) (*Preconditioning, ito.States, ito.Times, error) {
	m, err := NewPreconditioning(f.path, f.s, f.kind)
	if err != nil {
		return nil, x, nil, err
	}
	if len(t) != 1 && len(t) != x.N {
		return nil, x, nil, &ito.InputError{Where: "preconditioned field", What: fmt.Sprintf("%d times for %d rows", len(t), x.N), Do: "give one time, or one for each row"}
	}
	in, label := x.Like(x.D), make(ito.Times, x.N)
	for i := range x.N {
		m.At(t.At(i))
		m.Input(in.Row(i), x.Row(i))
		label[i] = m.Label
	}
	return m, in, label, nil
}

// Predict implements ito.Field.
func (f preconditioned) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	m, in, label, err := f.inputs(x, t)
	if err != nil {
		return err
	}
	if err := f.net.Forward(ctx, dst, in, label, c); err != nil {
		return err
	}
	for i := range x.N {
		m.At(t.At(i))
		m.Row(dst.Row(i), x.Row(i))
	}
	return nil
}

type preconditionedVJP struct{ preconditioned }

// VJP implements ito.VJPer: of pF(In·y) + ry it is p·In·Fᵀw + rw.
func (f preconditionedVJP) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	m, in, label, err := f.inputs(x, t)
	if err != nil {
		return err
	}
	if err := f.net.(RawVJPer).BackwardInput(ctx, dx, in, label, c, cotangent); err != nil {
		return err
	}
	for i := range x.N {
		m.At(t.At(i))
		row := dx.Row(i)
		for k, w := range cotangent.Row(i) {
			row[k] = float64(m.p*m.In*row[k]) + float64(m.r*w)
		}
	}
	return nil
}
