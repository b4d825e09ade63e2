package draws

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// npyHead matches the header of float64 [chains,draws,columns] in C order.
var npyHead = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`^\{'descr': *'<f8', *'fortran_order': *False, *'shape': *\((\d+), *(\d+), *(\d+)\),? *\} *\n?$`)
})

// readNPY reads what writeNPY wrote, with the columns from the .json beside the file.
func (t *Table) readNPY(f *os.File, size int64, path string) error {
	m, err := readSidecar(path + ".json")
	if err != nil {
		return err
	}
	bad := func(what string) error {
		return &store.FormatError{Path: path, What: what, Do: "name a file that ito wrote: float64 " +
			"[chains,draws,columns]"}
	}
	var fixed [10]byte
	if _, err := io.ReadFull(f, fixed[:]); err != nil || fixed[6] != 1 {
		return bad("its header is not one of version 1")
	}
	head := make([]byte, binary.LittleEndian.Uint16(fixed[8:]))
	if _, err := io.ReadFull(f, head); err != nil {
		return bad("its header is cut short")
	}
	match := npyHead().FindSubmatch(head)
	if match == nil {
		return bad("its header does not say float64 of three axes in C order")
	}
	var shape [3]int64
	for i := range shape {
		if _, err := fmt.Sscan(string(match[i+1]), &shape[i]); err != nil || shape[i] < 1 || shape[i] > size {
			return bad(fmt.Sprintf("its shape has an axis of length %s", match[i+1]))
		}
	}
	want := fmt.Sprintf("%d chains of %d columns", m.Chains, len(m.Columns))
	if shape[0] != int64(m.Chains) || shape[2] != int64(len(m.Columns)) {
		return bad(fmt.Sprintf("it has %d chains of %d columns, and the .json beside it says %s", shape[0], shape[2],
			want))
	}
	rest := size - int64(10+len(head))
	if per := 8 * shape[0] * shape[2]; rest%per != 0 || rest/per != shape[1] {
		return bad(fmt.Sprintf("%d bytes of numbers stand where its header says %d draws of %s", rest, shape[1], want))
	}
	t.Meta, t.Draws = *m, int(shape[1])
	r := bufio.NewReaderSize(f, 1<<16)
	row := make([]float64, len(m.Columns))
	b := make([]byte, 8*len(row))
	chains := make([]*sheet, m.Chains)
	for chain := range chains {
		chains[chain] = t.sheet(len(row))
		for range t.Draws {
			if _, err := io.ReadFull(r, b); err != nil {
				return unreadable(path, err)
			}
			for k := range row {
				row[k] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*k:]))
			}
			if err := chains[chain].add(row); err != nil {
				return err
			}
		}
		if err := chains[chain].done(); err != nil {
			return err
		}
	}
	t.read = func(dst []float64, column, chain, first int) error { return chains[chain].read(dst, column, first) }
	return nil
}

func readSidecar(path string) (*Meta, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return parseSidecar(b, path)
}

// parseSidecar reads Meta as writeSidecar wrote it.
func parseSidecar(b []byte, path string) (*Meta, error) {
	var s sidecar
	if err := json.Unmarshal(b, &s); err != nil || s.Format != sidecarFormat {
		return nil, &store.FormatError{Path: path, What: "it does not describe draws of ito",
			Do: "restore the file that was written with the draws", Err: err}
	}
	m := s.meta()
	if err := m.Check(); err != nil {
		return nil, &ito.InputError{Where: path, What: err.Error()}
	}
	return &m, nil
}
