package boost

import (
	"math"
	"slices"
	"sync"
)

// tree is a binary tree. A child c ≥ 0 is a node, otherwise the leaf −1−c.
type tree struct {
	nodes []node
	value []float64 // of the leaves, times the rate
}

type node struct {
	column      int
	left, right int32
	threshold   float64 // numbers: v ≤ threshold goes left
	missing     bool    // where missing values go: left
	cats        bool
	levels      []int32 // categories that go left, in order
}

// at is the value of row i.
func (t *tree) at(columns []Column, i int) float64 {
	k := int32(0)
	if len(t.nodes) == 0 {
		return t.value[0]
	}
	for k >= 0 {
		n := &t.nodes[k]
		left := n.missing
		v, c := columns[n.column].X[i], &columns[n.column]
		switch {
		case n.cats:
			if l, ok := level(v, c.Levels); ok {
				_, left = slices.BinarySearch(n.levels, l)
			}
		case v == v:
			left = v <= n.threshold
		}
		if k = n.right; left {
			k = n.left
		}
	}
	return t.value[-1-k]
}

// grower grows trees on the same rows.
type grower struct {
	cfg     Config
	columns []binned
	offset  []int   // of a column's histogram
	order   []int32 // all rows, those of a leaf together
	spare   []int32
	free    [][]cell
	rowsOf  [][]int32 // rows of each leaf of the last tree
}

func newGrower(cfg Config, columns []Column, n int) *grower {
	g := &grower{cfg: cfg, columns: make([]binned, len(columns)), offset: make([]int, len(columns)+1),
		order: make([]int32, n), spare: make([]int32, n)}
	g.each(len(columns), func(j int) { g.columns[j] = bin(columns[j]) })
	for j := range columns {
		g.offset[j+1] = g.offset[j] + g.columns[j].bins
	}
	return g
}

// each calls f for 0 … n−1 on the workers.
func (g *grower) each(n int, f func(j int)) {
	workers := min(g.cfg.Workers, n)
	if workers < 2 {
		for j := range n {
			f(j)
		}
		return
	}
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for j := w; j < n; j += workers {
				f(j)
			}
		})
	}
	wait.Wait()
}

// leaf is one that may still be split.
type leaf struct {
	rows   []int32
	hist   []cell
	sum    cell
	best   split
	parent int32 // node, −1 at the root
	right  bool
}

// grow makes the tree of these derivatives. The rows of its leaves are in g.rowsOf.
func (g *grower) grow(grad, hess []float64) tree {
	for i := range g.order {
		g.order[i] = int32(i)
	}
	root := leaf{rows: g.order, parent: -1}
	for i := range grad {
		root.sum.add(cell{grad[i], hess[i], 1})
	}
	leaves := []leaf{root}
	g.look(&leaves[0], grad, hess, nil)
	var t tree
	for len(leaves) < g.cfg.Leaves {
		at := 0
		for i := range leaves {
			if leaves[i].best.gain > leaves[at].best.gain {
				at = i
			}
		}
		if !(leaves[at].best.gain > 0) {
			break
		}
		l := leaves[at]
		id := int32(len(t.nodes))
		t.nodes = append(t.nodes, g.node(&l.best))
		if l.parent >= 0 {
			if p := &t.nodes[l.parent]; l.right {
				p.right = id
			} else {
				p.left = id
			}
		}
		a, b := g.divide(l, grad, hess)
		a.parent, b.parent, b.right = id, id, true
		small, large := &a, &b
		if len(a.rows) > len(b.rows) {
			small, large = large, small
		}
		g.look(small, grad, hess, nil)
		g.look(large, grad, hess, func() {
			large.hist = l.hist
			for i := range large.hist {
				large.hist[i] = large.hist[i].less(small.hist[i])
			}
		})
		leaves[at] = a
		leaves = append(leaves, b)
	}
	g.rowsOf = g.rowsOf[:0]
	for i, l := range leaves {
		t.value = append(t.value, -g.cfg.Rate*l.sum.g/(l.sum.h+g.cfg.Ridge))
		if !(l.sum.h+g.cfg.Ridge > 0) {
			t.value[i] = 0
		}
		if l.parent >= 0 {
			if p := &t.nodes[l.parent]; l.right {
				p.right = int32(-1 - i)
			} else {
				p.left = int32(-1 - i)
			}
		}
		g.rowsOf = append(g.rowsOf, l.rows)
		if l.hist != nil {
			g.free = append(g.free, l.hist)
		}
	}
	return t
}

// look makes a leaf's histogram, by other means where there are, and finds its best split.
func (g *grower) look(l *leaf, grad, hess []float64, other func()) {
	if other != nil {
		other()
	} else {
		g.count(l, grad, hess)
	}
	best := make([]split, len(g.columns))
	g.each(len(best), func(j int) {
		best[j] = g.cfg.best(&g.columns[j], l.hist[g.offset[j]:g.offset[j+1]], l.sum, j)
	})
	for _, s := range best {
		if s.gain > l.best.gain {
			l.best = s
		}
	}
}

func (g *grower) count(l *leaf, grad, hess []float64) {
	if k := len(g.free); k > 0 {
		l.hist, g.free = g.free[k-1], g.free[:k-1]
		clear(l.hist)
	} else {
		l.hist = make([]cell, g.offset[len(g.columns)])
	}
	g.each(len(g.columns), func(j int) {
		hist, bins := l.hist[g.offset[j]:g.offset[j+1]], g.columns[j].bin
		for _, i := range l.rows {
			c := &hist[bins[i]]
			c.g += grad[i]
			c.h += hess[i]
			c.n++
		}
	})
}

// divide cuts a leaf by its best split. Rows keep their order.
func (g *grower) divide(l leaf, grad, hess []float64) (a, b leaf) {
	col, left, right := &g.columns[l.best.column], 0, 0
	for _, i := range l.rows {
		if l.best.goesLeft(col, col.bin[i]) {
			l.rows[left] = i
			left++
			a.sum.add(cell{grad[i], hess[i], 1})
		} else {
			g.spare[right] = i
			right++
			b.sum.add(cell{grad[i], hess[i], 1})
		}
	}
	copy(l.rows[left:], g.spare[:right])
	a.rows, b.rows = l.rows[:left], l.rows[left:]
	return a, b
}

// node is a split in the column's own values.
func (g *grower) node(s *split) node {
	b := &g.columns[s.column]
	n := node{column: s.column, missing: s.missing, cats: b.cats}
	if b.cats {
		n.missing = s.has(b.lost())
		for i, l := range b.levels {
			if s.has(uint8(i)) {
				n.levels = append(n.levels, l)
			}
		}
		slices.Sort(n.levels)
		return n
	}
	n.threshold = math.Inf(1) // all numbers, where what is missing goes right
	if s.bin < len(b.bounds) {
		n.threshold = b.bounds[s.bin]
	}
	return n
}
