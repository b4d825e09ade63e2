package nn

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// Scope is what a trace declares its tensors on. The first trace of a network finds out what there is; later ones are
// given values for it. So a network's layout and its computation are one text.
//
// Layers are methods, one file each: [Scope.Linear], ….
type Scope struct {
	prefix string
	plan   *plan
}

// plan is what the scopes of one trace share.
type plan struct {
	g       *ad.Graph
	dtype   ad.DType
	tensors []Tensor       // found so far, or all
	index   map[string]int // by name
	given   []ad.Value     // values of all tensors; nil: the trace finds out
	size    int
	// layers are those that a trace which finds out has met, whose weights may be bytes; grids are what layers of a
	// quantised network round their input to, and see is called with the input of a layer.
	layers map[string]bool
	grids  map[string]ad.Grid
	see    func(layer string, x ad.Value)
	// training says that the trace is of a step of training, in which layers like Dropout act.
	training bool
}

// Init is the law of a tensor's initial values: uniform on ±Bound about Value, to which element j of the last axis adds
// Ramp·j. The zero Init is zeros.
type Init struct{ Bound, Value, Ramp float64 }

// Graph is the program that the trace is part of.
func (s *Scope) Graph() *ad.Graph { return s.plan.g }

// DType is that of the parameters, and of every float input.
func (s *Scope) DType() ad.DType { return s.plan.dtype }

// Within is the scope of a part of the network: its tensors are named "name." and their own names.
func (s *Scope) Within(format string, args ...any) *Scope {
	return &Scope{s.prefix + fmt.Sprintf(format, args...) + ".", s.plan}
}

// Refuse ends the trace with an *ad.Error: what the network cannot serve, and why.
func (s *Scope) Refuse(format string, args ...any) {
	panic(&ad.Error{Op: "network", Detail: fmt.Sprintf(format, args...)})
}

// Param declares a tensor, or asks for one that is declared already: a tensor of one name is shared by all who use it,
// with one shape. It may be asked for inside loops and maps.
func (s *Scope) Param(name string, init Init, shape ...int) ad.Value {
	p, name := s.plan, s.prefix+name
	i, known := p.index[name]
	switch {
	case known && !slices.Equal(p.tensors[i].Shape, shape):
		s.Refuse("tensor %s has shape %v, and is asked for with %v", name, p.tensors[i].Shape, shape)
	case !known && p.given != nil:
		s.Refuse("tensor %s is declared by this trace and was not by the first", name)
	case known && p.given != nil:
		return p.given[i]
	case !known:
		t := Tensor{Name: name, Shape: slices.Clone(shape), Offset: p.size, init: init}
		for _, k := range shape {
			if k < 1 || k > maxParams {
				s.Refuse("tensor %s would have shape %v", name, shape)
			}
		}
		if p.size += t.Size(); p.size > maxParams {
			s.Refuse("there would be more than %d parameters at tensor %s", maxParams, name)
		}
		p.index[name] = len(p.tensors)
		p.tensors = append(p.tensors, t)
	}
	return ad.BroadcastTo(p.g.Scalar(p.dtype, 0), shape...)
}
