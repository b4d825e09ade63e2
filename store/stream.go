package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrFinished says that a stream to be resumed was written to its end: there is nothing to do.
var ErrFinished = errors.New("already finished")

// StreamOptions says how a stream is written. The zero value starts anew and journals once a second.
type StreamOptions struct {
	// Config is the configuration of the run, as JSON or TOML. A stream is continued only by a run
	// of the same configuration.
	Config string
	// Resume continues what an earlier process left; with nothing to continue the stream starts anew.
	Resume bool
	// Every is the shortest time between two journal entries. Zero is one second; negative journals
	// after every Write.
	Every time.Duration
}

// Stream writes rows of any number to a file so that a process that is killed and started again with
// Resume makes the same bytes. The rows go to PATH.partial. Now and then that file is synced and a
// journal beside it, PATH.partial.journal, says how many rows and bytes are surely there. A resumed
// stream cuts the file back to the last entry and goes on with the row after it. Close renames the
// file to PATH. A device or a pipe is written to directly and cannot be resumed.
//
// The journal is sealed and has the digest of the rows: what is resumed is what was written, or it is refused. Reading
// it over costs about a second a gigabyte.
//
// A Stream is for one goroutine. After an error of Write it is only good for Leave or Discard.
type Stream struct {
	path, target string // as given, and with links followed
	config       string
	every        time.Duration
	f            *os.File
	w            *bufio.Writer
	direct       bool
	rows, offset int64
	sum          hash.Hash // of the bytes that were written or read over
	beside       string
	entries      bool // the journal has one
	journalled   time.Time
}

// OpenStream opens the stream to path. What can go wrong besides the disk: ErrFinished when a stream to
// resume was closed (a finished file does not say by which configuration), a *ConfigError when another
// run began it, a *FormatError when its files do not belong together, and an ito.InputError for a place
// where nothing can be written or that another process is writing.
func OpenStream(path string, o StreamOptions) (*Stream, error) {
	target, regular, err := destination(path)
	if err != nil {
		return nil, err
	}
	s := &Stream{path: path, target: target, config: o.Config, every: o.Every, direct: !regular, sum: sha256.New()}
	if s.every == 0 {
		s.every = time.Second
	}
	if s.direct {
		if s.f, err = os.OpenFile(target, os.O_WRONLY, 0); err != nil {
			return nil, unwritable(path, err)
		}
		s.w = bufio.NewWriterSize(s.f, 1<<16)
		return s, nil
	}
	if o.Resume && !exists(s.partial()) && exists(target) {
		return nil, errors.Join(ErrFinished, s.removeJournal()) // the kill came after the rename
	}
	if s.f, err = OpenExclusive(s.partial(), os.O_RDWR|os.O_CREATE); err != nil {
		return nil, err
	}
	if err := s.begin(o.Resume); err != nil {
		s.f.Close()
		return nil, err
	}
	s.w = bufio.NewWriterSize(s.f, 1<<16)
	s.journalled = time.Now()
	return s, nil
}

// begin brings the file to the row at which the stream goes on.
func (s *Stream) begin(resume bool) error {
	if resume {
		if err := s.readJournal(); err != nil {
			return err
		}
	} else if err := s.removeJournal(); err != nil {
		return err
	}
	if err := s.f.Truncate(s.offset); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	if _, err := s.f.Seek(s.offset, io.SeekStart); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return nil
}

// Beside is the digest that SetBeside gave before the last row that the stream holds, or "".
func (s *Stream) Beside() string { return s.beside }

// SetBeside says what a file beside the stream holds when the rows of the next Write are there: its digest is
// journalled with them.
func (s *Stream) SetBeside(digest string) { s.beside = digest }

// Rows is the number of rows that the stream holds: the index of the next one to write.
func (s *Stream) Rows() int64 { return s.rows }

// Fresh reports whether nothing is written yet, so that a header is due: write it as zero rows.
func (s *Stream) Fresh() bool { return s.offset == 0 }

// Write appends rows, encoded by encode. Whatever encode writes is one piece: a resumed stream goes on
// before or after it and never inside.
func (s *Stream) Write(rows int, encode func(w io.Writer) error) error {
	c := &counter{w: s.w}
	if !s.direct {
		c.sum = s.sum
	}
	if err := encode(c); err != nil {
		return err
	}
	s.rows += int64(rows)
	s.offset += c.n
	if s.direct || time.Since(s.journalled) < s.every {
		return nil
	}
	return s.Sync()
}

// Sync makes what is written durable and journals it.
func (s *Stream) Sync() error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	if s.direct {
		return nil
	}
	if err := s.f.Sync(); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	err := WriteFile(s.journal(), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(journalEntry{Version: journalVersion, Rows: s.rows, Offset: s.offset,
			Digest: s.digest(), Beside: s.beside, Config: s.config}.sealed())
	})
	s.journalled, s.entries = time.Now(), s.entries || err == nil
	return err
}

// Close finishes the stream: it is synced and takes its name. After an error the partial file is there
// to be resumed.
func (s *Stream) Close() error {
	if s.direct {
		if err := errors.Join(s.w.Flush(), s.f.Close()); err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
		return nil
	}
	err := s.w.Flush()
	if err == nil {
		err = s.f.Sync()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, errors.Join(err, s.f.Close()))
	}
	if err := rename(s.f, s.target); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return errors.Join(syncDir(filepath.Dir(s.target)), s.removeJournal())
}

// Keep stops before the end, journals what is written and leaves it to be resumed: for ctrl-C.
func (s *Stream) Keep() error { return errors.Join(s.Sync(), s.f.Close()) }

// Leave stops after an error of Write, a full disk for one: what the last entry of the journal has stays to be resumed,
// and there reports whether that is anything.
func (s *Stream) Leave() (there bool, err error) {
	if s.direct || !s.entries {
		return false, s.Discard()
	}
	return true, s.f.Close()
}

// Discard stops and leaves nothing behind, whatever an earlier run had finished at the path excepted.
func (s *Stream) Discard() error {
	err := s.f.Close()
	if s.direct {
		return err
	}
	return errors.Join(err, s.removeJournal(), removeIfThere(s.partial()))
}

func (s *Stream) partial() string { return s.target + ".partial" }

type counter struct {
	w   io.Writer
	n   int64
	sum hash.Hash // nil: none
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if c.sum != nil {
		c.sum.Write(p[:n])
	}
	return n, err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
