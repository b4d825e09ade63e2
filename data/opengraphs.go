package data

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// MostNodes is the most nodes that a graph may have: a state has their square.
const MostNodes = 1024

// graphLine is a graph as a line of JSON.
type graphLine struct {
	N     int         `json:"n"`
	Edges [][2]int    `json:"edges"`
	X     [][]float64 `json:"x,omitempty"`
}

// OpenGraphs opens undirected graphs, one a line as {"n":3,"edges":[[0,1],[1,2]]}, with node features
// "x":[[…],…] in all of them or in none. What holds no such line at its beginning is nil, without an error. Whatever
// is wrong is an *ito.InputError.
func OpenGraphs(name string) (*Graphs, error) {
	if !strings.HasSuffix(strings.ToLower(name), ".jsonl") {
		return nil, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &ito.InputError{Where: name, What: "there is no such file", Do: "name a file of graphs"}
	}
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	b := bufio.NewReaderSize(f, 1<<16)
	head, err := b.Peek(1 << 12)
	if err != nil && err != io.EOF {
		return nil, unreadable(name, err)
	}
	if line, _, _ := bytes.Cut(bytes.TrimSpace(head), []byte("\n")); !bytes.Contains(line, []byte(`"edges"`)) {
		return nil, nil
	}
	return readGraphs(b, name)
}

func readGraphs(r io.Reader, name string) (*Graphs, error) {
	var graphs []graph
	features := -1
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<26)
	for k := 1; lines.Scan(); k++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		g, err := readGraph(text)
		if err == nil && features >= 0 && len(g.x) != features*g.n {
			err = fmt.Errorf("its nodes have %d features, those of the first graph %d", len(g.x)/g.n, features)
		}
		if err != nil {
			return nil, &ito.InputError{Where: fmt.Sprintf("%s: line %d", name, k), What: err.Error(),
				Do: `give graphs as {"n":3,"edges":[[0,1],[1,2]]}`}
		}
		features = len(g.x) / g.n
		graphs = append(graphs, g)
	}
	if err := lines.Err(); err != nil {
		return nil, unreadable(name, err)
	}
	if len(graphs) == 0 {
		return nil, &ito.InputError{Where: name, What: "there are no graphs", Do: "give one or more"}
	}
	return newGraphs(name, graphs, features), nil
}

func readGraph(text []byte) (graph, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	line := struct {
		N     *int        `json:"n"`
		Edges *[][]int    `json:"edges"`
		X     [][]float64 `json:"x"`
	}{}
	if err := d.Decode(&line); err != nil {
		return graph{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return graph{}, errors.New("something follows the graph")
	}
	if line.N == nil || line.Edges == nil {
		return graph{}, errors.New("it has no n, or no edges")
	}
	g := graph{n: *line.N}
	if g.n < 1 || g.n > MostNodes {
		return g, fmt.Errorf("n is %d, and a graph has 1 to %d nodes", g.n, MostNodes)
	}
	seen := map[[2]int]bool{}
	for _, e := range *line.Edges {
		if len(e) != 2 || e[0] < 0 || e[1] < 0 || e[0] >= g.n || e[1] >= g.n || e[0] == e[1] {
			return g, fmt.Errorf("%v is no edge between two of %d nodes", e, g.n)
		}
		edge := [2]int{min(e[0], e[1]), max(e[0], e[1])}
		if !seen[edge] {
			g.edges = append(g.edges, edge)
		}
		seen[edge] = true
	}
	if line.X == nil {
		return g, nil
	}
	if len(line.X) != g.n {
		return g, fmt.Errorf("x has %d rows for %d nodes", len(line.X), g.n)
	}
	for i, row := range line.X {
		if len(row) != len(line.X[0]) || len(row) == 0 {
			return g, fmt.Errorf("node %d has %d features, node 0 %d", i, len(row), len(line.X[0]))
		}
		for _, v := range row {
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return g, fmt.Errorf("a feature of node %d is %v", i, v)
			}
		}
		g.x = append(g.x, row...)
	}
	return g, nil
}

// JSONLines is the format of graphs, a line each, as [OpenGraphs] reads them. A row is the number of nodes and a state
// of Space behind it; two nodes have an edge where their entry is above ½.
type JSONLines struct{ Space ito.Space }

// Begin implements Format: there is no header.
func (JSONLines) Begin(io.Writer) error { return nil }

// Rows implements Format.
func (f JSONLines) Rows(w io.Writer, x ito.States) error {
	if x.D != f.Space.Dim()+1 {
		return fmt.Errorf("jsonl: rows of %d numbers for graphs of %d", x.D, f.Space.Dim())
	}
	for r := range x.N {
		row := x.Row(r)
		n := int(row[0])
		line := graphLine{N: n, Edges: [][2]int{}}
		row = row[1:]
		for _, p := range f.Space.Parts {
			places := p.Shape[0]
			if n < 1 || n > places {
				return fmt.Errorf("jsonl: a graph of %d nodes on %d places", n, places)
			}
			k := p.Size() / places
			for i := range n {
				if p.Nodes == 1 {
					line.X = append(line.X, row[i*k:(i+1)*k])
					continue
				}
				for j := range i {
					if row[i*places+j] > .5 {
						line.Edges = append(line.Edges, [2]int{j, i})
					}
				}
			}
			row = row[p.Size():]
		}
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}
