package draws

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// journalMagic begins every journal; the number is the version of the format.
const journalMagic = "ito-draws-journal-1\n"

// blockBytes is about how much of a journal is in memory when it is read.
const blockBytes = 1 << 20

// Journal is the file to which a running sampler appends its draws: a header with the columns, then rows
// of float64 [Chains,Columns], little-endian, in the order of the draws. The custom is OUT.partial beside the
// output OUT. After Sync the rows are on the disk, and their number belongs in the sampler's checkpoint:
// OpenJournal cuts the file back to it, and the run continues with the same bytes. A Journal is for one
// goroutine, and one process writes it at a time.
type Journal struct {
	path   string
	f      *os.File
	w      *bufio.Writer
	chains int
	cols   int
	start  int64 // bytes of the header
	rows   int64
	row    []byte
	sum    hash.Hash // of the rows
}

// journalHead is the header of a journal after the magic: what must be equal for a run to continue it.
type journalHead struct {
	Chains  int      `json:"chains"`
	Columns []string `json:"columns"`
	Stats   int      `json:"stats"`
	Model   string   `json:"model"`
	Method  string   `json:"method"`
}

// CreateJournal begins an empty journal, in place of one that is there.
func CreateJournal(path string, m *Meta) (*Journal, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	f, err := openJournalFile(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	head, err := journalHeader(m)
	if err == nil {
		err = errors.Join(f.Truncate(0), writeAll(f, head))
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return newJournal(path, f, m, int64(len(head)), 0), nil
}

// OpenJournal opens the journal of a run that is resumed at the given row and forgets what was appended
// after it. digest is that of the rows up to there; "" is that of a checkpoint that has none, and is not compared. A
// journal of other columns, one with fewer rows and one with other rows is a *store.FormatError.
func OpenJournal(path string, m *Meta, rows int64, digest string) (*Journal, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	f, err := openJournalFile(path, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	j, err := resumeJournal(path, f, m, rows, digest)
	if err != nil {
		f.Close()
	}
	return j, err
}

func resumeJournal(path string, f *os.File, m *Meta, rows int64, digest string) (*Journal, error) {
	const anew = "start anew without `resume`"
	want, err := journalHeader(m)
	if err != nil {
		return nil, err
	}
	head := make([]byte, len(want))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !bytes.HasPrefix(head, []byte(journalMagic)) {
		return nil, &store.FormatError{Path: path, What: "not a journal of draws", Do: anew}
	}
	if !bytes.Equal(head, want) {
		return nil, &store.FormatError{Path: path, What: "it belongs to another run: its chains, columns, model or " +
			"method differ", Do: anew}
	}
	j := newJournal(path, f, m, int64(len(head)), rows)
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if have := (info.Size() - j.start) / int64(len(j.row)); rows < 0 || have < rows {
		return nil, &store.FormatError{Path: path, What: fmt.Sprintf("it has %d rows and the checkpoint says %d", have,
			rows), Do: anew, Err: store.ErrTruncated}
	}
	end := j.start + rows*int64(len(j.row))
	if _, err := io.CopyN(j.sum, f, end-j.start); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if digest != "" && j.Digest() != digest {
		return nil, &store.FormatError{Path: path, What: fmt.Sprintf("edited or damaged: its first %d rows are not "+
			"those that were written", rows), Do: anew, Err: store.ErrEdited}
	}
	if err := f.Truncate(end); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := f.Seek(end, io.SeekStart); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return j, nil
}

func openJournalFile(path string, flag int) (*os.File, error) {
	f, err := store.OpenExclusive(path, flag)
	if errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE == 0 {
		return nil, &ito.InputError{Where: path, What: "the draws of the run to be resumed are not there",
			Do: "start anew without `resume`"}
	}
	return f, err
}

func newJournal(path string, f *os.File, m *Meta, start, rows int64) *Journal {
	return &Journal{path: path, f: f, w: bufio.NewWriterSize(f, 1<<16), chains: m.Chains, cols: len(m.Columns),
		start: start, rows: rows, sum: sha256.New(),
		row: make([]byte, 8*m.Chains*len(m.Columns))}
}

// journalHeader is the magic, the length of the JSON that follows, and the JSON.
func journalHeader(m *Meta) ([]byte, error) {
	b, err := json.Marshal(journalHead{m.Chains, m.Columns, m.Stats, m.Model, m.Method})
	if err != nil {
		return nil, err
	}
	head := binary.LittleEndian.AppendUint64([]byte(journalMagic), uint64(len(b)))
	return append(head, b...), nil
}

func writeAll(f *os.File, b []byte) error {
	_, err := f.Write(b)
	return err
}

// Append adds rows [n,Chains,Columns]; rows may be reused at once.
func (j *Journal) Append(rows []float64) error {
	w := len(j.row) / 8
	if len(rows)%w != 0 {
		return fmt.Errorf("%s: %d numbers are not rows of %d chains and %d columns", j.path, len(rows), j.chains,
			j.cols)
	}
	for ; len(rows) > 0; rows = rows[w:] {
		for i, v := range rows[:w] {
			binary.LittleEndian.PutUint64(j.row[8*i:], math.Float64bits(v))
		}
		if _, err := j.w.Write(j.row); err != nil {
			return fmt.Errorf("%s: %w", j.path, err)
		}
		j.sum.Write(j.row)
		j.rows++
	}
	return nil
}

// Rows is the number of rows, those included that are not yet on the disk.
func (j *Journal) Rows() int64 { return j.rows }

// Digest is the SHA-256 of all rows, in hexadecimal: it belongs in the checkpoint beside their number.
func (j *Journal) Digest() string { return hex.EncodeToString(j.sum.Sum(nil)) }

// Sync makes all rows durable and returns their number, which belongs in the checkpoint.
func (j *Journal) Sync() (int64, error) {
	if err := j.w.Flush(); err != nil {
		return 0, fmt.Errorf("%s: %w", j.path, err)
	}
	if err := j.f.Sync(); err != nil {
		return 0, fmt.Errorf("%s: %w", j.path, err)
	}
	return j.rows, nil
}

// Close makes all rows durable and leaves the file to be resumed.
func (j *Journal) Close() error {
	_, err := j.Sync()
	return errors.Join(err, j.f.Close())
}

// Remove deletes the file, once its draws are written elsewhere or not wanted.
func (j *Journal) Remove() error { return errors.Join(os.Remove(j.path), j.f.Close()) }

// dir is the directory of the file.
func (j *Journal) dir() string { return filepath.Dir(j.path) }

// scan calls f with the rows [n,Columns] of one chain, block after block; first is the number of the first.
func (j *Journal) scan(chain int, f func(first int, rows []float64) error) error {
	var rows []float64
	return j.eachRow(func(first int, all []float64) error {
		rows = rows[:0]
		for ; len(all) > 0; all = all[j.chains*j.cols:] {
			rows = append(rows, all[chain*j.cols:][:j.cols]...)
		}
		return f(first, rows)
	})
}

// eachRow calls f with the rows [n,Chains,Columns], block after block.
func (j *Journal) eachRow(f func(first int, rows []float64) error) error {
	if err := j.w.Flush(); err != nil {
		return fmt.Errorf("%s: %w", j.path, err)
	}
	per := max(1, blockBytes/len(j.row))
	block := make([]byte, per*len(j.row))
	rows := make([]float64, len(block)/8)
	for at := int64(0); at < j.rows; at += int64(per) {
		n := int(min(int64(per), j.rows-at))
		b := block[:n*len(j.row)]
		if _, err := j.f.ReadAt(b, j.start+at*int64(len(j.row))); err != nil {
			if errors.Is(err, io.EOF) {
				err = store.ErrTruncated
			}
			return fmt.Errorf("%s: %w", j.path, err)
		}
		for i := range len(b) / 8 {
			rows[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
		if err := f(int(at), rows[:len(b)/8]); err != nil {
			return err
		}
	}
	return nil
}
