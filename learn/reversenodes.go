package learn

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// node is one time of the simulation.
type node struct {
	t, h   float64   // h to the next node
	g2     []float64 // [D] squared diffusion of each coordinate
	d      []float64 // −F [D,D], or its diagonal [D]
	weight float64
}

func newNodes(p path.Variational, steps int) []node {
	nodes := spread(p, steps)
	for k := range nodes {
		n := &nodes[k]
		β := p.Beta(n.t)
		n.weight, n.g2 = β*n.h, make([]float64, p.Dim())
		if p.Variant() == path.DiagonalOnly {
			n.d = make([]float64, p.Dim())
			p.Coefficients(n.t, n.d)
			for i, a := range n.d {
				n.d[i], n.g2[i] = float64(-β*a)+β/2, β
			}
			continue
		}
		n.d = p.A(n.t)
		for i, a := range n.d {
			n.d[i] = -β * a
			if i%(p.Dim()+1) == 0 {
				n.d[i] += β / 2
				n.g2[i/p.Dim()] = β
			}
		}
	}
	return trapezoidal(nodes)
}

func momentumNodes(p path.VariationalMomentum, steps int) []node {
	D := p.Dim()
	nodes := spread(p, steps)
	for k := range nodes {
		n := &nodes[k]
		gg := make([]float64, D*D)
		n.d, n.g2 = make([]float64, D*D), make([]float64, D)
		p.Drift(n.t, n.d, gg)
		for i := range n.d {
			n.d[i] = -n.d[i]
		}
		for i := range n.g2 {
			n.g2[i] = gg[i*(D+1)]
		}
		n.weight = n.g2[D/2] * n.h
	}
	return trapezoidal(nodes)
}

// spread divides the span of p evenly into steps, and leaves out its sampled end.
func spread(p ito.Path, steps int) []node {
	lo, hi := p.Span()
	n := max(steps, 1)
	h := (hi - lo) / float64(n)
	nodes := make([]node, n)
	for k := range nodes {
		nodes[k] = node{t: hi - float64(k)*h, h: h}
	}
	return nodes
}

// trapezoidal halves the weights of the ends.
func trapezoidal(nodes []node) []node {
	if n := len(nodes); n > 1 {
		nodes[0].weight /= 2
		nodes[n-1].weight /= 2
	}
	return nodes
}
