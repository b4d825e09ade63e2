package model

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// Term is what one observe of a model says, in the order of the file.
type Term struct {
	Distribution string
	Shape        []int     // of the log densities: one for each number or vector that is observed
	YShape       []int     // of what is observed
	Y            []float64 // row-major; nil where it depends on parameters, NaN where impute put one
	Draws        bool      // whether replications of it can be drawn
	Integer      bool
	// Name is of the datum that is observed; empty where it is no datum as it is. Elsewhere says that the model reads
	// it
	// elsewhere as well, or observes it censored, so that another y does not stand for another data set.
	Name      string
	Elsewhere bool
}

// predictive are programs of the observed terms.
type predictive struct {
	log, draw         *ad.Program
	logData, drawData []ad.Array
	terms             []Term
	width, drawn      int
	err               error
}

// Terms are what the model observes.
func (m *Model) Terms() ([]Term, error) {
	p := m.predictive()
	return p.terms, p.err
}

// Pointwise computes the log densities of every observation at states x: dst is [N, ΣTerms], term by term, row-major.
func (m *Model) Pointwise(ctx context.Context, dst, x ito.States) error {
	p := m.predictive()
	if p.err != nil {
		return p.err
	}
	if dst.D != p.width || dst.N != x.N || x.D != m.dim {
		return fmt.Errorf("model: %d log densities of %d observations", dst.D, p.width)
	}
	return p.log.Run(ctx, ad.Call{N: x.N, In: append([]ad.Array{ad.F64s(x.X)}, p.logData...),
		Out: []ad.Array{ad.F64s(dst.X)}, IDs: x.ID, Purpose: rng.PurposeProgram, Pool: m.pool})
}

// Replicate draws what would have been observed at states x, of the terms that have draws: dst is [N, their elements].
// The numbers have the address of Draw's.
func (m *Model) Replicate(ctx context.Context, dst, x ito.States, seed uint64, step uint32) error {
	p := m.predictive()
	if p.err != nil {
		return p.err
	}
	if p.drawn == 0 || dst.D != p.drawn || dst.N != x.N || x.D != m.dim {
		return fmt.Errorf("model: %d replicated numbers of %d", dst.D, p.drawn)
	}
	return p.draw.Run(ctx, ad.Call{N: x.N, In: append([]ad.Array{ad.F64s(x.X)}, p.drawData...),
		Out: []ad.Array{ad.F64s(dst.X)}, IDs: x.ID, Seed: seed, Purpose: rng.PurposeProgram, Step: step, Pool: m.pool})
}

// Replicated is the number of elements that Replicate draws.
func (m *Model) Replicated() int { return m.predictive().drawn }

// predictive compiles once.
func (m *Model) predictive() *predictive {
	m.once.Do(func() {
		p := &predictive{}
		m.pred = p
		p.log, p.logData, p.err = m.runner.program(m.dim, func(t *tracer) []ad.Value {
			var out []ad.Value
			for _, o := range t.observed {
				s, y := o.lp.shape, o.y.x
				if o.y.cells != nil {
					y = o.y.cells
				}
				term := Term{Distribution: o.d.name, Shape: s, YShape: o.y.shape, Y: y, Integer: o.d.integer,
					Draws: o.d.drawable() == nil, Name: o.y.name, Elsewhere: o.censored || t.touched[o.y.name]}
				p.terms = append(p.terms, term)
				p.width += size(s)
				if term.Draws {
					p.drawn += size(o.y.shape)
				}
				out = append(out, ad.Flatten(number(t.lift(o.lp))))
			}
			return out
		})
		if p.err != nil || p.width == 0 {
			if p.err == nil {
				p.err = &ito.UnsupportedError{What: "predictive checks of " + m.file,
					Why: "the model observes nothing (target adds densities that belong to no observation)"}
			}
			return
		}
		if p.drawn == 0 {
			return
		}
		p.draw, p.drawData, p.err = m.runner.program(m.dim, func(t *tracer) []ad.Value {
			var out []ad.Value
			for _, o := range t.observed {
				if o.d.drawable() != nil {
					continue
				}
				out = append(out, ad.Flatten(ad.BroadcastTo(o.d.drawLike(o.y.shape), o.y.shape...)))
			}
			return out
		})
	})
	return m.pred
}

// drawLike draws numbers of a shape that the parameters of the distribution broadcast to.
func (d *distribution) drawLike(shape []int) ad.Value {
	if d.axes > 0 || d.index || len(d.parts) > 0 {
		return d.traceDraw()
	}
	vs := make([]ad.Value, len(d.args))
	for i := range d.args {
		vs[i] = d.argument(i)
	}
	return d.draw(d.t.g, shape, vs)
}

// program traces the file again for outputs of its own, joined.
func (r *runner) program(dim int, f func(t *tracer) []ad.Value) (p *ad.Program, data []ad.Array, err error) {
	defer func() { // as in trace: the limit of steps
		if v := recover(); v != nil {
			e, ok := v.(raised)
			if !ok {
				panic(v)
			}
			err = e.err
		}
	}()
	p, err = ad.Compile(func(g *ad.Graph) {
		t := &tracer{g: g, x: g.Input("x", ad.F64, dim)}
		t.share = func(x []float64, shape ...int) ad.Value {
			data = append(data, ad.F64s(x))
			return g.Shared(fmt.Sprintf("data%d", len(data)), ad.F64, shape...)
		}
		if e := r.run(t); e != nil {
			panic(raised{e})
		}
		parts := f(t)
		if len(parts) == 0 {
			parts = []ad.Value{ad.Reshape(ad.Zeros(t.jacobian), 1)}
		}
		all := ad.Concat(0, parts...)
		if all.IsShared() {
			all = ad.Rows(all)
		}
		g.Output("out", all)
	})
	if err != nil {
		return nil, nil, &Error{File: r.file, Msg: err.Error()}
	}
	return p, data, nil
}
