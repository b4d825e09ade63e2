package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/seed9a7962a8/ito/rng"
)

// graphLine is a graph of a file.
type graphLine struct {
	N     int         `json:"n"`
	Edges [][2]int    `json:"edges"`
	X     [][]float64 `json:"x,omitempty"`
}

// writeCommunities writes N graphs of 8, 10 or 12 nodes in two halves, .8 of whose pairs have an edge, and .05 of the
// pairs between them. A node's feature is its half, −1 or 1.
func writeCommunities(ts *testscript.TestScript, neg bool, args []string) {
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	key := rng.NewKey(5, rng.PurposeUser, 0, 0)
	var b bytes.Buffer
	for i := range count {
		half := 4 + key.Intn(uint64(i), 0, 3)
		g := graphLine{N: 2 * half, Edges: [][2]int{}}
		u := make([]float64, g.N*g.N)
		key.Uniforms64(u, len(u), []uint64{uint64(i)})
		for v := range g.N {
			if len(args) > 2 {
				g.X = append(g.X, []float64{float64(2*(v/half) - 1)})
			}
			for w := range v {
				p := .05
				if v/half == w/half {
					p = .8
				}
				if u[v*g.N+w] < p {
					g.Edges = append(g.Edges, [2]int{w, v})
				}
			}
		}
		line, err := json.Marshal(g)
		ts.Check(err)
		b.Write(append(line, '\n'))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// graphFigures are the density of edges, the transitivity, and how many graphs there are of each size.
func graphFigures(ts *testscript.TestScript, file string) (density, transitivity float64, sizes map[int]int) {
	text, err := os.ReadFile(ts.MkAbs(file))
	ts.Check(err)
	sizes = map[int]int{}
	edges, pairs, closed, wedges := 0., 0., 0., 0.
	for line := range bytes.Lines(text) {
		var g graphLine
		ts.Check(json.Unmarshal(line, &g))
		sizes[g.N]++
		a := make([]bool, g.N*g.N)
		for _, e := range g.Edges {
			a[e[0]*g.N+e[1]], a[e[1]*g.N+e[0]] = true, true
		}
		edges, pairs = edges+float64(len(g.Edges)), pairs+float64(g.N*(g.N-1)/2)
		for v := range g.N {
			for j := range g.N {
				for k := range j {
					if a[v*g.N+j] && a[v*g.N+k] {
						wedges++
						if a[j*g.N+k] {
							closed++
						}
					}
				}
			}
		}
	}
	return edges / pairs, closed / math.Max(wedges, 1), sizes
}

// graphsLike fails where graphs of a file differ from those of another by more than NEAR in density of edges, or by
// more than TRANSITIVITY in that, or have other sizes.
func graphsLike(ts *testscript.TestScript, neg bool, args []string) {
	near, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	closed, err := strconv.ParseFloat(args[3], 64)
	ts.Check(err)
	d, t, sizes := graphFigures(ts, args[0])
	e, u, known := graphFigures(ts, args[1])
	ts.Logf("density %.3f and %.3f, transitivity %.3f and %.3f, sizes %v and %v", d, e, t, u, sizes, known)
	if math.Abs(d-e) > near || math.Abs(t-u) > closed {
		ts.Fatalf("density %.3f, of the data %.3f; transitivity %.3f, of the data %.3f", d, e, t, u)
	}
	for n := range sizes {
		if known[n] == 0 {
			ts.Fatalf("graphs of %d nodes", n)
		}
	}
	if len(sizes) != len(known) {
		ts.Fatalf("graphs of %d sizes, the data have %d", len(sizes), len(known))
	}
}
