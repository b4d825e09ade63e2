package frame

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"sync"
)

// DefaultHeld are the cells of a table that are held in memory: 128 MiB. What is larger is in a temporary file.
const DefaultHeld = 1 << 24

// Scratch is an array of 64-bit words in a temporary file, which has no name where the system allows it, so that
// nothing of it is left after a crash. Reading is safe for concurrent use. It is an extsort.Scratch.
type Scratch struct{ f *os.File }

// NewScratch makes the file, in the system's directory for such files.
func NewScratch() (*Scratch, error) {
	f, err := os.CreateTemp("", ".ito-rows-*")
	if err != nil {
		return nil, fmt.Errorf("a temporary file for rows that do not fit into memory: %w", err)
	}
	_ = os.Remove(f.Name()) // where it fails, Close does it
	return &Scratch{f}, nil
}

// Close gives up the file.
func (s *Scratch) Close() error {
	err := s.f.Close()
	_ = os.Remove(s.f.Name())
	return err
}

// buffers are what words go through.
var buffers = sync.Pool{New: func() any { return new([1 << 15]byte) }}

// WriteWords writes words from place at on.
func (s *Scratch) WriteWords(src []uint64, at int64) error {
	b := buffers.Get().(*[1 << 15]byte)
	defer buffers.Put(b)
	for len(src) > 0 {
		n := min(len(src), len(b)/8)
		for i, v := range src[:n] {
			binary.LittleEndian.PutUint64(b[8*i:], v)
		}
		if _, err := s.f.WriteAt(b[:8*n], 8*at); err != nil {
			return fmt.Errorf("a temporary file for rows that do not fit into memory: %w", err)
		}
		src, at = src[n:], at+int64(n)
	}
	return nil
}

// ReadWords reads the words from place at on.
func (s *Scratch) ReadWords(dst []uint64, at int64) error {
	return s.read(len(dst), at, func(i int, v uint64) { dst[i] = v })
}

// ReadFloats reads the words from place at on as numbers.
func (s *Scratch) ReadFloats(dst []float64, at int64) error {
	return s.read(len(dst), at, func(i int, v uint64) { dst[i] = math.Float64frombits(v) })
}

func (s *Scratch) read(n int, at int64, take func(i int, v uint64)) error {
	b := buffers.Get().(*[1 << 15]byte)
	defer buffers.Put(b)
	for done := 0; done < n; {
		k := min(n-done, len(b)/8)
		if _, err := s.f.ReadAt(b[:8*k], 8*(at+int64(done))); err != nil {
			return fmt.Errorf("a temporary file for rows that do not fit into memory: %w", err)
		}
		for i := range k {
			take(done+i, binary.LittleEndian.Uint64(b[8*i:]))
		}
		done += k
	}
	return nil
}

// spilled are the rows of a frame in a file.
type spilled struct {
	*Scratch
	pending []uint64 // not yet written
	words   int64    // written
	mu      sync.Mutex
	err     error // of the first reading that failed
}

// pendingWords go to the file at a time.
const pendingWords = 1 << 16

// add appends a row.
func (f *Frame) add(row []float64, held int) error {
	f.Rows++
	if f.file == nil {
		if held <= 0 || len(f.X)+len(row) <= held {
			f.X = append(f.X, row...)
			return nil
		}
		s, err := NewScratch()
		if err != nil {
			return err
		}
		f.file = &spilled{Scratch: s}
		for _, v := range f.X {
			if err := f.file.put(v); err != nil {
				return err
			}
		}
		f.X = nil
	}
	for _, v := range row {
		if err := f.file.put(v); err != nil {
			return err
		}
	}
	return nil
}

func (s *spilled) put(v float64) error {
	if s.pending = append(s.pending, math.Float64bits(v)); len(s.pending) < pendingWords {
		return nil
	}
	return s.flush()
}

func (s *spilled) flush() error {
	err := s.WriteWords(s.pending, s.words)
	s.words += int64(len(s.pending))
	s.pending = s.pending[:0]
	return err
}

// row reads a row; what fails is kept for [Frame.Err].
func (s *spilled) row(i, columns int) []float64 {
	out := make([]float64, columns)
	if err := s.ReadFloats(out, int64(i)*int64(columns)); err != nil {
		s.mu.Lock()
		if s.err == nil {
			s.err = err
		}
		s.mu.Unlock()
	}
	return out
}

// Held reports that the rows are in memory, in X; otherwise they are in a temporary file, and X is nil.
func (f *Frame) Held() bool { return f.file == nil }

// Err is the first error of reading rows that are in a file.
func (f *Frame) Err() error {
	if f.file == nil {
		return nil
	}
	f.file.mu.Lock()
	defer f.file.mu.Unlock()
	return f.file.err
}

// Close gives up the file, if there is one.
func (f *Frame) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// Each gives the rows in order. row is only good during the call.
func (f *Frame) Each(take func(i int, row []float64) error) error {
	c := len(f.Schema.Columns)
	if f.file == nil {
		for i := range f.Rows {
			if err := take(i, f.X[i*c:(i+1)*c:(i+1)*c]); err != nil {
				return err
			}
		}
		return nil
	}
	part := max(1, pendingWords/c)
	b := make([]float64, part*c)
	for from := 0; from < f.Rows; from += part {
		n := min(part, f.Rows-from)
		if err := f.file.ReadFloats(b[:n*c], int64(from)*int64(c)); err != nil {
			return err
		}
		for i := range n {
			if err := take(from+i, b[i*c:(i+1)*c:(i+1)*c]); err != nil {
				return err
			}
		}
	}
	return nil
}
