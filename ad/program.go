package ad

import (
	"fmt"
	"sync"
)

// Program is a compiled trace. It is safe for concurrent use.
type Program struct {
	ins, outs []port
	levels    []pass
	arena     int // bytes of a worker's arena
	shared    int // bytes of the shared values of a run
	lane      int // bytes of a lane
	loops     int // that were bound
	keeps     []*node
	consts    []uint64
	rows      int     // largest block
	columns   bool    // values are kept by columns
	cost      float64 // estimated nanoseconds a row

	operations float64 // of a row

	constAt   map[*node]int
	constTop  int
	constants []*node
	lanes     []laneValue
	laneAt    map[*node]int

	mu   sync.Mutex
	idle []*execution
}

// port is an input or output of a program.
type port struct {
	name   string
	dtype  DType
	shape  []int
	shared bool
}

func (p port) String() string {
	if p.shared {
		return fmt.Sprintf("%s: shared %s%s", p.name, p.dtype, shapeString(p.shape))
	}
	return fmt.Sprintf("%s: per-sample %s%s", p.name, p.dtype, shapeString(p.shape))
}

// pass is what runs between two sums over the batch.
type pass struct {
	packs  []func(*frame) // shared matrices into panels, once, in any order
	before []func(*frame) // other shared values, once
	block  []func(*frame) // per-sample values, for every block of rows
	lanes  []reduction    // sums that end with this pass
}

// reduction adds the lanes of one stretch of a value in order.
type reduction struct {
	kind  laneKind
	dtype DType
	off   int // bytes from the start of a lane
	dst   ref
	from  int // elements
	n     int
}

// stretch is the largest number of elements that one worker adds up at a time.
const stretch = 32 << 10

// Compile traces f and compiles its outputs. Mistakes in f are returned as *Error.
func Compile(f func(g *Graph)) (*Program, error) {
	var p *Program
	err := Try(func() {
		g := newGraph(nil)
		f(g)
		p = compile(g, false)
	})
	return p, err
}

// Trace traces a program without compiling it, and returns the *Error of the first operation that was refused: for
// whoever asks what a trace declares, or whether its shapes fit.
func Trace(f func(g *Graph)) error {
	return Try(func() { f(newGraph(nil)) })
}

func compile(g *Graph, columns bool) *Program {
	p := &Program{constAt: map[*node]int{}, laneAt: map[*node]int{}}
	for _, n := range g.ins {
		p.ins = append(p.ins, port{n.name, n.dtype, n.shape, n.shared})
	}
	for _, o := range g.outs {
		p.outs = append(p.outs, port{o.name, o.n.dtype, o.n.shape, o.n.shared})
	}
	p.operations = operations(g)
	c := newPlanner(p, g, nil, func(int) bool { return true })
	c.columns = columns && c.inColumns()
	c.lower()
	for _, o := range g.outs {
		c.use(o.n)
	}
	l := &layout{p: p, c: c, g: g, home: map[*node]ref{}}
	l.placeUser()
	l.placeShared()
	l.fill()
	return p
}

func (p *Program) placeConstant(n *node) {
	if _, ok := p.constAt[n]; ok {
		return
	}
	p.constAt[n] = p.constTop
	p.constTop += align(max(n.rowBytes(), 1))
	p.constants = append(p.constants, n)
}

func (p *Program) constRef(n *node) (ref, bool) {
	off, ok := p.constAt[n]
	return ref{base: baseConst, off: off, size: n.size()}, ok
}

func (p *Program) addLane(n *node, kind laneKind) int {
	off := p.lane
	p.lane += align(max(n.rowBytes(), 1))
	p.lanes = append(p.lanes, laneValue{n, kind, off})
	return off
}
