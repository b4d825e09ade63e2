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

// Read reads the draws of one run. Several files are the chains of a run in CmdStan's CSV layout, ito's or
// CmdStan's own, and must agree in their columns and number of draws; saved warm-up rows are left
// out. One file may also be Parquet with a column chain, ito's npy with its .json beside it, or the journal
// of a run that is not yet finished. What a file is, its first bytes say.
//
// Whatever is wrong with a file is an *ito.InputError or a *store.FormatError with its place: line and
// column of a CSV file.
func Read(paths ...string) (*Set, error) {
	if len(paths) == 0 {
		return nil, &ito.InputError{Where: "draws", What: "no files are named"}
	}
	var chains []*csvChain
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, unreadable(path, err)
		}
		s, c, err := readFile(f, path)
		f.Close()
		if err != nil {
			return nil, err
		}
		if s != nil {
			if len(paths) > 1 {
				return nil, &ito.InputError{Where: path, What: "it holds all chains of a run and cannot be joined with other files", Do: "name it alone"}
			}
			s.Files = paths
			return s, nil
		}
		chains = append(chains, c)
	}
	return joinChains(chains)
}

// readFile reads one chain of a CSV file or the set of another format.
func readFile(f *os.File, path string) (*Set, *csvChain, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, unreadable(path, err)
	}
	if info.IsDir() {
		return nil, nil, &ito.InputError{Where: path, What: "it is a directory", Do: "name the files in it"}
	}
	head := make([]byte, len(journalMagic))
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) && info.Mode().IsRegular() {
		return nil, nil, unreadable(path, err)
	}
	var s *Set
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("PAR1")):
		s, err = readParquet(f, info.Size(), path)
	case bytes.HasPrefix(head, []byte("\x93NUMPY")):
		s, err = readNPY(f, info.Size(), path)
	case bytes.Equal(head, []byte(journalMagic)):
		s, err = readUnfinished(f, info.Size(), path)
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")):
		err = &ito.InputError{Where: path, What: "draws are not read from JSON", Do: "name the CSV, Parquet or npy file of the run"}
	default:
		c, err := readCSV(f, path)
		return nil, c, err
	}
	return s, nil, err
}

// readUnfinished reads the whole rows of the journal of a run that may still be running.
func readUnfinished(f *os.File, size int64, path string) (*Set, error) {
	bad := &store.FormatError{Path: path, What: "the header of this journal of draws is damaged", Do: "run the sampler again"}
	at := int64(len(journalMagic))
	var word [8]byte
	if _, err := f.ReadAt(word[:], at); err != nil {
		return nil, bad
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n > uint64(size-at) {
		return nil, bad
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, at+8); err != nil {
		return nil, bad
	}
	var h journalHead
	if json.Unmarshal(text, &h) != nil {
		return nil, bad
	}
	m := Meta{Columns: h.Columns, Stats: h.Stats, Chains: h.Chains, Model: h.Model, Method: h.Method}
	if m.Check() != nil || int64(h.Chains) > size {
		return nil, bad
	}
	start := at + 8 + int64(n)
	rows := (size - start) / (8 * int64(h.Chains) * int64(len(h.Columns)))
	if rows == 0 {
		return nil, &ito.InputError{Where: path, What: "the run has not made a draw yet", Do: "wait for it"}
	}
	return newJournal(path, f, &m, start, rows).Set(&m)
}

// joinChains makes a set of the chains of CSV files.
func joinChains(chains []*csvChain) (*Set, error) {
	first := chains[0]
	m := first.meta()
	m.Chains = len(chains)
	s := newSet(m, first.draws())
	told := 0
	for k, c := range chains {
		if !slices.Equal(c.columns, first.columns) {
			return nil, &ito.InputError{Where: c.name, What: differ(c.columns, first.columns, first.name), Do: "name the chains of one run"}
		}
		if c.draws() != s.Draws {
			return nil, &ito.InputError{Where: c.name, What: fmt.Sprintf("it has %d draws and %s has %d", c.draws(), first.name, s.Draws), Do: "name the finished chains of one run"}
		}
		s.fill(k, 0, c.ordered())
		s.Files = append(s.Files, c.name)
		s.Elapsed = append(s.Elapsed, c.elapsed)
		if c.timed {
			told++
		}
		if c.adapted {
			s.Adaptation = append(s.Adaptation, c.adaptation)
		}
	}
	if told < len(chains) {
		s.Elapsed = nil
	}
	if len(s.Adaptation) < len(chains) {
		s.Adaptation = nil
	}
	return s, nil
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
