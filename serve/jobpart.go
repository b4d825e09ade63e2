package serve

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
)

// part writes some rows of a result, from a place to another, counted from 0: the bytes of the same request for these
// rows alone. What has no rows to choose from, or fewer, is a *problem.
func (j *Job) part(w io.Writer, f *os.File, from, to int64) error {
	var err error
	switch {
	case j.Kind == jobSample && j.Format == "npy":
		err = partNPY(w, f, from, to)
	case j.Format == "csv":
		err = partLines(w, f, true, from, to)
	case j.Format == "text", j.Format == "ndjson":
		err = partLines(w, f, false, from, to)
	default:
		return newProblem(http.StatusBadRequest, "from", "a result of the kind "+j.Kind+" in "+j.Format+" has no rows "+
			"to choose from", "ask for bytes with the header Range, or for another format")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return newProblem(http.StatusRequestedRangeNotSatisfiable, "to", "the result has fewer rows", "count them "+
			"from 0; to is the first that is not wanted")
	}
	return err
}

// partLines writes some records of a table, and its head before them. An end of line between quotes ends no record.
// A table with fewer is io.ErrUnexpectedEOF.
func partLines(to io.Writer, from io.Reader, head bool, first, last int64) error {
	r, w := bufio.NewReaderSize(from, 1<<16), bufio.NewWriterSize(to, 1<<16)
	at, quoted := int64(0), false
	if head {
		at = -1
	}
	for at < last {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if at < 0 || at >= first {
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		quoted = quoted != (head && bytes.Count(line, []byte(`"`))%2 == 1)
		if !quoted && err == nil {
			at++
		}
	}
	return w.Flush()
}

// npyRows finds the number of rows in the head of an npy file of this program.
var npyRows = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`'shape': \((\d+)`) })

// partNPY writes some rows of an npy file, with a head of their number. A file with fewer is io.ErrUnexpectedEOF.
func partNPY(w io.Writer, f *os.File, first, last int64) error {
	const before = 10 // magic, version and the length of the head
	var start [before]byte
	if _, err := io.ReadFull(f, start[:]); err != nil {
		return err
	}
	head := make([]byte, binary.LittleEndian.Uint16(start[8:]))
	if _, err := io.ReadFull(f, head); err != nil {
		return err
	}
	at := npyRows().FindSubmatchIndex(head)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if at == nil {
		return errors.New("it is no npy file of this program")
	}
	rows, err := strconv.ParseInt(string(head[at[2]:at[3]]), 10, 64)
	if err != nil || rows < 1 {
		return errors.New("it is no npy file of this program")
	}
	if last > rows {
		return io.ErrUnexpectedEOF
	}
	size := (info.Size() - before - int64(len(head))) / rows
	text := strconv.AppendInt(bytes.Clone(head[:at[2]]), last-first, 10)
	text = append(text, bytes.TrimRight(head[at[3]:], " \n")...)
	text = append(text, bytes.Repeat([]byte(" "), 63-(before+len(text))%64)...)
	text = append(text, '\n')
	begin := binary.LittleEndian.AppendUint16(start[:8:8], uint16(len(text)))
	if _, err := w.Write(append(begin, text...)); err != nil {
		return err
	}
	_, err = io.Copy(w, io.NewSectionReader(f, before+int64(len(head))+first*size, (last-first)*size))
	return err
}
