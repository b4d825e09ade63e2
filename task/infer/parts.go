package infer

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/store"
)

// Parts draws the chains, or independent runs, of a configuration in parts and joins them to the files that one run
// writes. What comes before the sampling, a pilot where no method is named and the training of a method that has one,
// is done for each part anew.
type Parts struct {
	c     Config
	env   Env
	r     *inference // of the whole
	close func()
}

// OpenParts prepares a run, as [Run] does. Close ends it.
func OpenParts(ctx context.Context, c Config, env Env) (*Parts, error) {
	if c.Plot != "" {
		return nil, &ito.InputError{Where: "`plot`", What: "draws in parts have no pictures",
			Do: "leave it out, and give the draws to ito diagnose"}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	p := &Parts{c: c, env: env}
	var err error
	p.r, p.close, err = p.prepare(ctx, &p.env, 0)
	return p, err
}

// prepare is a run that has not begun, with a problem of its own.
func (p *Parts) prepare(ctx context.Context, env *Env, workers int) (*inference, func(), error) {
	c := p.c
	c.Workers = workers
	pool, done := env.PoolOf(workers)
	problem, err := c.openProblem(ctx, env, pool)
	if err != nil {
		done()
		return nil, nil, err
	}
	c.Pool = pool
	r, err := c.prepare(ctx, env, problem)
	if err != nil {
		done()
		return nil, nil, err
	}
	return r, done, nil
}

// Close ends what OpenParts began.
func (p *Parts) Close() { p.close() }

// Most is the number of parts that there can be: the chains, or the independent runs.
func (p *Parts) Most() int {
	if plan := p.r.plan; plan.Groups == plan.Chains {
		return plan.Groups
	}
	return 1 // particles that do not interact, or walkers: their groups are no chains
}

// Total is the number of draws of all chains.
func (p *Parts) Total() int64 {
	return int64(p.r.plan.Draws) * int64(p.r.plan.Groups) * int64(infer.Drawn(p.r.plan.Kernel))
}

// Draw writes part i of n to w: the draws of its chains, and then what their warm-up found.
func (p *Parts) Draw(ctx context.Context, i, n, workers int, w io.Writer, progress func(int64)) (int64, error) {
	env := p.env
	env.Note, env.Progress = nil, nil
	env.Checkpoints = nowhere{}
	r, done, err := p.prepare(ctx, &env, workers)
	if err != nil {
		return 0, err
	}
	defer done()
	groups, first := r.plan.Groups, 0
	if n > 1 {
		first = i * groups / n
		groups = (i+1)*groups/n - first
		r.plan.Groups, r.plan.Chains = groups, groups
	}
	r.state = infer.NewState(r.plan.Kernel, groups, r.p.Dim(), uint64(first))
	if err := r.train(ctx); err != nil {
		return 0, err
	}
	if r.plan.Radius != 0 {
		if err := r.plan.Begin(ctx, r.p, r.state); err != nil {
			return 0, err
		}
	}
	to := &partRows{w: bufio.NewWriterSize(w, 1<<18), width: r.plan.Chains * len(r.meta.Columns)}
	sink := newRowSink(r, to, first)
	each := int64(groups) * int64(infer.Drawn(r.plan.Kernel))
	taken := int64(0)
	_, err = infer.Run(ctx, r.p, r.plan.Kernel, r.state, r.plan.RunOptions(infer.RunOptions{Workers: workers,
		Sink: func(d infer.Draw) error {
			taken += each
			progress(taken)
			return sink.take(d)
		}}))
	if err != nil {
		return 0, notFinite(err)
	}
	b, err := r.state.MarshalBinary()
	if err == nil {
		_, err = to.w.Write(b)
	}
	return to.rows * int64(r.plan.Chains), errors.Join(err, to.w.Flush())
}

// partRows writes rows as a journal has them.
type partRows struct {
	w     *bufio.Writer
	width int
	rows  int64
	b     []byte
}

// Append implements rowTaker.
func (p *partRows) Append(rows []float64) error {
	p.b = p.b[:0]
	for _, v := range rows {
		p.b = binary.LittleEndian.AppendUint64(p.b, math.Float64bits(v))
	}
	p.rows += int64(len(rows) / p.width)
	_, err := p.w.Write(p.b)
	return err
}

// Rows implements rowTaker.
func (p *partRows) Rows() int64 { return p.rows }

// Join writes the files of all draws from n parts, and returns their names.
func (p *Parts) Join(rows []int64, open func(i int) (io.ReadCloser, error)) (files []string, err error) {
	r := p.r
	if _, err := draws.Stale(p.c.Out, r.meta.Chains); err != nil {
		return nil, err
	}
	journal, err := draws.CreateJournal(p.c.Out+".partial", &r.meta)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, journal.Remove()) }()
	if err := p.merge(journal, rows, open); err != nil {
		return nil, err
	}
	if _, err := journal.Sync(); err != nil {
		return nil, err
	}
	r.adapted()
	if files, err = draws.Write(p.c.Out, &r.meta, journal); err != nil {
		return nil, err
	}
	return files, r.removeStale()
}

// merge puts the chains of all parts side by side, and their states one after the other.
func (p *Parts) merge(journal *draws.Journal, rows []int64, open func(i int) (io.ReadCloser, error)) error {
	n, chains, cols := len(rows), p.r.plan.Chains, len(p.r.meta.Columns)
	if n == 0 {
		return fmt.Errorf("no parts")
	}
	in := make([]*bufio.Reader, n)
	raw := make([][]byte, n)
	for i := range n {
		f, err := open(i)
		if err != nil {
			return err
		}
		defer f.Close()
		in[i] = bufio.NewReaderSize(f, 1<<16)
		raw[i] = make([]byte, 8*cols*((i+1)*chains/n-i*chains/n))
	}
	row := make([]float64, chains*cols)
	for range rows[0] / int64(len(raw[0])/8/cols) {
		at := 0
		for i := range n {
			if _, err := io.ReadFull(in[i], raw[i]); err != nil {
				return err
			}
			for k := 0; k < len(raw[i]); k += 8 {
				row[at] = math.Float64frombits(binary.LittleEndian.Uint64(raw[i][k:]))
				at++
			}
		}
		if err := journal.Append(row); err != nil {
			return err
		}
	}
	p.r.state = &infer.State{}
	for i := range n {
		b, err := io.ReadAll(in[i]) // the digest of a part is compared at its end
		if err != nil {
			return err
		}
		s := &infer.State{}
		if err := s.UnmarshalBinary(b); err != nil {
			return err
		}
		p.add(s)
	}
	return nil
}

// add appends the variables of the groups of a part.
func (p *Parts) add(s *infer.State) {
	all := p.r.state
	if all.Groups == 0 {
		*all = *s
		return
	}
	all.Groups += s.Groups
	for i := range all.Vars {
		all.Vars[i].X = append(all.Vars[i].X, s.Vars[i].X...)
	}
}

// nowhere keeps no checkpoints.
type nowhere struct{}

func (nowhere) Save(*store.Checkpoint) error     { return nil }
func (nowhere) Load() (*store.Checkpoint, error) { return nil, io.EOF }
func (nowhere) Remove() error                    { return nil }
func (nowhere) String() string                   { return "" }
