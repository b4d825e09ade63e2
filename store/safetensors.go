package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxHeader is the longest header in bytes that the format allows.
const MaxHeader = 100_000_000

const metadataKey = "__metadata__"

// File is the content of a safetensors file.
type File struct {
	Metadata map[string]string // nil when there is none
	Tensors  []Tensor          // read: in the order of the bytes; written: see Marshal
}

// Tensor returns the tensor of the given name, or an error that says that there is none.
func (f *File) Tensor(name string) (*Tensor, error) {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i], nil
		}
	}
	return nil, &FormatError{What: fmt.Sprintf("there is no tensor %q", name)}
}

// Marshal returns the bytes of f. They depend on the content alone and not on the order of f.Tensors:
// wider types come first and then the names in order, so every value is aligned to its size. The
// header is padded to a multiple of 8 bytes.
func Marshal(f *File) ([]byte, error) {
	var b bytes.Buffer
	if err := Encode(&b, f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Encode writes the bytes of Marshal to w.
func Encode(w io.Writer, f *File) error {
	tensors, err := canonical(f.Tensors)
	if err != nil {
		return err
	}
	h, err := header(f.Metadata, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	for i := range tensors {
		if _, err := w.Write(tensors[i].Data); err != nil {
			return err
		}
	}
	return nil
}

// canonical returns the tensors in the order in which they are written, checked.
func canonical(tensors []Tensor) ([]Tensor, error) {
	t := slices.Clone(tensors)
	slices.SortStableFunc(t, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.DType.Size(), a.DType.Size()), cmp.Compare(a.Name, b.Name))
	})
	seen := make(map[string]bool, len(t))
	for i := range t {
		name := t[i].Name
		switch {
		case name == metadataKey || !utf8.ValidString(name):
			return nil, &FormatError{What: fmt.Sprintf("a tensor cannot have the name %q", name)}
		case seen[name]:
			return nil, &FormatError{What: fmt.Sprintf("two tensors have the name %q", name)}
		}
		seen[name] = true
		if err := t[i].check(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// header returns the length, the JSON header and its padding.
func header(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	b := append(make([]byte, 8), '{')
	if metadata != nil {
		keys := make([]string, 0, len(metadata))
		for k, v := range metadata {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return nil, &FormatError{What: fmt.Sprintf("metadata %q is not UTF-8", k)}
			}
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b = append(appendString(b, metadataKey), ":{"...)
		for i, k := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, k), ':')
			b = appendString(b, metadata[k])
		}
		b = append(b, '}')
	}
	offset := 0
	for i, t := range tensors {
		if i > 0 || metadata != nil {
			b = append(b, ',')
		}
		b = append(appendString(b, t.Name), `:{"dtype":"`...)
		b = append(append(b, t.DType...), `","shape":[`...)
		for j, n := range t.Shape {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(n), 10)
		}
		b = append(b, `],"data_offsets":[`...)
		b = append(strconv.AppendInt(b, int64(offset), 10), ',')
		offset += len(t.Data)
		b = append(strconv.AppendInt(b, int64(offset), 10), "]}"...)
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	if len(b)-8 > MaxHeader {
		return nil, &FormatError{What: fmt.Sprintf("the header would have %d bytes, the format allows %d", len(b)-8,
			MaxHeader)}
	}
	binary.LittleEndian.PutUint64(b, uint64(len(b)-8))
	return b, nil
}

// appendString appends s as a JSON string. Only a string goes in, so there is no error to lose.
func appendString(b []byte, s string) []byte {
	q, _ := json.Marshal(s)
	return append(b, q...)
}

// ReadFile reads any safetensors file, sealed or not. The errors are FormatErrors.
func ReadFile(path string) (*File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	f, err := Unmarshal(b)
	return f, inFile(err, path)
}

// Decode reads r to its end and returns the file in it.
func Decode(r io.Reader) (*File, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return Unmarshal(b)
}

// Unmarshal reads the bytes of a safetensors file; the tensors share them. It checks everything that
// the format promises: lengths, types, shapes, names that come once, and tensors that cover the data
// without overlap, hole or rest. Errors are FormatErrors; no input makes it panic.
func Unmarshal(b []byte) (*File, error) {
	const again = "copy or download it again"
	notOne := func(format string, args ...any) error {
		return &FormatError{What: "not a safetensors file: " + fmt.Sprintf(format, args...),
			Do: "give a .safetensors file, such as ito train writes", Err: ErrNotSafetensors}
	}
	if len(b) < 8 {
		return nil, notOne("it has %d bytes", len(b))
	}
	n, rest := binary.LittleEndian.Uint64(b), b[8:]
	switch {
	case n > MaxHeader:
		return nil, notOne("its header would have %d bytes, the format allows %d", n, MaxHeader)
	case n == 0 || len(rest) > 0 && rest[0] != '{':
		return nil, notOne("no header begins at byte 8")
	case n > uint64(len(rest)):
		return nil, &FormatError{What: fmt.Sprintf("truncated: the header has %d bytes and %d are there", n, len(rest)),
			Do: again, Err: ErrTruncated}
	}
	entries, metadata, err := parseHeader(rest[:n])
	if err != nil {
		return nil, &FormatError{What: "safetensors header: " + err.Error(), Do: again, Err: ErrNotSafetensors}
	}
	data := rest[n:]
	f := &File{Metadata: metadata}
	end := uint64(0)
	for _, e := range entries {
		switch {
		case e.begin > end:
			return nil, &FormatError{What: fmt.Sprintf("tensor %q begins at byte %d of the data: nothing owns the %d "+
				"bytes before it", e.name, e.begin, e.begin-end)}
		case e.begin < end:
			return nil, &FormatError{What: fmt.Sprintf("tensor %q begins at byte %d of the data, inside the tensor "+
				"before it, which ends at %d", e.name, e.begin, end)}
		case e.end > uint64(len(data)):
			return nil, &FormatError{What: fmt.Sprintf("truncated: tensor %q ends at byte %d of the data and %d are "+
				"there", e.name, e.end, len(data)),
				Do: again, Err: ErrTruncated}
		}
		end = e.end
		f.Tensors = append(f.Tensors, Tensor{e.name, e.dtype, e.shape, data[e.begin:e.end:e.end]})
	}
	if end != uint64(len(data)) {
		return nil, &FormatError{What: fmt.Sprintf("%d bytes follow the last tensor", uint64(len(data))-end), Do: again,
			Err: ErrEdited}
	}
	return f, nil
}

// byteLength is the product of dims times size; ok is false where it overflows.
func byteLength(dims []uint64, size int) (n uint64, ok bool) {
	n = uint64(size)
	for _, d := range dims {
		hi, lo := bits.Mul64(n, d)
		if hi != 0 {
			return 0, false
		}
		n = lo
	}
	return n, true
}
