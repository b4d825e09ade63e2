package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// rowBatch carries some rows of a step to the field, each at its own time: what solvers have whose rows choose
// their own steps.
type rowBatch struct {
	x, pred ito.States
	t       []float64
	cond    []float64
	w       []float64 // [D], for a row in the path's basis
}

// newRowBatch has room for all rows of a step.
func newRowBatch(s *ito.Step) rowBatch {
	n, d := s.X.N, s.X.D
	return rowBatch{x: ito.NewStates(n, d, 0), pred: ito.NewStates(n, d, 0), t: make([]float64, n),
		cond: make([]float64, len(s.Cond.X)), w: make([]float64, d)}
}

// predict asks the field for n rows at once. at gives the row of the step, its time and its state in the basis of
// m; the row's id and condition go with it. The predictions stay valid until the next call.
func (b *rowBatch) predict(ctx context.Context, s *ito.Step, m *path.Modes, n int, at func(i int) (row int, t float64,
	y []float64)) (ito.States, error) {
	whole := s.Cond
	x, pred := b.x.Slice(0, n), b.pred.Slice(0, n)
	pred.ID = x.ID
	for i := range n {
		row, t, y := at(i)
		m.Place(x.Row(i), y)
		x.ID[i], b.t[i] = s.X.ID[row], t
		copy(b.cond[i*whole.C:(i+1)*whole.C], whole.Row(row))
	}
	return pred, s.Evaluate(ctx, ito.Evaluation{X: x, T: b.t[:n], Cond: ito.Cond{C: whole.C, X: b.cond[:n*whole.C]},
		Pred: pred, Kind: s.Field.Kind()})
}
