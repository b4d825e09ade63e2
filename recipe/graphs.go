package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/wrap"
)

// sized is a model for graphs of one size of places.
type sized struct {
	space ito.Space
	field ito.Field
}

// sizes binds the network of a model of graphs to the space of every size to which they are padded. Sampled graphs have
// numbers of nodes that [ito.NodeLaw.Of] draws.
func (s *sampler) sizes() error {
	m := s.m
	refuse := func(why, nearest string) error {
		return &ito.UnsupportedError{What: "sampling graphs of " + m.Space.String(), Why: why, Nearest: nearest}
	}
	switch {
	case m.Nodes == nil:
		return refuse("nothing says how many nodes a sample is to have",
			"solve.Run with a condition that holds the masks")
	case m.Path.Dim() != 0:
		return refuse("path "+m.Path.Name()+" is of graphs of one size", "path vp")
	case m.Prior != nil || s.cfg.Prior == "moments" || s.cfg.Prior == "kernel":
		return refuse("a prior with moments is of graphs of one size", "`prior=own`")
	case len(m.Conditions) > 0 || m.Space.Mask.At != 0:
		return refuse("they have conditions beside the mask", "a model without")
	}
	net, ok := m.Field.(*field.Net)
	if !ok {
		return refuse(fmt.Sprintf("its field is a %T", m.Field), "*field.Net")
	}
	sizes, ok := net.Wrap.(wrap.Resizable)
	if !ok {
		return refuse("wrapping "+net.Wrap.Kind()+" is of graphs of one size", "moments")
	}
	for _, n := range m.Nodes.Places {
		space := m.Space.Sized(n)
		w, err := net.Weights.Between(net.Weights.Ports.Sized(n))
		if err != nil {
			return err
		}
		small, err := sizes.Resized(block(net.Moments(), m.Space, space))
		if err != nil {
			return err
		}
		f, err := field.NewNet(small, w, net.Kind())
		if err != nil {
			return err
		}
		s.bySize = append(s.bySize, sized{space, f})
	}
	return nil
}

// block are the moments of the first nodes.
func block(g ito.Gaussian, from, to ito.Space) ito.Gaussian {
	out := ito.Gaussian{Mean: make([]float64, to.Dim()), Cov: make([]float64, to.Dim())}
	variance := make([]float64, len(g.Mean))
	for i := range variance {
		variance[i] = g.Variance(i)
	}
	moveNodes(out.Mean, g.Mean, to, from)
	moveNodes(out.Cov, variance, to, from)
	return out
}

// moveNodes copies a state of one size to one of another: the nodes that both have places for.
func moveNodes(dst, src []float64, to, from ito.Space) {
	for i, p := range to.Parts {
		q := from.Parts[i]
		a, b := p.Shape[0], q.Shape[0]
		n := min(a, b)
		switch k := p.Size(); p.Nodes {
		case 1:
			k /= a
			copy(dst[:n*k], src[:n*k])
		case 2:
			k /= a * a
			for r := range n {
				copy(dst[r*a*k:(r*a+n)*k], src[r*b*k:(r*b+n)*k])
			}
		default:
			copy(dst[:k], src)
		}
		dst, src = dst[p.Size():], src[q.Size():]
	}
}

// graphs draws graphs: rows of the number of nodes and, behind it, a state of the largest size.
func (s *sampler) graphs(ctx context.Context, n int, first uint64) (finished, error) {
	law, noise := *s.m.Nodes, ito.Seed(s.cfg.Seed)
	out := finished{rows: ito.NewStates(n, s.d+1, first)}
	groups := make([][]int, len(s.bySize))
	for i, id := range out.rows.ID {
		nodes := law.Of(s.cfg.Seed, id)
		out.rows.Row(i)[0] = float64(nodes)
		k := law.Place(nodes)
		groups[k] = append(groups[k], i)
	}
	for k, rows := range groups {
		if len(rows) == 0 {
			continue
		}
		g, places := s.bySize[k], law.Places[k]
		x := ito.NewStates(len(rows), g.space.Dim(), 0)
		c := ito.Cond{C: places, X: make([]float64, len(rows)*places)}
		for j, i := range rows {
			x.ID[j] = out.rows.ID[i]
			for v := range int(out.rows.Row(i)[0]) {
				c.Row(j)[v] = 1
			}
		}
		own := g.space.Noise(noise, x.ID, c)
		if err := s.m.Path.Prior(x, c, own); err != nil {
			return out, err
		}
		info, err := solve.Run(ctx, s.m.Path, g.field, x, s.grid, s.solver, solve.RunOptions{Noise: noise, Cond: c,
			Space: g.space})
		if err != nil {
			return out, err
		}
		out.nfe = max(out.nfe, slices.Max(info.Evals))
		for j, i := range rows {
			moveNodes(out.rows.Row(i)[1:], x.Row(j), s.m.Space, g.space)
		}
	}
	return out, nil
}
