package sample

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/recipe"
)

// trackFile is an npy file of trajectories [T,n,d] that is written a few samples at a time, so each time
// of the grid is a place of its own in the file. Until it is whole it is called PATH.partial.
type trackFile struct {
	path string
	f    *os.File
}

// traceRows is how many samples' trajectories are in memory at a time.
const traceRows = 1024

func openTracks(path string, resume bool) (*trackFile, error) {
	flags := os.O_RDWR | os.O_CREATE | os.O_TRUNC
	if resume {
		flags = os.O_RDWR
	}
	f, err := os.OpenFile(path+".partial", flags, 0o666)
	if resume && errors.Is(err, fs.ErrNotExist) {
		return nil, &ito.InputError{Where: path + ".partial", What: "the unfinished trajectories are gone",
			Do: "start anew without `resume`"}
	}
	if err != nil {
		return nil, err
	}
	return &trackFile{path, f}, nil
}

// write puts the trajectories of samples first, first+1, … of n in their places.
func (t *trackFile) write(tr recipe.Trajectory, first, n int) error {
	var b bytes.Buffer
	if err := (data.NPY{Shape: []int{len(tr.Times), n, tr.D}}).Begin(&b); err != nil {
		return err
	}
	head := int64(b.Len())
	if first == 0 {
		if _, err := t.f.WriteAt(b.Bytes(), 0); err != nil {
			return err
		}
	}
	part := tr.N * tr.D
	row := make([]byte, 8*part)
	for k := range tr.Times {
		for i, v := range tr.X[k*part : (k+1)*part] {
			binary.LittleEndian.PutUint64(row[8*i:], math.Float64bits(v))
		}
		at := head + 8*int64(tr.D)*(int64(k)*int64(n)+int64(first))
		if _, err := t.f.WriteAt(row, at); err != nil {
			return err
		}
	}
	return t.f.Sync() // before the journal of the samples says that these are there
}

func (t *trackFile) close() error {
	if err := errors.Join(t.f.Sync(), t.f.Close()); err != nil {
		return err
	}
	return os.Rename(t.path+".partial", t.path)
}

func (t *trackFile) keep() error { return t.f.Close() }

func (t *trackFile) discard() error { return errors.Join(t.f.Close(), os.Remove(t.path+".partial")) }

// trace samples with trajectories, some rows at a time.
func (c *Config) trace(ctx context.Context, m *ito.Model, cfg recipe.SampleConfig, run recipe.RunOptions,
	out *trackFile,
	sink recipe.Sink) (recipe.SampleReport, error) {
	total := recipe.SampleReport{N: cfg.N}
	at, last := c.N-cfg.N, c.N
	for at < last {
		cfg.N = min(traceRows, last-at)
		tr, r, err := recipe.Trace(ctx, m, cfg, run)
		if err != nil {
			return total, err
		}
		if err := out.write(tr, at, c.N); err != nil {
			return total, fmt.Errorf("%s: %w", out.path, err)
		}
		if err := sink(tr.Last()); err != nil {
			return total, err
		}
		total.Solver, total.Steps, total.NFE = r.Solver, r.Steps, max(total.NFE, r.NFE)
		total.Seconds += r.Seconds
		at += cfg.N
		cfg.First += uint64(cfg.N)
	}
	return total, nil
}
