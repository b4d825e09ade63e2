package sample

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
)

// A file of samples has a header and data columns and no place for settings. But a sample is known by its settings
// and its id: whether a finished file is of these settings is seen by drawing its first row and its last once more.

// sameFile compares a finished file with what these settings make: its columns, its number of rows, its first and
// its last row.
func (c *Config) sameFile(ctx context.Context, env *Env, m *ito.Model) error {
	format, err := c.format(m)
	if err != nil {
		return err
	}
	f, err := os.Open(c.Out)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Out, err)
	}
	defer f.Close()
	var head bytes.Buffer
	if err := format.Begin(&head); err != nil {
		return err
	}
	s := finishedSamples{c: c, env: env, f: f, head: head.Bytes(), format: format}
	switch kindOf(format).(type) {
	case data.NPY:
		err = s.readNPY()
	case data.Text, data.JSONLines:
		err = s.readLines(0)
	default:
		err = s.readLines(1)
	}
	if err != nil {
		return err
	}
	return s.compare(ctx, m)
}

// finishedSamples is a file of samples that is compared with settings.
type finishedSamples struct {
	c           *Config
	env         *Env
	f           *os.File
	head        []byte // as these settings begin it
	format      data.Format
	first, last []byte // rows of the file
}

func (s *finishedSamples) differs(field, saved, now string) error {
	return fmt.Errorf("%s: %w", s.c.Out, &store.ConfigError{Field: field, Saved: saved, Now: now,
		Where: "the finished file"})
}

// readLines finds the rows of a file of lines behind its header of so many, 0 or 1, and counts them.
func (s *finishedSamples) readLines(header int) error {
	r := bufio.NewReaderSize(s.f, 1<<16)
	var line []byte
	rows := -header
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", s.c.Out, err)
		}
		if len(line) > 0 {
			switch {
			case rows < 0:
				if !bytes.Equal(line, s.head) {
					return s.differs("columns", brieflyQuoted(line), brieflyQuoted(s.head))
				}
			case rows == 0:
				s.first = bytes.Clone(line)
			}
			rows++
			s.last = append(s.last[:0], line...)
		}
		line = line[:0]
		if err == io.EOF {
			break
		}
	}
	if rows != s.c.N {
		return s.differs("n", fmt.Sprint(max(rows, 0)), fmt.Sprint(s.c.N))
	}
	return nil
}

// npyShape finds the shape in the header of an npy file.
const npyShape = `'shape': *\((\d+), *([\d, ]+)\)`

const npyType = `'descr': '[^']*'`

// readNPY reads the header and two rows of the file.
func (s *finishedSamples) readNPY() error {
	size, shape := 0, ""
	if n, ok := kindOf(s.format).(data.NPY); ok {
		size, shape = n.RowSize(), strings.Trim(strings.ReplaceAll(fmt.Sprint(n.Shape[1:]), " ", ", "), "[]")
	}
	head := make([]byte, len(s.head))
	if _, err := io.ReadFull(s.f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", s.c.Out, err)
	}
	if !bytes.Equal(head, s.head) {
		match := regexp.MustCompile(npyShape).FindSubmatch(head)
		switch {
		case match == nil:
			return &store.FormatError{Path: s.c.Out, What: "it is no file of samples",
				Do: "start anew without `resume`"}
		case string(match[2]) != shape:
			return s.differs("columns", string(match[2]), shape)
		case string(match[1]) == fmt.Sprint(s.c.N):
			kind := regexp.MustCompile(npyType)
			return s.differs("type", string(kind.Find(head)), string(kind.Find(s.head)))
		}
		return s.differs("n", string(match[1]), fmt.Sprint(s.c.N))
	}
	s.first, s.last = make([]byte, size), make([]byte, size)
	for row, at := range map[*[]byte]int64{&s.first: 0, &s.last: int64(s.c.N - 1)} {
		if _, err := s.f.ReadAt(*row, int64(len(head))+at*int64(size)); err != nil {
			return &store.FormatError{Path: s.c.Out, What: "it is shorter than its header says",
				Do: "start anew without `resume`", Err: store.ErrTruncated}
		}
	}
	return nil
}

// compare draws the two rows and compares their bytes.
func (s *finishedSamples) compare(ctx context.Context, m *ito.Model) error {
	for _, row := range []struct {
		which string
		at    int
		want  []byte
	}{{"first", 0, s.first}, {"last", s.c.N - 1, s.last}} {
		cfg := s.c.SampleConfig
		cfg.First, cfg.N = cfg.First+uint64(row.at), 1
		var got bytes.Buffer
		run := recipe.RunOptions{Workers: s.c.Workers, Version: s.env.Version}
		var tr recipe.Trajectory
		var err error
		if s.c.Trajectory == "" {
			_, err = recipe.Sample(ctx, m, cfg, run, func(x ito.States) error { return s.format.Rows(&got, x) })
		} else if tr, _, err = recipe.Trace(ctx, m, cfg, run); err == nil {
			err = s.format.Rows(&got, tr.Last())
		}
		if err != nil {
			return err
		}
		if !bytes.Equal(got.Bytes(), row.want) {
			return &ito.InputError{Where: s.c.Out,
				What: fmt.Sprintf("`resume`: it is finished, and its %s row is %s where these settings make %s: it "+
					"is of another model, `seed`, `first`, solver, number of calls, condition or version", row.which,
					s.words(row.want), s.words(got.Bytes())),
				Do: "give the settings that it was made with, or start anew without `resume`"}
		}
		if s.c.Trajectory != "" {
			if err := s.compareTrack(tr, row.at); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareTrack compares the trajectory of one sample with that in the finished file of trajectories.
func (s *finishedSamples) compareTrack(tr recipe.Trajectory, at int) error {
	path := s.c.Trajectory
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return &ito.InputError{Where: path, What: "`resume`: the samples are finished and their trajectories are not " +
			"there", Do: anew}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := header(len(tr.Times), s.c.N, tr.D)
	if err != nil {
		return err
	}
	got, same := make([]byte, len(head)), true
	if _, err := f.ReadAt(got, 0); err != nil || !bytes.Equal(got, head) {
		same = false
	}
	part := make([]byte, 8*tr.D)
	for k := 0; same && k < len(tr.Times); k++ {
		if _, err := f.ReadAt(part, place(len(head), k, s.c.N, tr.D, at)); err != nil {
			same = false
		}
		for i, v := range tr.At(k).X {
			same = same && binary.LittleEndian.Uint64(part[8*i:]) == math.Float64bits(v)
		}
	}
	if !same {
		return &ito.InputError{Where: path,
			What: "`resume`: the samples are finished, and these trajectories are not theirs",
			Do:   "give the settings that they were made with, or start anew without `resume`"}
	}
	return nil
}

// words is a row for a message.
func (s *finishedSamples) words(row []byte) string {
	npy, ok := kindOf(s.format).(data.NPY)
	if !ok {
		return brieflyQuoted(row)
	}
	var x []float64
	if npy.Bytes {
		for _, b := range row {
			x = append(x, float64(b))
		}
		return table.Numbers(x)
	}
	if npy.Whole {
		for ; len(row) >= 4; row = row[4:] {
			x = append(x, float64(int32(binary.LittleEndian.Uint32(row))))
		}
		return table.Numbers(x)
	}
	for ; len(row) >= 8; row = row[8:] {
		x = append(x, math.Float64frombits(binary.LittleEndian.Uint64(row)))
	}
	return table.Numbers(x)
}

// brieflyQuoted is the beginning of a line.
func brieflyQuoted(line []byte) string {
	text := strings.TrimRight(string(line), "\r\n")
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
