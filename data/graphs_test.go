package data

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func graphFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "g.jsonl")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

const someGraphs = `{"n":3,"edges":[[0,1],[2,1],[1,0]],"x":[[1,2],[3,4],[5,6]]}

{"n":2,"edges":[],"x":[[0,0],[0,1]]}
{"n":5,"edges":[[4,0]],"x":[[1,1],[1,1],[1,1],[1,1],[7,1]]}
`

// Graphs are laid on the places of their size, with a mask; every bucket has its own, and together they have all.
func TestGraphs(t *testing.T) {
	g, err := OpenGraphs(graphFile(t, someGraphs))
	if err != nil {
		t.Fatal(err)
	}
	if s := g.Space(); g.Len() != 3 || g.Features != 2 || s.String() !=
		"x[5,2] of nodes; a[5,5] of pairs of nodes, symmetric, hollow; mask of 5 nodes" || s.Check() != nil {
		t.Fatalf("%d graphs of %s", g.Len(), s)
	}
	x, mask := ito.NewStates(3, 35, 0), make([]float64, 15)
	if err := g.Read(x, mask, 0); err != nil {
		t.Fatal(err)
	}
	want := make([]float64, 35)
	copy(want, []float64{1, 2, 3, 4, 5, 6})
	want[10+1], want[10+5], want[10+5+2], want[10+10+1] = 1, 1, 1, 1
	if !slices.Equal(x.Row(0), want) || !slices.Equal(mask, []float64{1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1}) {
		t.Errorf("%v with masks %v", x.Row(0), mask)
	}
	y := x.Clone()
	if err := g.Space().Project(y, ito.Cond{C: 5, X: mask}); err != nil || !slices.Equal(x.X, y.X) {
		t.Errorf("the graphs are not legal: %v", err)
	}
	total := 0
	for k, b := range g.Buckets() {
		total += b.Len()
		n := g.Nodes.Places[k]
		if b.CondWidth() != n || b.Space().Dim() != 2*n+n*n || b.Space().Check() != nil {
			t.Errorf("bucket %d: %s", k, b.Space())
		}
		all, alone := ito.NewStates(9, b.Space().Dim(), 0), ito.NewStates(1, b.Space().Dim(), 7)
		c, one := make([]float64, 9*n), make([]float64, n)
		if err := errors.Join(b.Fill(all, c, 1, 2), b.Fill(alone, one, 1, 2)); err != nil || !slices.Equal(alone.X,
			all.Row(7)) || !slices.Equal(one, c[7*n:8*n]) {
			t.Errorf("bucket %d: a row depends on its batch, %v", k, err)
		}
		m, err := b.(interface{ Moments() (ito.Gaussian, error) }).Moments()
		if err != nil || math.Abs(m.Mean[0]-2) > 1e-12 || m.Mean[2*n] != 0 || math.Abs(m.Mean[2*n+1]-3./14) > 1e-12 {
			t.Errorf("bucket %d: moments %v, %v", k, m.Mean, err)
		}
	}
	if total != 3 {
		t.Errorf("the buckets have %d graphs", total)
	}
	rows := ito.NewStates(3, 36, 0)
	for i := range 3 {
		copy(rows.Row(i)[1:], x.Row(i))
		for _, m := range mask[5*i : 5*i+5] {
			rows.Row(i)[0] += m
		}
	}
	var b bytes.Buffer
	if err := (JSONLines{g.Space()}).Rows(&b, rows); err != nil {
		t.Fatal(err)
	}
	again, err := OpenGraphs(graphFile(t, b.String()))
	if err != nil || again.Digest() != g.Digest() {
		t.Errorf("%s comes back as other graphs: %v", b.String(), err)
	}
	if other, _ := OpenGraphs(graphFile(t, strings.Replace(someGraphs, "[4,0]", "[4,1]", 1))); other.Digest() == g.Digest() {
		t.Error("other graphs have the same digest")
	}
}

// Sizes are those of about as many graphs each, and a sample's is a function of its address.
func TestNodeLaw(t *testing.T) {
	var nodes []int
	for n := 4; n <= 20; n++ {
		for range n {
			nodes = append(nodes, n)
		}
	}
	l := ito.NewNodeLaw(nodes)
	if err := l.Check(20); err != nil || !slices.Equal(l.Places, []int{11, 15, 18, 20}) {
		t.Fatalf("places %v, %v", l.Places, err)
	}
	count := map[int]float64{}
	const draws = 20000
	for id := range uint64(draws) {
		count[l.Of(3, id)]++
	}
	for i, n := range l.N { // 17 numbers within 5 standard deviations: a false alarm of 1e-5
		p := float64(l.Count[i]) / float64(len(nodes))
		if off := math.Abs(count[n]/draws - p); off > 5*math.Sqrt(p*(1-p)/draws) {
			t.Errorf("%d nodes in %g of the samples, in %g of the graphs", n, count[n]/draws, p)
		}
		if k := l.Place(n); l.Places[k] < n || k > 0 && l.Places[k-1] >= n {
			t.Errorf("%d nodes on %d places", n, l.Places[k])
		}
	}
	for _, bad := range []ito.NodeLaw{{}, {N: []int{3}, Count: []int{0}, Places: []int{3}}, {N: []int{3, 2},
		Count: []int{1, 1}, Places: []int{3}}, {N: []int{3}, Count: []int{1}, Places: []int{4}}, {N: []int{3},
		Count: []int{1}}} {
		if err := bad.Check(3); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v passes", bad)
		}
	}
	for _, nodes := range [][]int{{5}, {1, 9}, {2, 2, 2}} {
		if l := ito.NewNodeLaw(nodes); l.Check(slices.Max(nodes)) != nil {
			t.Errorf("%v: %+v", nodes, l)
		}
	}
}

func TestGraphFaults(t *testing.T) {
	for _, text := range []string{`{"edges":[]}`, `{"n":0,"edges":[]}`, `{"n":2,"edges":[[0,2]]}`,
		`{"n":2,"edges":[[0,0]]}`, `{"n":2,"edges":[[0]]}`, `{"n":2,"edges":[[0,1.5]]}`, `{"n":2,"edges":[],"x":[[1]]}`,
		`{"n":2,"edges":[],"x":[[1],[1,2]]}`, `{"n":2,"edges":[],"label":3}`, `{"n":2,"edges":[]} 3`, `{"n":2,"edges":[]`,
		`{"n":2000,"edges":[]}`, "{\"n\":1,\"edges\":[]}\n{\"n\":1,\"edges\":[],\"x\":[[1]]}"} {
		if g, err := OpenGraphs(graphFile(t, text)); g != nil || !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if g, err := OpenGraphs(graphFile(t, `{"a":1,"b":2}`)); g != nil || err != nil {
		t.Errorf("a table of lines of JSON: %v, %v", g, err)
	}
}
