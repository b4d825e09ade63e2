// Package model reads model files: Starlark programs that declare parameters, priors and observations, traced
// once into programs that run compiled, for thousands of states at once, with exact gradients.
//
//	mu  = param("mu");  tau = param("tau", positive);  eta = param("eta", shape = len(data["y"]))
//	mu.prior(normal(0, 5)); tau.prior(half_cauchy(5)); eta.prior(normal(0, 1))
//	theta = derived("theta", mu + tau * eta)
//	observe(normal(theta, data["sigma"]), data["y"])
//
// A file has no input, no output, no clock and no imports, and a limit of steps. docs/models.md teaches the
// language. Every density is normalised, so that log Z is the evidence.
package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
)

// CompileOptions of a compilation. The zero value is usable.
type CompileOptions struct {
	Steps uint64   // of Starlark; 0 means 10 million
	Pool  *ad.Pool // for evaluations; nil: the caller's goroutine alone
	// Replace is what is observed instead of the data, for each observe in order, row-major.
	Replace [][]float64
}

// Kind says what a column of draws is.
type Kind uint8

// The kinds.
const (
	Parameter Kind = iota
	Derived
	Generated
)

func (k Kind) String() string { return [...]string{"parameter", "derived", "generated"}[k] }

// Quantity is something that every draw has.
type Quantity struct {
	Name    string
	Kind    Kind
	Shape   []int  // nil for a number
	Support string // of a parameter, as declared
	Column  int    // its first column
	Free    int    // unconstrained coordinates of a parameter
}

// Model is a model file bound to data: an ito.Target over its unconstrained parameters, and the map from them
// to the quantities that draws report. It is safe for concurrent use.
type Model struct {
	file       string
	density    *target.Program
	outs       *ad.Program
	data       []ad.Array
	quantities []Quantity
	params     []*parameter
	width      int
	pool       *ad.Pool
	printed    []string
	explicit   bool // it integrates an equation by explicit steps of fixed length
	dim        int
	runner     *runner
	once       sync.Once // of pred
	onceParts  sync.Once // of parts
	parts      *partsProgram
	pred       *predictive
	limits     *boundsProgram // nil: the supports of all parameters are known
}

// Compile reads a model file. Its mistakes come back as *Error with file, line and column, those of data as
// *DataError.
func Compile(file, src string, data Data, opt CompileOptions) (*Model, error) {
	src, moved := subscripts(strings.TrimPrefix(src, "\ufeff")) // a mark that editors leave, as in data files
	m, err := compile(file, src, data, opt)
	var e *Error
	if errors.As(err, &e) {
		e.Col = moved.column(e.Line, e.Col)
	}
	return m, err
}

func compile(file, src string, data Data, opt CompileOptions) (*Model, error) {
	if opt.Steps == 0 {
		opt.Steps = 10_000_000
	}
	values, err := convert(data)
	if err != nil {
		return nil, err
	}
	f, err := (&syntax.FileOptions{TopLevelControl: true, GlobalReassign: true}).Parse(file, src, 0)
	if err != nil {
		return nil, place(file, err)
	}
	rewriteStmts(f.Stmts)
	names := predeclared(&tracer{}, nil)
	prog, err := starlark.FileProgram(f, names.Has)
	if err != nil {
		return nil, place(file, err)
	}
	r := &runner{file: file, prog: prog, data: values, steps: opt.Steps, past: &history{}, replace: opt.Replace}
	m := &Model{file: file, pool: opt.Pool, runner: r}
	if err := r.discover(m); err != nil {
		return nil, err
	}
	if err := r.trace(m); err != nil {
		return nil, err
	}
	if err := r.limits(m); err != nil {
		return nil, err
	}
	if r.expects {
		if err := r.shapes(m); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Dim implements ito.Target: the number of unconstrained coordinates.
func (m *Model) Dim() int { return m.dim }

// LogDensity implements ito.Target: the log joint density of parameters and data with the log-Jacobian of the
// supports.
func (m *Model) LogDensity(ctx context.Context, dst []float64, x ito.States) error {
	return m.density.LogDensity(ctx, dst, x)
}

// Gradient implements ito.Target.
func (m *Model) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	return m.density.Gradient(ctx, logp, grad, x)
}

// Operations counts the arithmetic of a gradient at one state.
func (m *Model) Operations() float64 { return m.density.Operations() }

// HVP implements ito.HVPer. The first call traces the file once more.
func (m *Model) HVP(ctx context.Context, hv, x, v ito.States) (err error) {
	defer func() { // as in trace: the limit of steps
		if p := recover(); p != nil {
			e, ok := p.(raised)
			if !ok {
				panic(p)
			}
			err = e.err
		}
	}()
	return m.density.HVP(ctx, hv, x, v)
}

// Quantities are what a draw reports, parameters first, then derived, then generated quantities, in the order
// of the file.
func (m *Model) Quantities() []Quantity { return slices.Clone(m.quantities) }

// Width is the number of columns of a draw.
func (m *Model) Width() int { return m.width }

// Columns names the columns of a draw as CmdStan does: a.1, b.2.3, indices from 1, the first fastest.
func (m *Model) Columns() []string {
	var names []string
	for _, q := range m.quantities {
		idx := make([]int, len(q.Shape))
		for range size(q.Shape) {
			name := q.Name
			for _, i := range idx {
				name += fmt.Sprintf(".%d", i+1)
			}
			names = append(names, name)
			for k := range idx {
				if idx[k]++; idx[k] < q.Shape[k] {
					break
				}
				idx[k] = 0
			}
		}
	}
	return names
}

// Printed is what the file printed, at most 1000 lines.
func (m *Model) Printed() []string { return slices.Clone(m.printed) }

// Draw computes the columns of states x, [N, Width]. Random generated quantities have the address
// (seed, rng.PurposeProgram, step, id of the row).
func (m *Model) Draw(ctx context.Context, dst, x ito.States, seed uint64, step uint32) error {
	if err := dst.Check(); err != nil {
		return err
	}
	if x.D != m.dim || dst.D != m.width || dst.N != x.N {
		return fmt.Errorf("model: states [%d,%d] to draws [%d,%d]; the model has %d coordinates and %d columns", x.N,
			x.D, dst.N, dst.D, m.dim, m.width)
	}
	return m.outs.Run(ctx, ad.Call{N: x.N, In: append([]ad.Array{ad.F64s(x.X)}, m.data...),
		Out: []ad.Array{ad.F64s(dst.X)},
		IDs: x.ID, Seed: seed, Purpose: rng.PurposeProgram, Step: step, Pool: m.pool})
}

// Unconstrain writes the unconstrained coordinates u [Dim] of the parameters' columns of a draw, the first
// columns of Columns. It returns a *target.SupportError, wrapped with the parameter's name, for values outside.
func (m *Model) Unconstrain(u, draw []float64) error {
	if len(u) != m.dim || len(draw) < m.widthOfParameters() {
		return fmt.Errorf("model: %d coordinates from %d columns; the model has %d and %d", len(u), len(draw), m.dim,
			m.widthOfParameters())
	}
	col := 0
	for _, p := range m.params {
		shape := p.support.Shape()
		n := size(shape)
		x := rowMajor(draw[col:col+n], shape)
		support := p.support
		if p.kind.ends != nil {
			var err error
			if support, err = m.limits.at(p, u); err != nil {
				return err
			}
		}
		if err := support.Unconstrain(u[p.from:p.from+support.Free()], x); err != nil {
			return fmt.Errorf("model: parameter %q: %w", p.name, err)
		}
		col += n
	}
	return nil
}

func (m *Model) widthOfParameters() int {
	n := 0
	for _, p := range m.params {
		n += size(p.support.Shape())
	}
	return n
}

// rowMajor undoes columnMajor.
func rowMajor(x []float64, shape []int) []float64 {
	out := make([]float64, len(x))
	idx := make([]int, len(shape))
	for _, v := range x {
		at := 0
		for k, i := range idx {
			at = at*shape[k] + i
		}
		out[at] = v
		for k := range idx {
			if idx[k]++; idx[k] < shape[k] {
				break
			}
			idx[k] = 0
		}
	}
	return out
}

var _ ito.Target = (*Model)(nil)
