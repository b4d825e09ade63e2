package infer

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

const stateMagic = "ito-infer-state-1\n"

// MarshalBinary writes the state: every number in full, little-endian. It never fails.
func (s *State) MarshalBinary() ([]byte, error) {
	b := []byte(stateMagic)
	b = text(b, s.Kernel)
	for _, n := range []uint64{uint64(s.Step), uint64(s.Groups), uint64(s.Slots), uint64(s.D), uint64(len(s.Vars))} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, id := range s.ID {
		b = binary.LittleEndian.AppendUint64(b, id)
	}
	b = numbers(b, s.X)
	b = numbers(b, s.LogP)
	for _, v := range s.Vars {
		b = text(b, v.Name)
		b = binary.LittleEndian.AppendUint64(b, uint64(v.Width))
		b = numbers(b, v.X)
	}
	return b, nil
}

func text(b []byte, s string) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(len(s)))
	return append(b, s...)
}

func numbers(b []byte, x []float64) []byte {
	for _, v := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

// UnmarshalBinary reads what MarshalBinary wrote. Bytes that are damaged or were cut short are an *ito.InputError
// and leave s as it was.
func (s *State) UnmarshalBinary(data []byte) error {
	if !bytes.HasPrefix(data, []byte(stateMagic)) {
		return &ito.InputError{Where: "sampler state", What: "these bytes are not a sampler's state of this version"}
	}
	r := reader{data: data[len(stateMagic):]}
	var n State
	n.Kernel = r.text()
	step := r.count(math.MaxUint32)
	n.Step = uint32(step)
	n.Groups, n.Slots, n.D = r.count(len(data)), r.count(len(data)), r.count(len(data))
	vars := r.count(len(data))
	n.ID = make([]uint64, 0, min(n.Groups, len(data)/8))
	for range n.Groups {
		if r.bad {
			break
		}
		n.ID = append(n.ID, r.word())
	}
	n.X = r.numbers(n.Groups, n.Slots, n.D)
	n.LogP = r.numbers(n.Groups, n.Slots)
	for range vars {
		if r.bad {
			break
		}
		v := Var{Name: r.text(), Width: r.count(len(data))}
		v.X = r.numbers(n.Groups, v.Width)
		n.Vars = append(n.Vars, v)
	}
	if r.bad || len(r.data) > 0 {
		return &ito.InputError{Where: "sampler state", What: fmt.Sprintf("%d bytes are damaged or incomplete",
			len(data))}
	}
	*s = n
	return nil
}

// reader reads words until one is missing; from then on it is bad and returns zeros.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) word() uint64 {
	if r.bad || len(r.data) < 8 {
		r.bad = true
		return 0
	}
	v := binary.LittleEndian.Uint64(r.data)
	r.data = r.data[8:]
	return v
}

func (r *reader) count(most int) int {
	v := r.word()
	if v > uint64(most) {
		r.bad = true
		return 0
	}
	return int(v)
}

func (r *reader) text() string {
	n := r.count(len(r.data))
	if r.bad || n > len(r.data) {
		r.bad = true
		return ""
	}
	s := string(r.data[:n])
	r.data = r.data[n:]
	return s
}

func (r *reader) numbers(shape ...int) []float64 {
	n := 1
	for _, k := range shape {
		if k > 0 && n > len(r.data)/k {
			r.bad = true
			return nil
		}
		n *= k
	}
	if r.bad || n > len(r.data)/8 {
		r.bad = true
		return nil
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Float64frombits(r.word())
	}
	return x
}
