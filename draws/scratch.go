package draws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
)

// scratch is an array of 64-bit words that grows as it is written: the first most words are in memory, the others
// in a temporary file, which has no name where the system allows it, so that nothing of it is left after a crash.
// Reading is safe for concurrent use.
type scratch struct {
	dir  string // of the file; empty: the system's
	most int64
	mem  []uint64
	f    *os.File
}

// bytesPool are the buffers through which words go to the file and back.
var bytesPool = sync.Pool{New: func() any { return new([1 << 16]byte) }}

// WriteWords implements metric.Scratch.
func (s *scratch) WriteWords(src []uint64, at int64) error {
	if n := min(int64(len(src)), s.most-at); n > 0 {
		if more := int(at+n) - len(s.mem); more > 0 {
			s.mem = slices.Grow(s.mem, more)[:at+n]
		}
		copy(s.mem[at:], src[:n])
		src, at = src[n:], at+n
	}
	if len(src) == 0 {
		return nil
	}
	if s.f == nil {
		f, err := os.CreateTemp(s.dir, ".ito-draws-*")
		if err != nil {
			return fmt.Errorf("a temporary file for the summary: %w", err)
		}
		s.f = f
		os.Remove(f.Name()) // where it fails, close does it
	}
	b := bytesPool.Get().(*[1 << 16]byte)
	defer bytesPool.Put(b)
	for len(src) > 0 {
		n := min(len(src), len(b)/8)
		for i, v := range src[:n] {
			binary.LittleEndian.PutUint64(b[8*i:], v)
		}
		if _, err := s.f.WriteAt(b[:8*n], 8*(at-s.most)); err != nil {
			return fmt.Errorf("a temporary file for the summary: %w", err)
		}
		src, at = src[n:], at+int64(n)
	}
	return nil
}

// ReadWords implements metric.Scratch.
func (s *scratch) ReadWords(dst []uint64, at int64) error {
	return s.read(len(dst), at, func(i int, v uint64) { dst[i] = v })
}

// read calls f with n words.
func (s *scratch) read(n int, at int64, f func(i int, v uint64)) error {
	done := 0
	if at < s.most {
		done = int(min(int64(n), s.most-at))
		for i, v := range s.mem[at : at+int64(done)] {
			f(i, v)
		}
	}
	if done == n {
		return nil
	}
	b := bytesPool.Get().(*[1 << 16]byte)
	defer bytesPool.Put(b)
	for done < n {
		k := min(n-done, len(b)/8)
		if _, err := s.f.ReadAt(b[:8*k], 8*(at+int64(done)-s.most)); err != nil {
			return fmt.Errorf("a temporary file for the summary: %w", err)
		}
		for i := range k {
			f(done+i, binary.LittleEndian.Uint64(b[8*i:]))
		}
		done += k
	}
	return nil
}

// close frees memory and file.
func (s *scratch) close() error {
	s.mem = nil
	if s.f == nil {
		return nil
	}
	err := s.f.Close()
	if e := os.Remove(s.f.Name()); !errors.Is(e, os.ErrNotExist) {
		err = errors.Join(err, e)
	}
	s.f = nil
	return err
}
