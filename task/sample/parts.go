package sample

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Parts draws samples in parts, each from its first sample to its last, and joins them to the file that one run
// writes: the header once and then the parts, or, of Parquet, whose row groups know nothing of parts, the numbers
// written anew.
type Parts struct {
	c      Config
	env    Env
	m      *ito.Model
	format data.Format // nil: Parquet
}

// OpenParts reads the model of a configuration and refuses what cannot be drawn in parts.
func OpenParts(c Config, env Env) (*Parts, error) {
	switch pictured, _ := c.pictured(); {
	case c.Trajectory != "":
		return nil, &ito.InputError{Where: "`trajectory`", What: "trajectories are not drawn in parts",
			Do: "leave it out"}
	case pictured:
		return nil, &ito.InputError{Where: "`out` " + c.Out, What: "pictures are not drawn in parts",
			Do: "name a file of numbers, as s.npy"}
	}
	if err := c.check(false); err != nil {
		return nil, err
	}
	p := &Parts{c: c, env: env, m: env.Model}
	var err error
	if p.m == nil {
		if p.m, p.env.Digest, err = task.LoadModel(c.Model); err != nil {
			return nil, err
		}
		p.env.Model = p.m
	}
	if !c.isParquet() || p.m.Space.Mask != nil {
		if p.format, err = c.format(p.m); err != nil {
			return nil, err
		}
	}
	if _, err := task.Place("out", c.Out); err != nil {
		return nil, err
	}
	if c.WhereFile == "" && c.From == "" && c.Scheduler == "" { // else the plan needs their files, which Draw reads
		return p, recipe.CheckSample(p.m, c.SampleConfig)
	}
	return p, nil
}

// N is the number of samples.
func (p *Parts) N() int { return p.c.N }

// Draw writes the samples from number first of all on, n of them, to w.
func (p *Parts) Draw(ctx context.Context, first, n, workers int, w io.Writer, progress func(done int64)) error {
	c, env := p.c, p.env
	c.First, c.N, c.Workers = c.First+uint64(first), n, workers
	done := int64(0)
	env.Note = nil
	env.Progress = nil
	env.Sink = func(x ito.States) error {
		err := p.write(w, x)
		done += int64(x.N)
		progress(done)
		return err
	}
	_, err := Run(ctx, c, env)
	return err
}

// write writes samples as they stand in a part.
func (p *Parts) write(w io.Writer, x ito.States) error {
	if p.format != nil {
		return p.format.Rows(w, x)
	}
	b := make([]byte, 8*len(x.X))
	for i, v := range x.X {
		binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(v))
	}
	_, err := w.Write(b)
	return err
}

// Join writes the file from its parts in their order: rows of each and what opens it. A part that lacks bytes, or has
// more, is an error, and nothing is written.
func (p *Parts) Join(rows []int64, open func(i int) (io.ReadCloser, error)) error {
	return store.WriteFile(p.c.Out, func(w io.Writer) error {
		var whole *parquetWriter
		if p.format == nil {
			var err error
			if whole, err = newParquetWriter(w, &p.c, p.m); err != nil {
				return err
			}
		} else if err := p.format.Begin(w); err != nil {
			return err
		}
		id := p.c.First
		for i, n := range rows {
			r, err := open(i)
			if err != nil {
				return err
			}
			if whole == nil {
				_, err = io.Copy(w, r)
			} else {
				err = p.copyRows(whole, r, n, id)
			}
			if err = errors.Join(err, r.Close()); err != nil {
				return err
			}
			id += uint64(n)
		}
		if whole != nil {
			return whole.Close()
		}
		return nil
	})
}

// copyRows writes the rows of a part, which are numbers, to a Parquet file.
func (p *Parts) copyRows(whole *parquetWriter, from io.Reader, n int64, id uint64) error {
	r := bufio.NewReaderSize(from, 1<<18)
	d := task.Width(p.m)
	b := make([]byte, 8*d)
	for at := int64(0); at < n; {
		x := ito.NewStates(int(min(n-at, 1024)), d, id+uint64(at))
		for i := range x.N {
			if _, err := io.ReadFull(r, b); err != nil {
				return err
			}
			for k := range d {
				x.X[i*d+k] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*k:]))
			}
		}
		if err := whole.WriteRows(x); err != nil {
			return err
		}
		at += int64(x.N)
	}
	if _, err := r.ReadByte(); err != io.EOF { // the digest of a part is compared at its end
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	return nil
}
