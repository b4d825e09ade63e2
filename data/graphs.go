package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Graphs is a Source of undirected graphs of different sizes: a part "x" [n,f] of node features, where there are some,
// and a part "a" [n,n], 1 where two nodes have an edge and 0 where not, with a mask. Graphs are padded to the places of
// Nodes, and a step of training has graphs of one of these sizes, each as often as it has graphs. See [OpenGraphs].
type Graphs struct {
	Name     string
	Features int // of a node; 0: none
	Nodes    ito.NodeLaw

	graphs  []graph
	buckets [][]int // indices of the graphs of each size
	moments [2]ito.Gaussian
	digest  string
}

// graph is one graph.
type graph struct {
	n     int
	edges [][2]int
	x     []float64 // [n,f]
}

func newGraphs(name string, graphs []graph, features int) *Graphs {
	g := &Graphs{Name: name, Features: features, graphs: graphs}
	var nodes []int
	h := sha256.New()
	fmt.Fprintf(h, "graphs %d %d\n", len(graphs), features)
	for _, a := range graphs {
		nodes = append(nodes, a.n)
		b := binary.LittleEndian.AppendUint64(nil, uint64(a.n))
		row := make([]float64, a.n*features+a.n*a.n)
		g.write(row, a, a.n)
		for _, v := range row {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
	}
	g.Nodes, g.digest = ito.NewNodeLaw(nodes), hex.EncodeToString(h.Sum(nil))
	g.buckets = make([][]int, len(g.Nodes.Places))
	for i, a := range graphs {
		k := g.Nodes.Place(a.n)
		g.buckets[k] = append(g.buckets[k], i)
	}
	g.measure()
	return g
}

// measure finds the mean and variance of every feature and of the edges, over nodes and pairs that are there.
func (g *Graphs) measure() {
	mean, square := make([]float64, g.Features+1), make([]float64, g.Features+1)
	nodes, pairs := 0.0, 0.0
	for _, a := range g.graphs {
		nodes += float64(a.n)
		pairs += float64(a.n) * float64(a.n-1) / 2
		mean[g.Features] += float64(len(a.edges))
		for i, v := range a.x {
			mean[i%g.Features] += v
		}
	}
	for k := range g.Features {
		mean[k] /= nodes
	}
	for _, a := range g.graphs {
		for i, v := range a.x {
			δ := v - mean[i%g.Features]
			square[i%g.Features] += float64(δ*δ) / nodes
		}
	}
	if pairs > 0 {
		mean[g.Features] /= pairs
	}
	p := mean[g.Features]
	square[g.Features] = p * (1 - p)
	g.moments[0] = ito.Gaussian{Mean: mean[:g.Features], Cov: square[:g.Features]}
	g.moments[1] = ito.Gaussian{Mean: mean[g.Features:], Cov: square[g.Features:]}
}

// write puts a graph on n places, the last of them empty.
func (g *Graphs) write(row []float64, a graph, n int) {
	clear(row)
	copy(row, a.x)
	for _, e := range a.edges {
		row[n*g.Features+e[0]*n+e[1]], row[n*g.Features+e[1]*n+e[0]] = 1, 1
	}
}

// Len implements ito.Source.
func (g *Graphs) Len() int { return len(g.graphs) }

// Space implements ito.Source: that of the largest graphs.
func (g *Graphs) Space() ito.Space {
	n := g.Nodes.Places[len(g.Nodes.Places)-1]
	var s ito.Space
	if g.Features > 0 {
		s.Parts = []ito.Part{{Name: "x", Shape: []int{n, g.Features}, Nodes: 1}}
	}
	s.Parts = append(s.Parts, ito.Part{Name: "a", Shape: []int{n, n}, Nodes: 2, Symmetric: true, Hollow: true})
	s.Mask = &ito.NodeMask{N: n}
	return s
}

// CondWidth implements ito.Source: the mask.
func (g *Graphs) CondWidth() int { return g.Nodes.Places[len(g.Nodes.Places)-1] }

// Digest implements ito.Source: the sha256 of the graphs.
func (g *Graphs) Digest() string { return g.digest }

// Read implements ito.Source.
func (g *Graphs) Read(dst ito.States, cond []float64, from int) error {
	return g.largest().Read(dst, cond, from)
}

// Fill implements ito.Source.
func (g *Graphs) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	return g.largest().Fill(dst, cond, seed, step)
}

// Moments are those that a network is scaled by, of columns: the same for every node, for every pair and for graphs of
// every size.
func (g *Graphs) Moments() (ito.Gaussian, error) { return g.largest().Moments() }

// largest are all graphs on the most places.
func (g *Graphs) largest() graphsOf {
	all := make([]int, len(g.graphs))
	for i := range all {
		all[i] = i
	}
	return graphsOf{g, g.Nodes.Places[len(g.Nodes.Places)-1], all}
}

// Buckets implements ito.Bucketed.
func (g *Graphs) Buckets() []ito.Source {
	out := make([]ito.Source, len(g.buckets))
	for k, graphs := range g.buckets {
		out[k] = graphsOf{g, g.Nodes.Places[k], graphs}
	}
	return out
}

// bucketSub is the word under rng.PurposeData that chooses the size of a step.
const bucketSub = 5

// Bucket implements ito.Bucketed.
func (g *Graphs) Bucket(seed uint64, step uint32) int {
	u := rng.NewKey(seed, rng.PurposeData, step, bucketSub).Intn(0, 0, len(g.graphs))
	for k, graphs := range g.buckets {
		if u < len(graphs) {
			return k
		}
		u -= len(graphs)
	}
	return len(g.buckets) - 1
}

// graphsOf are some of the graphs, on n places.
type graphsOf struct {
	all   *Graphs
	n     int
	index []int
}

func (g graphsOf) Len() int         { return len(g.index) }
func (g graphsOf) Space() ito.Space { return g.all.Space().Sized(g.n) }
func (g graphsOf) CondWidth() int   { return g.n }
func (g graphsOf) Digest() string   { return g.all.digest }

func (g graphsOf) Read(dst ito.States, cond []float64, from int) error {
	if dst.D != g.Space().Dim() || from < 0 || from+dst.N > len(g.index) {
		return &ito.InputError{Where: g.all.Name, What: fmt.Sprintf("graphs %d to %d of dimension %d were asked for, "+
			"there are %d of dimension %d", from, from+dst.N, dst.D, len(g.index), g.Space().Dim())}
	}
	for i := range dst.N {
		g.one(dst.Row(i), cond[i*g.n:(i+1)*g.n], g.index[from+i])
	}
	return nil
}

func (g graphsOf) one(row, mask []float64, k int) {
	a := g.all.graphs[k]
	g.all.write(row, a, g.n)
	for i := range mask {
		mask[i] = 0
		if i < a.n {
			mask[i] = 1
		}
	}
}

func (g graphsOf) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	key := rng.NewKey(seed, rng.PurposeData, step, 0)
	for i, id := range dst.ID {
		g.one(dst.Row(i), cond[i*g.n:(i+1)*g.n], g.index[key.Intn(id, 0, len(g.index))])
	}
	return nil
}

func (g graphsOf) Moments() (ito.Gaussian, error) {
	d, f := g.Space().Dim(), g.all.Features
	out := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d)}
	x, a := g.all.moments[0], g.all.moments[1]
	for i := range g.n * f {
		out.Mean[i], out.Cov[i] = x.Mean[i%f], x.Cov[i%f]
	}
	for i := range g.n {
		for j := range g.n {
			if i != j {
				k := g.n*f + i*g.n + j
				out.Mean[k], out.Cov[k] = a.Mean[0], a.Cov[0]
			}
		}
	}
	return out, nil
}
