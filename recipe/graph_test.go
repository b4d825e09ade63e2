package recipe

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
)

func init() {
	nn.Register("Two layers over the nodes of a graph, for tests.", func() nn.Network { return graphLayers{} })
}

// graphLayers reads node features [n,f] and a symmetric matrix [n,n], and writes the same for the nodes in any order.
type graphLayers struct{}

func (graphLayers) Kind() string                 { return "graph-layers" }
func (graphLayers) Resolve() (nn.Network, error) { return graphLayers{}, nil }

func (graphLayers) Trace(s *nn.Scope, in nn.Inputs) []ad.Value {
	const width = 6
	x, a := in.X[0], in.X[1]
	n := x.Shape()[0]
	t := ad.BroadcastTo(s.Linear("time", in.Time, width), n, width)
	h := ad.Tanh(ad.Add(t, ad.Add(s.Linear("own", x, width), s.Linear("others", ad.MatMul(a, x), width))))
	own := ad.Reshape(h, n, 1, width)
	pairs := ad.Mul(ad.BroadcastTo(own, n, n, width), ad.BroadcastTo(ad.Reshape(h, 1, n, width), n, n, width))
	pairs = ad.Concat(2, pairs, ad.Reshape(a, n, n, 1))
	return []ad.Value{s.Linear("nodes", h, x.Shape()[1]), ad.Reshape(s.Linear("pairs", pairs, 1), n, n)}
}

// A small graph: n nodes with one feature and a weight between any two.
const graphNodes = 3

var graphSpace = ito.Space{Parts: []ito.Part{
	{Name: "x", Shape: []int{graphNodes, 1}, Nodes: 1},
	{Name: "a", Shape: []int{graphNodes, graphNodes}, Nodes: 2, Symmetric: true, Hollow: true},
}}

// graphLaw is a Gaussian law of (X, A) that no order of the nodes changes: with z, u_i and w_ij independent
// standard normals,
//
//	x_i = 1 + .5z + .8u_i,   a_ij = .4 + .3z + .4(u_i + u_j) + .6w_ij,   a_ii = 0.
func graphLaw() ito.Gaussian {
	n, d := graphNodes, graphNodes+graphNodes*graphNodes
	k := 1 + n + n*(n-1)/2
	load := make([]float64, d*k) // of z, u, w
	g := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d*d)}
	w := 1 + n
	for i := range n {
		g.Mean[i] = 1
		load[i*k], load[i*k+1+i] = .5, .8
		for j := range i {
			for _, at := range []int{n + i*n + j, n + j*n + i} {
				g.Mean[at] = .4
				load[at*k], load[at*k+1+i], load[at*k+1+j], load[at*k+w] = .3, .4, .4, .6
			}
			w++
		}
	}
	for i := range d {
		for j := range d {
			g.Cov[i*d+j] = matrix.Dot(load[i*k:(i+1)*k], load[j*k:(j+1)*k])
		}
	}
	return g
}

// permuted writes the graphs of x with node π(i) in place i.
func permuted(x ito.States, π []int) ito.States {
	out, n := x.Like(x.D), graphNodes
	for r := range x.N {
		to, from := out.Row(r), x.Row(r)
		for i := range n {
			to[i] = from[π[i]]
			for j := range n {
				to[n+i*n+j] = from[n+π[i]*n+π[j]]
			}
		}
	}
	return out
}

// permutedNoise is noise whose nodes are in another order.
type permutedNoise struct {
	ito.Noise
	π []int
}

func (p permutedNoise) Normal(dst ito.States, purpose rng.Purpose, step, sub uint32) {
	x := dst.Like(dst.D)
	p.Noise.Normal(x, purpose, step, sub)
	copy(dst.X, permuted(x, p.π).X)
}

// sampleGraphs runs a field from the prior of its path with the noise in the space.
func sampleGraphs(t *testing.T, p ito.Path, f ito.Field, n int, noise ito.Noise, solver ito.Solver,
	steps int) ito.States {
	t.Helper()
	m := &ito.Model{Path: p, Field: f, Space: graphSpace}
	lo, hi := p.Span()
	g, err := solve.Uniform(p, hi, lo, steps)
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(n, graphSpace.Dim(), 0)
	s := &sampler{m: m, path: p, field: f, grid: g, solver: solver, d: x.D}
	if err := p.Prior(x, ito.Cond{}, graphSpace.Noise(noise, x.ID, ito.Cond{})); err != nil {
		t.Fatal(err)
	}
	if _, err := s.run(context.Background(), x, solve.RunOptions{Noise: noise}); err != nil {
		t.Fatal(err)
	}
	return x
}

// checkGraphs reports a graph that is not symmetric and hollow, exactly.
func checkGraphs(t *testing.T, x ito.States) {
	t.Helper()
	n := graphNodes
	for r := range x.N {
		a := x.Row(r)[n:]
		for i := range n {
			for j := range n {
				if a[i*n+j] != a[j*n+i] || i == j && a[i*n+j] != 0 {
					t.Fatalf("graph %d: entry %d,%d is %v, its transpose %v", r, i, j, a[i*n+j], a[j*n+i])
				}
			}
		}
	}
}

// The exact score of Gaussian graphs makes graphs of the same mean and covariance that are symmetric and hollow, by
// a flow and by an SDE. Of the 12+78 comparisons each is within 5 standard errors: a false alarm has probability
// below 6e-5 a solver, beside the solvers' own error, which is below one standard error here.
func TestGraphExact(t *testing.T) {
	law := graphLaw()
	p, err := path.New("vp", path.Settings{D: graphSpace.Dim(), BetaMin: .1, BetaMax: 20, Power: 1})
	if err != nil {
		t.Fatal(err)
	}
	f, err := field.NewGaussian(p, law)
	if err != nil {
		t.Fatal(err)
	}
	const n = 4000
	for _, name := range []string{"heun", "em"} {
		solver, err := solve.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		steps := 100
		if name == "em" {
			steps = 800
		}
		x := sampleGraphs(t, p, f, n, ito.Seed(3), solver, steps)
		checkGraphs(t, x)
		d := x.D
		mean := make([]float64, d)
		for i := range n {
			for k, v := range x.Row(i) {
				mean[k] += v / n
			}
		}
		for a := range d {
			if off := math.Abs(mean[a] - law.Mean[a]); off > 5*math.Sqrt(law.Cov[a*d+a]/n)+1e-12 {
				t.Errorf("%s: mean %d is %.4f, not %.4f", name, a, mean[a], law.Mean[a])
			}
			for b := range a + 1 {
				c := 0.0
				for i := range n {
					c += (x.Row(i)[a] - law.Mean[a]) * (x.Row(i)[b] - law.Mean[b]) / n
				}
				want := law.Cov[a*d+b]
				se := math.Sqrt((law.Cov[a*d+a]*law.Cov[b*d+b] + want*want) / n)
				if math.Abs(c-want) > 5*se+1e-12 {
					t.Errorf("%s: covariance %d,%d is %.4f, not %.4f ± %.4f", name, a, b, c, want, se)
				}
			}
		}
	}
	// The same nodes in another order are the same graphs in that order.
	solver, _ := solve.ByName("em")
	π := []int{2, 0, 1}
	want := permuted(sampleGraphs(t, p, f, 8, ito.Seed(5), solver, 20), π)
	got := sampleGraphs(t, p, f, 8, permutedNoise{ito.Seed(5), π}, solver, 20)
	nearGraphs(t, got, want, 1e-9)
}

func nearGraphs(t *testing.T, got, want ito.States, tolerance float64) {
	t.Helper()
	worst := 0.0
	for i := range want.X {
		worst = max(worst, math.Abs(got.X[i]-want.X[i]))
	}
	if !(worst <= tolerance) {
		t.Errorf("off by %g", worst)
	}
}

// graphSet are graphs of the law.
func graphSet(t *testing.T, n int) Set {
	law := graphLaw()
	root, ok := matrix.Root(law.Cov, len(law.Mean))
	if !ok {
		t.Fatal("no root")
	}
	x := ito.NewStates(n, len(law.Mean), 0)
	(&GaussianPrior{law.Mean, root}).Draw(x, ito.Seed(9))
	if err := graphSpace.Project(x, ito.Cond{}); err != nil { // what rounding leaves
		t.Fatal(err)
	}
	return Set{Source: learn.Data{X: x, In: graphSpace}, Name: "graphs"}
}

// A network that no order of the nodes changes is trained, interrupted, resumed to the same bytes, stored and
// loaded. Its samples are graphs, the same whatever the batch, and permuted noise makes permuted samples, within
// float32.
func TestGraphTrained(t *testing.T) {
	set := graphSet(t, 200)
	c := DefaultTrain()
	c.Path, c.Network, c.Steps, c.Batch, c.LR = "vp", "graph-layers", 50, 16, .01
	dir := t.TempDir()
	train := func(ctx context.Context, run RunOptions) (*ito.Model, error) {
		m, _, err := FitSource(ctx, set, c, run)
		return m, err
	}
	whole, err := train(context.Background(), RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	place := store.CheckpointFile(filepath.Join(dir, "c"))
	_, err = train(ctx, RunOptions{Checkpoint: place, Every: time.Nanosecond, Progress: func(e learn.TrainEvent) {
		if e.Step >= 20 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || !place.There() {
		t.Fatalf("not interrupted: %v", err)
	}
	m, err := train(context.Background(), RunOptions{Checkpoint: place, Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := m.Field.(*field.Net).Weights.Params, whole.Field.(*field.Net).Weights.Params; !bytes.Equal(
		store.NewF32("p", a, len(a)).Data, store.NewF32("p", b, len(b)).Data) {
		t.Error("resumed, a training ends with other weights")
	}
	file := filepath.Join(dir, "m.safetensors")
	if err := store.SaveModel(file, m); err != nil {
		t.Fatal(err)
	}
	if m, err = store.LoadModel(file); err != nil {
		t.Fatal(err)
	}
	if m.Space.String() != graphSpace.String() {
		t.Fatalf("the space came back as %s", m.Space)
	}
	draw := func(n, chunk int) ito.States {
		s := DefaultSample()
		s.N, s.NFE, s.Solver, s.Chunk = n, 8, "em", chunk
		out := ito.NewStates(0, graphSpace.Dim(), 0)
		if _, err := Sample(context.Background(), m, s, RunOptions{Workers: 2}, func(x ito.States) error {
			out.N, out.X, out.ID = out.N+x.N, append(out.X, x.X...), append(out.ID, x.ID...)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	x := draw(12, 0)
	checkGraphs(t, x)
	nearGraphs(t, draw(12, 1), x, 0)
	nearGraphs(t, draw(5, 3), x.Slice(0, 5), 0)

	π := []int{1, 2, 0}
	solver, err := solve.ByName("em")
	if err != nil {
		t.Fatal(err)
	}
	want := permuted(sampleGraphs(t, m.Path, m.Field, 8, ito.Seed(5), solver, 20), π)
	nearGraphs(t, sampleGraphs(t, m.Path, m.Field, 8, permutedNoise{ito.Seed(5), π}, solver, 20), want, 1e-3)
	asIs := sampleGraphs(t, m.Path, m.Field, 8, ito.Seed(5), solver, 20)
	moved := false
	for i := range want.X {
		moved = moved || math.Abs(asIs.X[i]-want.X[i]) > .1
	}
	if !moved {
		t.Error("the order of the nodes is not seen in the samples at all")
	}
}
