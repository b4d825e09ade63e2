package ad

import (
	"fmt"
	"unsafe"

	"github.com/seed9a7962a8/ito/rng"
)

// Array is the memory of one input or output, in the dtype of its port; the other fields are nil. A bool
// port takes I32.
type Array struct {
	F32 []float32
	F64 []float64
	I32 []int32
}

// F32s, F64s and I32s wrap a slice as an Array.
func F32s(x []float32) Array { return Array{F32: x} }

// F64s wraps a slice as an Array.
func F64s(x []float64) Array { return Array{F64: x} }

// I32s wraps a slice as an Array.
func I32s(x []int32) Array { return Array{I32: x} }

// Call is one run of a program for N samples.
type Call struct {
	N       int
	In, Out []Array  // in the order of declaration: [N, shape...] or, shared, [shape...]
	IDs     []uint64 // [N] sample ids for random operations; nil: 0, 1, …
	Seed    uint64
	Purpose rng.Purpose
	Step    uint32
	Pool    *Pool // nil: the caller's goroutine alone
	// Fixed promises that the shared inputs never change: matrices that an earlier call with it brought into the form
	// of the products are used again where the arrays are the same. It changes no byte.
	Fixed bool
}

func (p *Program) check(c *Call) error {
	if len(c.In) != len(p.ins) || len(c.Out) != len(p.outs) || c.N < 0 || (c.IDs != nil && len(c.IDs) != c.N) {
		return fmt.Errorf("ad: run: got %d inputs, %d outputs, n=%d and %d ids; the program has %d inputs and %d "+
			"outputs",
			len(c.In), len(c.Out), c.N, len(c.IDs), len(p.ins), len(p.outs))
	}
	for i, port := range p.ins {
		if err := port.fits("input", c.In[i], c.N); err != nil {
			return err
		}
	}
	for i, port := range p.outs {
		if err := port.fits("output", c.Out[i], c.N); err != nil {
			return err
		}
	}
	return nil
}

func (p port) fits(kind string, a Array, n int) error {
	want := sizeOf(p.shape)
	if !p.shared {
		want *= n
	}
	got := len(a.I32)
	switch p.dtype {
	case F32:
		got = len(a.F32)
	case F64:
		got = len(a.F64)
	}
	if got != want {
		return fmt.Errorf("ad: run: %s %v needs %d %s elements for n=%d, got %d", kind, p, want, p.dtype, n, got)
	}
	return nil
}

func (a Array) pointer(d DType) unsafe.Pointer {
	switch d {
	case F32:
		return unsafe.Pointer(unsafe.SliceData(a.F32))
	case F64:
		return unsafe.Pointer(unsafe.SliceData(a.F64))
	}
	return unsafe.Pointer(unsafe.SliceData(a.I32))
}
