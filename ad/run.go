package ad

import (
	"context"
	"unsafe"
)

// execution is the memory of one run; it is kept for the next.
type execution struct {
	p      *Program
	call   Call
	ctx    context.Context
	n      int
	ids    []uint64
	own    []uint64 // ids 0, 1, … when the call gives none
	frames []frame
	arenas [][]uint64
	lanes  []uint64
	laneLn int // bytes from lane to lane
	shared []uint64
	keeps  [][]uint64
	packed []unsafe.Pointer // shared inputs whose matrices are packed; empty: none
	known  bool             // those of this call are
	level  int
	plan   schedule
	// The kinds of work that a pool shares, bound once so that running allocates nothing.
	doBlocks, doReduce, doPack func(worker, unit int)
}

// schedule says how the rows of a pass are cut. It depends on the program and n alone.
type schedule struct {
	rows   int // of a block
	blocks int
	lanes  int
	units  int // of work: lanes where there are sums, blocks otherwise
}

// manyLanes is the size in bytes from which the sums of a program have fewer lanes.
const manyLanes = 400 << 10

// alone is the estimated work in nanoseconds below which the caller does not wake other workers.
const alone = 100e3

func (p *Program) schedule(n int, sums bool) schedule {
	s := schedule{rows: min(p.rows, max(n, 1))}
	work := float64(n) * p.cost
	// Two blocks at least where there is work for two, four where they do not get too small.
	for _, want := range []int{4, 2} {
		if r := ((n+want-1)/want + 7) &^ 7; work > float64(want)*alone && r < s.rows &&
			(want == 2 || p.lane < manyLanes) && r >= 32 {
			s.rows = r
			break
		}
	}
	s.blocks = (n + s.rows - 1) / s.rows
	if p.columns && s.blocks > 1 {
		// Blocks of one height: a low one costs nearly as much as a high one.
		s.rows = min(p.rows, apart(((n+s.blocks-1)/s.blocks+7)&^7))
		s.blocks = (n + s.rows - 1) / s.rows
	}
	// A lane is written and read once more than one worker would need, so large sums have few.
	s.lanes = min(s.blocks, 8)
	if p.lane >= manyLanes {
		s.lanes = min(s.blocks, 4)
	}
	if work < alone {
		s.lanes = min(s.lanes, 1)
	}
	s.units = s.blocks
	if sums {
		s.units = s.lanes
	}
	return s
}

// apart is a number of rows, a multiple of eight, at which columns do not lie a multiple of a kilobyte apart: such
// columns share few places in the first-level cache, which costs a product of matrices up to a sixth of its time.
func apart(rows int) int {
	if rows%128 == 0 {
		return rows + 8
	}
	return rows
}

// Run runs the program. It returns an error for arrays that do not fit, for an index out of range, or the
// context's error; outputs are then undefined. Running allocates nothing after the first call of a size.
func (p *Program) Run(ctx context.Context, c Call) error {
	if err := p.check(&c); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	x := p.take()
	defer p.put(x)
	x.prepare(c)
	x.ctx = ctx
	for lvl := range p.levels {
		x.level = lvl
		if err := x.pass(ctx); err != nil {
			return err
		}
	}
	x.keepPacked()
	return nil
}

func (p *Program) take() *execution {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := len(p.idle) - 1; k >= 0 {
		x := p.idle[k]
		p.idle = p.idle[:k]
		return x
	}
	x := &execution{p: p}
	x.doBlocks, x.doReduce, x.doPack = x.work, x.reduce, x.pack
	return x
}

// put keeps the memory and forgets the caller's arrays.
func (p *Program) put(x *execution) {
	x.call, x.ctx = Call{}, nil
	x.ids = nil
	for i := range x.frames {
		f := &x.frames[i]
		clear(f.base[baseUser:])
		f.err = nil
	}
	p.mu.Lock()
	p.idle = append(p.idle, x)
	p.mu.Unlock()
}

func grow(s []uint64, bytes int) []uint64 {
	if n := bytes/8 + alignment/8; len(s) < n {
		return make([]uint64, n)
	}
	return s
}

// prepare points every frame at the memory of this call.
func (x *execution) prepare(c Call) {
	p := x.p
	x.call, x.n, x.ids = c, c.N, c.IDs
	if x.ids == nil {
		for len(x.own) < c.N {
			x.own = append(x.own, uint64(len(x.own)))
		}
		x.ids = x.own[:c.N]
	}
	x.findPacked()
	x.shared = grow(x.shared, p.shared)
	for len(x.keeps) < len(p.keeps) {
		x.keeps = append(x.keeps, nil)
	}
	for i, n := range p.keeps {
		x.keeps[i] = grow(x.keeps[i], n.rowBytes()*c.N)
	}
	// A line between lanes keeps two workers off each other's lines.
	x.laneLn = align(p.lane) + 2*alignment
	x.lanes = grow(x.lanes, x.laneLn*p.schedule(c.N, true).lanes)
	workers := c.Pool.Workers()
	for len(x.frames) < workers {
		x.arenas = append(x.arenas, grow(nil, p.arena))
		x.frames = append(x.frames, frame{run: x, base: make([]unsafe.Pointer, baseUser+len(p.ins)+len(p.outs)+len(
			p.keeps))})
	}
	for w := range x.frames {
		f := &x.frames[w]
		f.base[baseArena] = alignedPointer(x.arenas[w])
		f.base[baseShared] = alignedPointer(x.shared)
		f.base[baseConst] = alignedPointer(p.consts)
		at := baseUser
		for i, port := range p.ins {
			f.base[at] = c.In[i].pointer(port.dtype)
			at++
		}
		for i, port := range p.outs {
			f.base[at] = c.Out[i].pointer(port.dtype)
			at++
		}
		for i := range p.keeps {
			f.base[at] = alignedPointer(x.keeps[i])
			at++
		}
	}
}

func (x *execution) pass(ctx context.Context) error {
	p := x.p
	ps := &p.levels[x.level]
	f := &x.frames[0]
	f.row0, f.rows, f.first = 0, 1, true
	f.base[baseLane] = alignedPointer(x.lanes)
	if !x.known {
		x.share(len(ps.packs), p.shared > sharedWork, x.doPack)
	}
	f.row0, f.rows = 0, 1
	for _, step := range ps.before {
		step(f)
	}
	x.plan = p.schedule(x.n, len(ps.lanes) > 0)
	if len(ps.block) > 0 && x.n > 0 {
		x.share(x.plan.units, float64(x.n)*p.cost >= alone, x.doBlocks)
	}
	for w := range x.frames {
		if err := x.frames[w].err; err != nil {
			return err
		}
	}
	x.share(len(ps.lanes), p.lane > sharedWork, x.doReduce)
	return ctx.Err()
}

// sharedWork is the size in bytes from which packing matrices and adding lanes is work for more than one.
const sharedWork = 1 << 20

// share has units of work done by the pool where that is worth it, and by the caller otherwise.
func (x *execution) share(units int, worth bool, do func(worker, unit int)) {
	if worth && units > 1 {
		x.call.Pool.Do(units, do)
		return
	}
	for u := range units {
		do(0, u)
	}
}

// pack runs one step that packs a shared matrix.
func (x *execution) pack(worker, unit int) {
	f := &x.frames[worker]
	f.row0, f.rows = 0, 1
	x.p.levels[x.level].packs[unit](f)
}

// work runs one unit: the blocks of a lane in order, or one block.
func (x *execution) work(worker, unit int) {
	ps := &x.p.levels[x.level]
	f := &x.frames[worker]
	from, to := unit, unit+1
	if len(ps.lanes) > 0 {
		from, to = unit*x.plan.blocks/x.plan.lanes, (unit+1)*x.plan.blocks/x.plan.lanes
		f.base[baseLane] = unsafe.Add(alignedPointer(x.lanes), unit*x.laneLn)
	}
	for b := from; b < to; b++ {
		f.row0 = b * x.plan.rows
		f.rows = min(x.plan.rows, x.n-f.row0)
		f.first = b == from
		for _, step := range ps.block {
			step(f)
		}
		if f.err != nil {
			return
		}
	}
}
