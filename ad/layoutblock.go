package ad

// cacheBytes is the part of a core's second-level cache that a block may fill.
const cacheBytes = 2048 << 10

// stackBytes is what a block may fill where most of it is stacks of loops, or images; mostImages is the largest number
// of images of a block that does not fit into cache.
const (
	stackBytes = 64 << 20
	mostImages = 8
)

// columnBytes is what a block kept by columns may fill; it has columnRows to mostColumnRows rows.
const (
	columnBytes    = 768 << 10
	columnRows     = 16
	mostColumnRows = 504
)

func (l *layout) fill() {
	p := l.p
	l.copyInstructions()
	// Size the block by the room that one row takes, then place for good.
	probe := 8
	bytes := l.passes(probe, nil)
	perRow := max(bytes/probe, 1)
	p.rows = max(1, min(128, cacheBytes/perRow))
	if body := l.largestBody(probe) / probe; body > 0 {
		// What a loop stacks up is written once and read once: only its body has to stay in cache.
		p.rows = max(p.rows, min(128, cacheBytes/body, stackBytes/perRow))
	}
	if image := l.largestImage(); image > 0 {
		// Sums over rows, gradients of weights, pass through memory once a block, and activations of all layers are
		// spilt in any case: a block has as many rows as let the operands of one layer stay in cache.
		p.rows = max(p.rows, min(mostImages, cacheBytes/(3*image), stackBytes/perRow))
	}
	if p.columns = l.c.columns; p.columns {
		// Values pass through the first-level cache many times: a smaller arena, but columns of whole panels.
		p.rows = apart(max(columnRows, min(mostColumnRows, columnBytes/perRow/columnRows*columnRows)))
	}
	if p.rows > 8 {
		p.rows &^= 7
	}
	var folded []func(*frame)
	p.levels = nil
	p.arena = l.passes(p.rows, &folded)
	for _, v := range p.lanes {
		if v.n.g != l.g {
			continue
		}
		lvl := v.n.level - 1
		for from := 0; from < v.n.size(); from += stretch {
			p.levels[lvl].lanes = append(p.levels[lvl].lanes, reduction{v.kind, v.n.dtype, v.off, l.home[v.n], from,
				min(stretch, v.n.size()-from)})
		}
	}
	p.cost = l.estimate()
	l.constants(folded)
}

// largestImage is the size in bytes of the largest value of a row in a program that sums over rows; 0 in others.
func (l *layout) largestImage() int {
	most, sums := 0, false
	for _, li := range l.c.block {
		for _, in := range li.code {
			sums = sums || in.name == opBatchSum.name
			for _, n := range in.writes {
				if !n.shared {
					most = max(most, n.rowBytes())
				}
			}
		}
	}
	if !sums {
		return 0
	}
	return most
}

// largestBody is the room of the largest body of a loop, or of a pass over positions, for blocks of the given rows; 0
// without.
func (l *layout) largestBody(rows int) int {
	most := 0
	for _, li := range l.c.block {
		for _, in := range li.code {
			if in.loop != nil {
				most = max(most, in.loop.measure(rows))
			}
			most = max(most, in.body*rows)
		}
	}
	return most
}
