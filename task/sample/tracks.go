package sample

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"
	"regexp"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
)

// trackFile is an npy file of trajectories [T,n,d] that is written a few samples at a time, so each time
// of the grid is a place of its own in the file. Until it is whole it is called PATH.partial.
type trackFile struct {
	path  string
	f     *os.File
	sum   hash.Hash // of the header, and of the samples as they were written, traceRows at a time
	whole bool      // it has its name already: the process was killed before the samples had theirs
}

// traceRows is how many samples' trajectories are in memory at a time.
const traceRows = 1024

const anew = "start anew without `resume`"

// openTracks begins the file, or goes on with the one that has the trajectories of done samples of n, whose digest
// stands in the journal of the samples.
func openTracks(path string, done, n int, digest string) (*trackFile, error) {
	t := &trackFile{path: path, sum: sha256.New()}
	if done == 0 {
		var err error
		if t.f, err = store.OpenExclusive(path+".partial", os.O_RDWR|os.O_CREATE); err != nil {
			return nil, err
		}
		return t, t.f.Truncate(0)
	}
	var err error
	t.f, err = store.OpenExclusive(path+".partial", os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) && done == n {
		t.whole = true
		t.f, err = os.Open(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &ito.InputError{Where: path + ".partial", What: "the unfinished trajectories are gone", Do: anew}
	}
	if err != nil {
		return nil, err
	}
	if err := t.readOver(done, n); err != nil || t.digest() != digest {
		t.f.Close()
		return nil, &store.FormatError{Path: t.f.Name(), What: fmt.Sprintf("edited or damaged: it has not the "+
			"trajectories of the first %d samples that were written", done), Do: anew, Err: errors.Join(store.ErrEdited,
			err)}
	}
	return t, nil
}

func (t *trackFile) digest() string { return hex.EncodeToString(t.sum.Sum(nil)) }

// header is the header of a file of so many times, samples and columns.
func header(times, n, d int) ([]byte, error) {
	var b bytes.Buffer
	err := data.NPY{Shape: []int{times, n, d}}.Begin(&b)
	return b.Bytes(), err
}

// trackShape finds the shape in such a header.
var trackShape = regexp.MustCompile(`'shape': *\((\d+), *(\d+), *(\d+)\)`)

// readOver takes the digest of what is there of done samples of n.
func (t *trackFile) readOver(done, n int) error {
	head := make([]byte, 512)
	k, err := t.f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	match := trackShape.FindSubmatch(head[:k])
	if match == nil {
		return io.ErrUnexpectedEOF
	}
	times, err1 := strconv.Atoi(string(match[1]))
	d, err2 := strconv.Atoi(string(match[3]))
	size, err3 := t.f.Seek(0, io.SeekEnd)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if times < 1 || d < 1 || int64(times) > size/8/int64(d)/int64(done) { // fewer numbers than that are there
		return io.ErrUnexpectedEOF
	}
	if head, err = header(times, n, d); err != nil {
		return err
	}
	got := make([]byte, len(head))
	if _, err := t.f.ReadAt(got, 0); err != nil {
		return err
	}
	t.sum.Write(got)
	var part []byte
	for first := 0; first < done; first += traceRows {
		rows := min(traceRows, done-first)
		part = append(part[:0], make([]byte, 8*rows*d)...)
		for k := range times {
			if _, err := t.f.ReadAt(part, place(len(head), k, n, d, first)); err != nil {
				return err
			}
			t.sum.Write(part)
		}
	}
	return nil
}

// place is where the states of sample first at time k are.
func place(head, k, n, d, first int) int64 {
	return int64(head) + 8*int64(d)*(int64(k)*int64(n)+int64(first))
}

// write puts the trajectories of samples first, first+1, … of n in their places.
func (t *trackFile) write(tr recipe.Trajectory, first, n int) error {
	head, err := header(len(tr.Times), n, tr.D)
	if err != nil {
		return err
	}
	if first == 0 {
		if _, err := t.f.WriteAt(head, 0); err != nil {
			return err
		}
		t.sum.Write(head)
	}
	part := tr.N * tr.D
	row := make([]byte, 8*part)
	for k := range tr.Times {
		for i, v := range tr.X[k*part : (k+1)*part] {
			binary.LittleEndian.PutUint64(row[8*i:], math.Float64bits(v))
		}
		if _, err := t.f.WriteAt(row, place(len(head), k, n, tr.D, first)); err != nil {
			return err
		}
		t.sum.Write(row)
	}
	return t.f.Sync() // before the journal of the samples says that these are there
}

// close gives the file its name, while it is still locked.
func (t *trackFile) close() error {
	if t.whole {
		return t.f.Close()
	}
	if err := t.f.Sync(); err != nil {
		return errors.Join(err, t.f.Close())
	}
	return store.Rename(t.f, t.path)
}

func (t *trackFile) keep() error { return t.f.Close() }

func (t *trackFile) discard() error {
	if t.whole {
		return t.f.Close()
	}
	return errors.Join(t.f.Close(), os.Remove(t.path+".partial"))
}

// trace samples with trajectories, some rows at a time.
func (c *Config) trace(ctx context.Context, m *ito.Model, cfg recipe.SampleConfig, run recipe.RunOptions,
	out *output,
	sink recipe.Sink) (recipe.SampleReport, error) {
	total := recipe.SampleReport{N: cfg.N}
	at, last := c.N-cfg.N, c.N
	for at < last {
		cfg.N = min(traceRows, last-at)
		tr, r, err := recipe.Trace(ctx, m, cfg, run)
		if err != nil {
			return total, err
		}
		if err := out.tracks.write(tr, at, c.N); err != nil {
			out.unwritten = true
			return total, fmt.Errorf("%s: %w", out.tracks.path, err)
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
