package store

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/internal/float16"
)

// DType is the type of a tensor's values, by its name in the safetensors header.
type DType string

// The types that ito reads. It writes F32, F64, I32, I64, I8 and U8.
const (
	Bool DType = "BOOL"
	U8   DType = "U8"
	I8   DType = "I8"
	U16  DType = "U16"
	I16  DType = "I16"
	F16  DType = "F16"
	BF16 DType = "BF16"
	U32  DType = "U32"
	I32  DType = "I32"
	F32  DType = "F32"
	U64  DType = "U64"
	I64  DType = "I64"
	F64  DType = "F64"
)

// Size is the number of bytes of one value, 0 for a type that ito does not know.
func (d DType) Size() int {
	switch d {
	case Bool, U8, I8:
		return 1
	case U16, I16, F16, BF16:
		return 2
	case U32, I32, F32:
		return 4
	case U64, I64, F64:
		return 8
	}
	return 0
}

// Tensor is one named array. Data holds the values row-major and little-endian; its length is the
// product of Shape times DType.Size(). An empty Shape is a scalar.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	Data  []byte
}

// NewF32 makes an F32 tensor. The length of v must be the product of shape: Marshal checks it.
func NewF32(name string, v []float32, shape ...int) Tensor {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return Tensor{name, F32, shape, b}
}

// NewF64 makes an F64 tensor, as NewF32.
func NewF64(name string, v []float64, shape ...int) Tensor {
	b := make([]byte, 0, 8*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return Tensor{name, F64, shape, b}
}

// NewI32 makes an I32 tensor, as NewF32.
func NewI32(name string, v []int32, shape ...int) Tensor {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return Tensor{name, I32, shape, b}
}

// NewI64 makes an I64 tensor, as NewF32.
func NewI64(name string, v []int64, shape ...int) Tensor {
	b := make([]byte, 0, 8*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, uint64(x))
	}
	return Tensor{name, I64, shape, b}
}

// NewU8 makes a U8 tensor that shares v.
func NewU8(name string, v []byte, shape ...int) Tensor { return Tensor{name, U8, shape, v} }

// NewI8 makes an I8 tensor, as NewF32.
func NewI8(name string, v []int8, shape ...int) Tensor {
	b := make([]byte, len(v))
	for i, x := range v {
		b[i] = byte(x)
	}
	return Tensor{name, I8, shape, b}
}

// Float32s returns the values of an F32, F16 or BF16 tensor, exactly. Other types are an error: a
// narrowing is for the caller to decide.
func (t *Tensor) Float32s() ([]float32, error) {
	le := binary.LittleEndian
	switch t.DType {
	case F32:
		return values(t, func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) })
	case BF16:
		return values(t, func(b []byte) float32 { return math.Float32frombits(uint32(le.Uint16(b)) << 16) })
	case F16:
		return values(t, func(b []byte) float32 { return float16.Widen(le.Uint16(b)) })
	}
	return nil, t.refuse("float32")
}

// Float64s returns the values of a floating-point tensor, exactly.
func (t *Tensor) Float64s() ([]float64, error) {
	le := binary.LittleEndian
	switch t.DType {
	case F64:
		return values(t, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) })
	case F32:
		return values(t, func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) })
	case BF16:
		return values(t, func(b []byte) float64 { return float64(math.Float32frombits(uint32(le.Uint16(b)) << 16)) })
	case F16:
		return values(t, func(b []byte) float64 { return float64(float16.Widen(le.Uint16(b))) })
	}
	return nil, t.refuse("float64")
}

// Int64s returns the values of an integer or boolean tensor, exactly. U64 is an error.
func (t *Tensor) Int64s() ([]int64, error) {
	le := binary.LittleEndian
	switch t.DType {
	case I64:
		return values(t, func(b []byte) int64 { return int64(le.Uint64(b)) })
	case I32:
		return values(t, func(b []byte) int64 { return int64(int32(le.Uint32(b))) })
	case U32:
		return values(t, func(b []byte) int64 { return int64(le.Uint32(b)) })
	case I16:
		return values(t, func(b []byte) int64 { return int64(int16(le.Uint16(b))) })
	case U16:
		return values(t, func(b []byte) int64 { return int64(le.Uint16(b)) })
	case I8:
		return values(t, func(b []byte) int64 { return int64(int8(b[0])) })
	case U8, Bool:
		return values(t, func(b []byte) int64 { return int64(b[0]) })
	}
	return nil, t.refuse("int64")
}

func (t *Tensor) refuse(want string) error {
	return &FormatError{What: fmt.Sprintf("tensor %q has dtype %s, which is not exactly %s", t.Name, t.DType, want)}
}

// check reports a tensor whose Data has not the length that its shape promises.
func (t *Tensor) check() error {
	size := t.DType.Size()
	if size == 0 {
		return &FormatError{What: fmt.Sprintf("tensor %q has the unknown dtype %q", t.Name, t.DType)}
	}
	dims := make([]uint64, len(t.Shape))
	for i, n := range t.Shape {
		if n < 0 {
			return &FormatError{What: fmt.Sprintf("tensor %q has the shape %v", t.Name, t.Shape)}
		}
		dims[i] = uint64(n)
	}
	if n, ok := byteLength(dims, size); !ok || n != uint64(len(t.Data)) {
		return &FormatError{What: fmt.Sprintf("tensor %q of shape %v and dtype %s holds %d bytes", t.Name, t.Shape,
			t.DType, len(t.Data))}
	}
	return nil
}

func values[T any](t *Tensor, get func([]byte) T) ([]T, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	size := t.DType.Size()
	v := make([]T, len(t.Data)/size)
	for i := range v {
		v[i] = get(t.Data[i*size : (i+1)*size])
	}
	return v, nil
}
