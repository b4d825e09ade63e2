package draws

import "math"

// sheetValues is how many values of a sheet are in memory while it is written.
const sheetValues = 1 << 19

// sheet is rows of a fixed width that are written row by row and read column by column: block after block in a
// scratch, each turned round, so that a column of a block is in one place. One sheet of a scratch is written at a
// time.
type sheet struct {
	words  *scratch
	end    *int64 // of what is written to the scratch
	start  int64
	width  int
	per    int       // rows of a block; the last may have fewer
	block  []float64 // rows that are not yet in the scratch
	turned []uint64
	rows   int
}

func newSheet(words *scratch, end *int64, width int) *sheet {
	return &sheet{words: words, end: end, start: *end, width: width, per: max(1, sheetValues/width)}
}

// add appends rows.
func (s *sheet) add(rows []float64) error {
	for len(rows) > 0 {
		n := min(len(rows), s.per*s.width-len(s.block))
		s.block = append(s.block, rows[:n]...)
		rows = rows[n:]
		if len(s.block) == s.per*s.width {
			if err := s.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes a block. Only the last is not full.
func (s *sheet) flush() error {
	n := len(s.block) / s.width
	if n == 0 {
		return nil
	}
	if s.turned == nil {
		s.turned = make([]uint64, 0, max(n, 1<<13))
	}
	write := func() error {
		err := s.words.WriteWords(s.turned, *s.end)
		*s.end += int64(len(s.turned))
		s.turned = s.turned[:0]
		return err
	}
	for k := range s.width {
		if len(s.turned)+n > cap(s.turned) {
			if err := write(); err != nil {
				return err
			}
		}
		for i := range n {
			s.turned = append(s.turned, math.Float64bits(s.block[i*s.width+k]))
		}
	}
	s.rows += n
	s.block = s.block[:0]
	return write()
}

// done ends the writing.
func (s *sheet) done() error {
	err := s.flush()
	s.block, s.turned = nil, nil
	return err
}

// count is the number of rows so far.
func (s *sheet) count() int { return s.rows + len(s.block)/s.width }

// read fills dst with the values of column k of row first, first+1, …
func (s *sheet) read(dst []float64, k, first int) error {
	for len(dst) > 0 {
		b, i := first/s.per, first%s.per
		stride := min(s.per, s.rows-b*s.per)
		n := min(len(dst), stride-i)
		at := s.start + int64(b)*int64(s.per)*int64(s.width) + int64(k)*int64(stride) + int64(i)
		if err := s.words.read(n, at, func(i int, v uint64) { dst[i] = math.Float64frombits(v) }); err != nil {
			return err
		}
		dst, first = dst[n:], first+n
	}
	return nil
}
