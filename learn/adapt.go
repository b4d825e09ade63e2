package learn

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// Adapt has other numbers trained in place of the parameters of the one network: optimiser, average and state are
// theirs. It is called before Bind.
func (l *Loop) Adapt(a nn.Adapter) error {
	if len(l.sizes) > 0 || len(l.nets) != 1 || l.private != nil {
		return &ito.InputError{Where: "adaptation", What: "it is of one network, before it is bound, without privacy"}
	}
	l.adapter = a
	l.state = newState(a.Initial())
	l.pulled = make([]float32, len(l.state.Params))
	a.Expand(l.weights, l.state.Params)
	return nil
}

// expand writes the networks' parameters for those of a state.
func (l *Loop) expand(dst, params []float32) {
	if l.adapter != nil {
		l.adapter.Expand(dst, params)
	} else {
		copy(dst, params)
	}
}

// AverageState is the moving average of what is trained, which the caller must not change: where rows are held out,
// that of the step at which their loss was least.
func (l *Loop) AverageState() []float32 {
	if l.state.Best != nil {
		return l.state.Best
	}
	return l.state.EMA
}
