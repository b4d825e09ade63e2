package traced

import (
	"slices"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/ode"
)

// Noise gives the increments of Brownian motion over the steps of an integration: addressed, so that a row's numbers
// depend on its sample id and on nothing else, and are made again wherever a reverse pass needs them. The same Noise in
// two integrations is the same motion. [White] and [Brownian] make them.
type Noise interface {
	// tables are what the noise needs of a grid of k steps, as per-step inputs.
	tables(k int) []ad.Value
	// increments are those over a step, of the given shapes, in float64.
	increments(at At, shapes [][]int) []ad.Value
}

type white struct{ normal ad.Stream }

// White is independent increments ΔW_k = √|h_k| z_k: one draw a step. z_k has the address of step k, so that another
// grid is another motion. It is differentiable in the times, with z held.
func White(g *ad.Graph) Noise { return white{g.Stream()} }

func (w white) tables(int) []ad.Value { return nil }

func (w white) increments(at At, shapes [][]int) []ad.Value {
	z := cut(w.normal.Normal(at.K, ad.F64, total(shapes)), shapes)
	root := ad.Sqrt(ad.Abs(ad.Cast(at.H, ad.F64)))
	for i := range z {
		z[i] = ad.Mul(z[i], root)
	}
	return z
}

// Brownian is the motion of [ode.Brownian] on [From, To] in a program: grids that refine each other see the same path.
// Its nodes are those of a tree of depth 1 to 20, inside of whose (To−From)/2^Depth intervals the motion is linear.
type Brownian struct {
	tree   ode.Brownian
	normal ad.Stream
	g      *ad.Graph
}

// NewBrownian makes a motion. The normal of node k is entry k of one stream of the program. Depth 0: 16.
func NewBrownian(g *ad.Graph, from, to float64, depth int) Brownian {
	if depth == 0 {
		depth = 16
	}
	if !(from < to) || depth < 1 || depth > 20 {
		fail("brownian", "[%g, %g] by a tree of depth %d: it needs an interval, and a depth from 1 to 20",
			from, to, depth)
	}
	return Brownian{ode.Brownian{From: from, To: to, Depth: depth}, g.Stream(), g}
}

// On is the motion over the steps of a grid: as many draws a step as the nodes at which the ends of the step differ,
// Depth/2 and more, and the most of all steps for each. The increments are constants of the times: a derivative in time
// sees none of them.
func (b Brownian) On(grid []float64) Noise {
	if len(grid) == 0 {
		fail("brownian", "a grid has one time or more")
	}
	d := drawn{b: b, steps: len(grid) - 1}
	var steps [][]weighed
	for k := range d.steps {
		if t := max(grid[k], grid[k+1]); t > b.tree.To || min(grid[k], grid[k+1]) < b.tree.From {
			fail("brownian", "a step from %g to %g leaves [%g, %g]", grid[k], grid[k+1], b.tree.From, b.tree.To)
		}
		steps = append(steps, b.difference(grid[k], grid[k+1]))
		d.width = max(d.width, len(steps[k]))
	}
	nodes, weights := make([]float64, d.steps*d.width), make([]float64, d.steps*d.width)
	for k, s := range steps {
		for j, w := range s {
			nodes[k*d.width+j], weights[k*d.width+j] = float64(w.node), w.weight
		}
	}
	d.nodes = b.g.Const(ad.I32, nodes, d.steps, d.width)
	d.weights = b.g.Const(ad.F64, weights, d.steps, d.width)
	return d
}

type weighed struct {
	node   uint64
	weight float64
}

// difference has the nodes of W(t1) − W(t), from the top.
func (b Brownian) difference(t, t1 float64) []weighed {
	at := map[uint64]float64{}
	b.tree.Nodes(t1, func(node uint64, w float64) { at[node] += w })
	b.tree.Nodes(t, func(node uint64, w float64) { at[node] -= w })
	var out []weighed
	for node, w := range at {
		if w != 0 {
			out = append(out, weighed{node, w})
		}
	}
	slices.SortFunc(out, func(a, b weighed) int { return int(a.node) - int(b.node) })
	return out
}

// drawn is a motion on a grid.
type drawn struct {
	b              Brownian
	steps, width   int
	nodes, weights ad.Value // [K, width]
}

func (d drawn) tables(k int) []ad.Value {
	if k != d.steps {
		fail("brownian", "the motion is on a grid of %d steps, the integration of %d", d.steps, k)
	}
	return []ad.Value{d.nodes, d.weights}
}

func (d drawn) increments(at At, shapes [][]int) []ad.Value {
	nodes, weights := at.In[0], at.In[1]
	size := total(shapes)
	var w ad.Value
	for j := range d.width {
		z := ad.Mul(d.b.normal.Normal(ad.At(nodes, 0, j), ad.F64, size), ad.At(weights, 0, j))
		if j == 0 {
			w = z
		} else {
			w = ad.Add(w, z)
		}
	}
	if d.width == 0 {
		w = d.b.g.Const(ad.F64, make([]float64, size), size)
	}
	return cut(w, shapes)
}

func total(shapes [][]int) int {
	n := 0
	for _, s := range shapes {
		n += product(s)
	}
	return n
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// cut divides a vector into values of the given shapes.
func cut(z ad.Value, shapes [][]int) []ad.Value {
	out := make([]ad.Value, len(shapes))
	from := 0
	for i, s := range shapes {
		to := from + product(s)
		out[i] = ad.Reshape(ad.Slice(z, 0, from, to), s...)
		from = to
	}
	return out
}
