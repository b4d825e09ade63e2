package model

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target"
)

// WithoutJacobian implements target.Constrained: the log joint density of the parameters themselves, at the place to
// which unconstrained coordinates belong. The file is traced once more. Of bounds that depend on parameters, too, only
// the densities count.
func (m *Model) WithoutJacobian() (t ito.Target, err error) {
	defer func() { // as in trace: the limit of steps
		if p := recover(); p != nil {
			e, ok := p.(raised)
			if !ok {
				panic(p)
			}
			err = e.err
		}
	}()
	r := m.runner
	p, err := target.Compile(m.dim, m.pool, func(tr *target.Trace) ad.Value {
		t := &tracer{g: tr.G, x: tr.X, share: tr.Data}
		if e := r.run(t); e != nil {
			panic(raised{e})
		}
		if t.lp.IsZero() {
			return ad.Zeros(t.jacobian)
		}
		return ad.Add(t.lp, ad.Zeros(t.jacobian))
	})
	if err != nil {
		return nil, &Error{File: r.file, Msg: err.Error()}
	}
	return p, nil
}

var _ target.Constrained = (*Model)(nil)
