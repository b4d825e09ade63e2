package draws

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// Read reads the draws of one run into memory; see [Open].
func Read(paths ...string) (*Set, error) {
	t, err := Open(paths...)
	if err != nil {
		return nil, err
	}
	s, err := t.Set(t.every(), 0)
	return s, errors.Join(err, t.Close())
}

// Open reads the draws of one run. Several files are the chains of a run in CmdStan's CSV layout, ito's or
// CmdStan's own, and must agree in their columns, their number of draws and what their headers say of the run;
// saved warm-up rows are left out. A CSV file with a column chain, .chain or chain__ holds several chains. One file
// may also be Parquet with such a column, ito's npy or JSON with its .json beside it, or the journal of a run that is
// not yet finished. What a file is, its first bytes say. Memory does not grow with the number of draws: those of long
// runs go to a temporary file until the table is closed.
//
// Whatever is wrong with a file is an *ito.InputError or a *store.FormatError with its place: line and
// column of a CSV file.
func Open(paths ...string) (*Table, error) { return open(heldWords, paths...) }

// open keeps so many words in memory.
func open(held int, paths ...string) (*Table, error) {
	if len(paths) == 0 {
		return nil, &ito.InputError{Where: "draws", What: "no files are named"}
	}
	t := newTable("", held)
	if err := t.readFiles(paths); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Table) readFiles(paths []string) error {
	var chains []*csvChain
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return unreadable(path, err)
		}
		c, err := t.readFile(f, path)
		f.Close()
		if err != nil {
			return err
		}
		if c == nil {
			if len(paths) > 1 {
				return &ito.InputError{Where: path, What: "it holds all chains of a run and cannot be joined with " +
					"other files", Do: "name it alone"}
			}
			t.Files = paths
			return nil
		}
		chains = append(chains, c)
	}
	return t.joinChains(chains)
}

// readFile reads one chain of a CSV file, or all of another format.
func (t *Table) readFile(f *os.File, path string) (*csvChain, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(path, err)
	}
	if info.IsDir() {
		return nil, &ito.InputError{Where: path, What: "it is a directory", Do: "name the files in it"}
	}
	head := make([]byte, len(journalMagic))
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) && info.Mode().IsRegular() {
		return nil, unreadable(path, err)
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte(parquetMagic)):
		return nil, t.readParquet(f, info.Size(), path)
	case bytes.HasPrefix(head, []byte("\x93NUMPY")):
		return nil, t.readNPY(f, info.Size(), path)
	case bytes.Equal(head, []byte(journalMagic)):
		return nil, t.readUnfinished(f, info.Size(), path)
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return nil, &ito.InputError{Where: path, What: "it is packed with gzip", Do: "unpack it: gunzip -k " + path}
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")):
		return nil, t.readJSON(f, path)
	}
	return t.readCSV(f, path)
}

// readUnfinished reads the whole rows of the journal of a run that may still be running.
func (t *Table) readUnfinished(f *os.File, size int64, path string) error {
	bad := &store.FormatError{Path: path, What: "the header of this journal of draws is damaged",
		Do: "run the sampler again"}
	at := int64(len(journalMagic))
	var word [8]byte
	if _, err := f.ReadAt(word[:], at); err != nil {
		return bad
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n > uint64(size-at) {
		return bad
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, at+8); err != nil {
		return bad
	}
	var h journalHead
	if json.Unmarshal(text, &h) != nil {
		return bad
	}
	m := Meta{Columns: h.Columns, Stats: h.Stats, Chains: h.Chains, Model: h.Model, Method: h.Method}
	if m.Check() != nil || int64(h.Chains) > size {
		return bad
	}
	start := at + 8 + int64(n)
	rows := (size - start) / (8 * int64(h.Chains) * int64(len(h.Columns)))
	if rows == 0 {
		return &ito.InputError{Where: path, What: "the run has not made a draw yet", Do: "wait for it"}
	}
	return newJournal(path, f, &m, start, rows).into(t, &m)
}

// joinChains makes the table of the chains of CSV files.
func (t *Table) joinChains(chains []*csvChain) error {
	first := chains[0]
	t.Meta, t.Draws = first.meta(), first.draws()
	order, _ := first.order()
	if len(order) == 0 {
		return &ito.InputError{Where: first.name, What: "it has columns that number the draws and none with draws",
			Do: "name a file with the draws of a parameter"}
	}
	type part struct {
		file  *csvChain
		chain int // of the file
	}
	var parts []part
	told := 0
	for _, c := range chains {
		if !slices.Equal(c.columns, first.columns) {
			return &ito.InputError{Where: c.name, What: differ(c.columns, first.columns, first.name),
				Do: "name the chains of one run"}
		}
		if err := c.sameRun(first); err != nil {
			return err
		}
		if c.draws() != t.Draws {
			return &ito.InputError{Where: c.name, What: fmt.Sprintf("it has %d draws and %s has %d", c.draws(),
				first.name, t.Draws), Do: "name the finished chains of one run"}
		}
		for k := range c.chains() {
			parts = append(parts, part{c, k})
		}
		t.Files = append(t.Files, c.name)
		t.Elapsed = append(t.Elapsed, c.elapsed)
		if c.timed {
			told++
		}
		if c.adapted {
			t.Adaptation = append(t.Adaptation, c.adaptation)
		}
	}
	t.Chains = len(parts)
	// ito's word, and CmdStan's where one process runs them
	t.run = max(first.wholeNumber("chains"), first.wholeNumber("num_chains"))
	if told < t.Chains {
		t.Elapsed = nil
	}
	if len(t.Adaptation) < t.Chains {
		t.Adaptation = nil
	}
	t.read = func(dst []float64, column, chain, first int) error {
		p := parts[chain]
		return p.file.read(dst, order, column, p.chain, first)
	}
	return nil
}

// differ says where two lists of columns part.
func differ(a, b []string, other string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("its column %d is %q where %s has %q", i+1, a[i], other, b[i])
		}
	}
	return fmt.Sprintf("it has %d columns and %s has %d", len(a), other, len(b))
}

// unreadable words the error of reading a file: a wrong name is bad input.
func unreadable(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &ito.InputError{Where: path, What: "there is no such file", Do: "check the name"}
	case errors.Is(err, fs.ErrPermission):
		return &ito.InputError{Where: path, What: "reading it is not permitted"}
	}
	return fmt.Errorf("%s: %w", path, err)
}
