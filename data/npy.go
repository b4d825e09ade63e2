package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/float16"
	"github.com/seed9a7962a8/ito/internal/lines"
)

const npyMagic = "\x93NUMPY"

// Array is what an npy file holds: numbers of any shape, row-major.
type Array struct {
	Shape []int
	X     []float64
}

// ReadNPY reads an npy file (NumPy enhancement proposal 1, versions 1 to 3): booleans, integers and
// floats of 4 or 8 bytes, of any byte order, in C or Fortran order. Integers beyond 2⁵³ are rounded.
// The memory used is that of what is really there, whatever a damaged header promises. Whatever is
// wrong is an *ito.InputError.
func ReadNPY(r io.Reader, name string) (Array, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return Array{}, npyError(name, err)
	}
	x, err := h.read(r)
	if err != nil {
		return Array{}, npyError(name, err)
	}
	if h.fortran && len(h.shape) > 1 {
		x = fromFortran(x, h.shape)
	}
	return Array{Shape: h.shape, X: x}, nil
}

// Table makes a table of a 2-d array, or of one column of a 1-d array, with [DefaultColumns].
func (a Array) Table(name string) (*Table, error) {
	t := &Table{Name: name, X: a.X}
	switch len(a.Shape) {
	case 1:
		t.Rows, t.Cols = a.Shape[0], 1
	case 2:
		t.Rows, t.Cols = a.Shape[0], a.Shape[1]
	default:
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("the array has %d dimensions, shape %v",
			len(a.Shape), a.Shape),
			Do: "save an array of rows and columns"}
	}
	if t.Rows == 0 || t.Cols == 0 {
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("the array of shape %v has no numbers", a.Shape),
			Do: "save at least one row"}
	}
	if t.Cols > MaxColumns {
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("it has %d columns, more than %d", t.Cols,
			MaxColumns), Do: "give fewer columns"}
	}
	t.Columns = DefaultColumns(t.Cols)
	return t, t.finite()
}

func npyError(name string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too early")
	}
	return &ito.InputError{Where: name, What: "not a readable npy file: " + err.Error(),
		Do: "save it with numpy.save as numbers: floats, integers or booleans"}
}

type npyHeader struct {
	kind    byte // f, i, u, b
	size    int
	order   binary.ByteOrder
	fortran bool
	shape   []int
	total   int // product of the shape
}

func readNPYHeader(r io.Reader) (h npyHeader, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return h, err
	}
	if string(head[:6]) != npyMagic {
		return h, errors.New("the first bytes are not those of one")
	}
	var length [4]byte
	switch head[6] {
	case 1:
		_, err = io.ReadFull(r, length[:2])
	case 2, 3:
		_, err = io.ReadFull(r, length[:])
	default:
		return h, fmt.Errorf("version %d is unknown", head[6])
	}
	if err != nil {
		return h, err
	}
	n := binary.LittleEndian.Uint32(length[:])
	if n > 1<<20 {
		return h, fmt.Errorf("a header of %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, err
	}
	return h, h.parse(string(text))
}

// parse reads the dictionary {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
func (h *npyHeader) parse(s string) error {
	descr, err := npyField(s, "descr")
	if err != nil {
		return err
	}
	if err := h.parseType(descr); err != nil {
		return err
	}
	fortran, err := npyField(s, "fortran_order")
	if err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(fortran, "True"):
		h.fortran = true
	case !strings.HasPrefix(fortran, "False"):
		return errors.New("fortran_order is neither True nor False")
	}
	shape, err := npyField(s, "shape")
	if err != nil {
		return err
	}
	inner, _, closed := strings.Cut(strings.TrimPrefix(shape, "("), ")")
	if !strings.HasPrefix(shape, "(") || !closed {
		return errors.New("the shape is not a tuple")
	}
	h.shape, h.total = []int{}, 1
	for part := range strings.SplitSeq(inner, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		k, err := strconv.Atoi(strings.TrimSuffix(part, "L"))
		if err != nil || k < 0 {
			return fmt.Errorf("the shape has the length %s", lines.Brief(part))
		}
		if k > 0 && h.total > math.MaxInt/8/k {
			return fmt.Errorf("the shape (%s) is too large", inner)
		}
		h.shape = append(h.shape, k)
		h.total *= k
	}
	return nil
}

func (h *npyHeader) parseType(descr string) error {
	if len(descr) < 2 || descr[0] != '\'' && descr[0] != '"' {
		return errors.New("an array of records")
	}
	t, _, closed := strings.Cut(descr[1:], descr[:1])
	if !closed || len(t) < 2 {
		return fmt.Errorf("the type %s", lines.Brief(t))
	}
	h.order = binary.LittleEndian
	switch t[0] {
	case '>':
		h.order = binary.BigEndian
		t = t[1:]
	case '<', '|', '=':
		t = t[1:]
	}
	switch t {
	case "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1":
		h.kind, h.size = t[0], int(t[1]-'0')
		return nil
	}
	return fmt.Errorf("numbers of type %s", lines.Brief(t))
}

// npyField returns what follows 'key': in the dictionary.
func npyField(s, key string) (string, error) {
	for _, quote := range []string{"'", `"`} {
		if _, after, found := strings.Cut(s, quote+key+quote); found {
			if after = strings.TrimSpace(after); strings.HasPrefix(after, ":") {
				return strings.TrimSpace(after[1:]), nil
			}
		}
	}
	return "", fmt.Errorf("its header does not say %s", key)
}

// read takes the numbers in pieces, so that memory grows only with what is there, and joins them when all are.
func (h *npyHeader) read(r io.Reader) ([]float64, error) {
	const piece = 1 << 15
	buf := make([]byte, min(h.total, piece)*h.size)
	var parts [][]float64
	for left := h.total; left > 0; {
		part := make([]float64, min(left, piece))
		b := buf[:len(part)*h.size]
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		for i := range part {
			part[i] = h.number(b[i*h.size:])
		}
		parts, left = append(parts, part), left-len(part)
	}
	return slices.Concat(parts...), nil
}

func (h *npyHeader) number(b []byte) float64 {
	var u uint64
	switch h.size {
	case 1:
		u = uint64(b[0])
	case 2:
		u = uint64(h.order.Uint16(b))
	case 4:
		u = uint64(h.order.Uint32(b))
	case 8:
		u = h.order.Uint64(b)
	}
	switch h.kind {
	case 'f':
		switch h.size {
		case 2:
			return float64(float16.Widen(uint16(u)))
		case 4:
			return float64(math.Float32frombits(uint32(u)))
		}
		return math.Float64frombits(u)
	case 'i':
		shift := 64 - 8*h.size
		return float64(int64(u<<shift) >> shift)
	}
	return float64(u)
}

// fromFortran turns column-major numbers into row-major.
func fromFortran(x []float64, shape []int) []float64 {
	out := make([]float64, len(x))
	stride := make([]int, len(shape))
	step := 1
	for k, n := range shape {
		stride[k] = step
		step *= n
	}
	index := make([]int, len(shape))
	for i := range out {
		at := 0
		for k, v := range index {
			at += v * stride[k]
		}
		out[i] = x[at]
		for k := len(shape) - 1; k >= 0; k-- {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
	}
	return out
}
