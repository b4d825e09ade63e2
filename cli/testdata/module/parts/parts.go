// Package parts has a network, a path and solvers of another module than ito's.
package parts

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

func init() {
	nn.Register("Layers of gates.", func() nn.Network { return Gated{} })
	path.Register("gentle", "vp at a constant rate.", Gentle.Resolve)
	solve.Register(func() ito.Solver { return Blend{} })
	solve.Register(func() ito.Solver { return Taught{} })
}

// Gated is a network of gated layers.
type Gated struct {
	Width int     `default:"24" min:"1" help:"Units of a layer."`
	Depth int     `default:"2" min:"1" help:"Layers."`
	Slope float64 `default:"1" above:"0" help:"Steepness of the gates."`
}

// Kind implements nn.Network.
func (Gated) Kind() string { return "gated" }

// Resolve implements nn.Network.
func (n Gated) Resolve() (nn.Network, error) {
	n.Width, n.Depth, n.Slope = cmp.Or(n.Width, 24), cmp.Or(n.Depth, 2), cmp.Or(n.Slope, 1)
	return n, nil
}

// Trace implements nn.Network.
func (n Gated) Trace(s *nn.Scope, in nn.Inputs) []ad.Value {
	h := ad.Concat(0, in.X[0], in.Time)
	for i := range n.Depth {
		l := s.Within("layer%d", i)
		h = ad.Mul(ad.Tanh(l.Linear("value", h, n.Width)), ad.Sigmoid(ad.Scale(l.Linear("gate", h, n.Width), n.Slope)))
	}
	return []ad.Value{s.Head("out", h, in.Ports.Writes())}
}

// Gentle is vp at a constant rate.
type Gentle struct {
	path.VP `config:"-"`
	Rate    float64 `json:"rate" default:"6" above:"0" help:"β."`
}

// Name implements ito.Path.
func (Gentle) Name() string { return "gentle" }

// Resolve makes the path.
func (p Gentle) Resolve() (Gentle, error) {
	p.Rate = cmp.Or(p.Rate, 6)
	var err error
	p.VP, err = path.VP{BetaMin: p.Rate, BetaMax: p.Rate}.Resolve()
	return p, err
}

// Blend is DDIM by another name.
type Blend struct {
	solve.DDIM `config:"-"`
	Part       float64 `min:"0" max:"1" help:"η."`
}

// Info implements ito.Solver.
func (b Blend) Info() ito.SolverInfo {
	info := solve.DDIM{Eta: b.Part}.Info()
	info.Name = solve.Word("blend", b)
	return info
}

// Plan implements ito.Solver.
func (b Blend) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	return solve.DDIM{Eta: b.Part}.Plan(p, g, k)
}

// Decisions implements tune.Decided: a step of DDIM is the zero Decision.
func (Blend) Decisions(k int) ([]tune.Decision, error) { return make([]tune.Decision, k), nil }

// Taught is DDIM with numbers that were learnt of a model, which a file holds beside it.
type Taught struct {
	solve.DDIM `config:"-"`
	Learnt     []float64 `config:"-"`
}

// Info implements ito.Solver.
func (t Taught) Info() ito.SolverInfo {
	info := solve.DDIM{}.Info()
	info.Name = "taught"
	return info
}

// Dim implements solve.Sized.
func (t Taught) Dim() int { return len(t.Learnt) }

// Form implements solve.Stored.
func (t Taught) Form() (any, []solve.Array, error) {
	return struct{}{}, []solve.Array{{Name: "learnt", Rows: 1, Columns: len(t.Learnt), X: t.Learnt}}, nil
}

// FromForm implements solve.Stored.
func (t Taught) FromForm(_ func(any) error, arrays []solve.Array) (ito.Solver, error) {
	if len(arrays) != 1 || arrays[0].Name != "learnt" {
		return nil, fmt.Errorf("there is no array of what was learnt")
	}
	t.Learnt = arrays[0].X
	return t, nil
}
