package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/seed9a7962a8/ito"
)

var update = flag.Bool("update", false, "write the golden files of testdata that Go makes")

// f32s is what testdata/golden.py calls f32.
func f32s() []Tensor {
	return []Tensor{
		NewF32("net.0.weight", []float32{0, .25, .5, .75, 1, 1.25}, 2, 3),
		NewF32("net.0.bias", []float32{-1.5, 3e-39, float32(math.Inf(1))}, 3),
		NewF32("ζ", nil, 0, 4),
	}
}

// The same content has the bytes of the reference implementation, where the order of types leaves no choice.
func TestSameBytesAsPython(t *testing.T) {
	want, err := os.ReadFile("testdata/python_f32.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Marshal(&File{Metadata: map[string]string{"format": "np"}, Tensors: f32s()})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestReadsPython(t *testing.T) {
	f, err := ReadFile("testdata/python.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"author": "safetensors", "Ünïcode": "\"quoted\" \\ <&> ζ\n"},
		f.Metadata); diff != "" {
		t.Error(diff)
	}
	floats := map[string][]float64{
		"net.0.weight": {0, .25, .5, .75, 1, 1.25},
		"net.0.bias":   {-1.5, float64(float32(3e-39)), math.Inf(1)},
		"ζ":            {},
		"f64":          {math.Pi, math.Copysign(0, -1), 1e-310},
		"f16":          {1.5, math.Ldexp(1, -24), -65504, math.Inf(1)},
		"bf16":         {1, -2.5, 3.140625},
		"scalar":       {7},
	}
	integers := map[string][]int64{
		"i64": {math.MinInt64, math.MaxInt64}, "i32": {math.MinInt32, math.MaxInt32}, "i16": {-32768, 32767},
		"i8": {-128, 127}, "u32": {math.MaxUint32}, "u16": {65535}, "u8": {0, 255}, "bool": {1, 0, 1},
	}
	if len(f.Tensors) != len(floats)+len(integers) {
		t.Errorf("%d tensors", len(f.Tensors))
	}
	for name, want := range floats {
		x, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Float64s()
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
		narrow, err := x.Float32s()
		if x.DType == F64 {
			if err == nil {
				t.Errorf("%s: narrowed to float32 without being asked", name)
			}
			continue
		}
		for i, v := range narrow {
			if float64(v) != want[i] {
				t.Errorf("%s: got %v, %v; want %v", name, narrow, err, want)
			}
		}
	}
	for name, want := range integers {
		x, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := x.Int64s(); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
		if _, err := x.Float32s(); err == nil {
			t.Errorf("%s: read as float32", name)
		}
	}
}

// testdata/golden.py --check reads the same file with the reference implementation.
func TestWritesForPython(t *testing.T) {
	f := &File{Tensors: append(f32s(),
		NewI64("steps", []int64{-1, 1 << 40}, 1, 2), NewU8("bytes", []byte{7, 8, 9}, 3)), Metadata: map[string]string{
		"a": "b"}}
	if err := Seal(f); err != nil {
		t.Fatal(err)
	}
	got, err := Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/ito.safetensors"
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v: got\n%q\nwant\n%q", err, got, want)
	}
	if _, err := Open(path); err != nil {
		t.Error(err)
	}
}

// raw makes a file of any header and data.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestRefuses(t *testing.T) {
	one := func(field string) string { return `{"a":{` + field + `}}` }
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty", nil, "it has 0 bytes"},
		{"csv", []byte("x,y\n1.5,2\n-3,4\n"), "the format allows"},
		{"no header", raw("", 0), "no header"},
		{"header too long", binary.LittleEndian.AppendUint64(nil, MaxHeader+1),
			"100000001 bytes, the format allows 100000000"},
		{"truncated header", raw(`{"a":{}}`, 0)[:12], "truncated: the header has 8 bytes and 4 are there"},
		{"not an object", raw(`[1]`, 0), "no header begins"},
		{"broken", raw(`{"a":`, 0), "unexpected EOF"},
		{"rest", raw(`{} {}`, 0), "follows the header's closing brace"},
		{"not UTF-8", raw("{\"a\xff\":{}}", 0), "UTF-8"},
		{"twice", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), `"a" comes twice`},
		{"field twice", raw(one(`"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]`), 1),
			`"dtype" comes twice`},
		{"metadata twice", raw(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `"k" comes twice`},
		{"metadata number", raw(`{"__metadata__":{"k":1}}`, 0), `metadata "k"`},
		{"no dtype", raw(one(`"shape":[1],"data_offsets":[0,1]`), 1), `dtype ""`},
		{"unknown dtype", raw(one(`"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]`), 1),
			`tensor "a": dtype "F8_E4M3"`},
		{"unknown field", raw(one(`"dtype":"U8","Shape":[1],"data_offsets":[0,1]`), 1), `unknown field "Shape"`},
		{"no shape", raw(one(`"dtype":"U8","data_offsets":[0,1]`), 1), "no shape"},
		{"null shape", raw(one(`"dtype":"U8","shape":null,"data_offsets":[0,1]`), 1), "an array is wanted"},
		{"negative", raw(one(`"dtype":"U8","shape":[-1],"data_offsets":[0,1]`), 1), "not a natural number"},
		{"fraction", raw(one(`"dtype":"U8","shape":[1.0],"data_offsets":[0,1]`), 1), "not a natural number"},
		{"text", raw(one(`"dtype":"U8","shape":["1"],"data_offsets":[0,1]`), 1), "is not a json.Number"},
		{"offsets", raw(one(`"dtype":"U8","shape":[1],"data_offsets":[0,1,2]`), 1), "3 numbers, not 2"},
		{"backward", raw(one(`"dtype":"U8","shape":[1],"data_offsets":[1,0]`), 1), "run backward"},
		{"overflow", raw(one(`"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]`), 0), "overflows"},
		{"length", raw(one(`"dtype":"F32","shape":[2],"data_offsets":[0,7]`), 7), "needs 8 bytes"},
		{"hole at the start", raw(one(`"dtype":"U8","shape":[1],"data_offsets":[1,2]`), 2), "nothing owns the 1 bytes"},
		{"overlap", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), "inside the tensor before it"},
		{"truncated data", raw(one(`"dtype":"U8","shape":[9],"data_offsets":[0,9]`), 5),
			`truncated: tensor "a" ends at byte 9 of the data and 5 are there`},
		{"rest of data", raw(one(`"dtype":"U8","shape":[1],"data_offsets":[0,1]`), 2), "1 bytes follow"},
		{"deep", raw(`{"a":`+strings.Repeat("[", 1<<20), 0), "an object is wanted"},
	} {
		_, err := Unmarshal(c.b)
		var f *FormatError
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &f) ||
			!errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v, want a FormatError with %q", c.name, err, c.want)
		}
	}
}

func TestRefusesToWrite(t *testing.T) {
	for name, f := range map[string]*File{
		"two of a name":  {Tensors: []Tensor{NewU8("a", nil, 0), NewF32("a", nil, 0)}},
		"reserved name":  {Tensors: []Tensor{NewU8("__metadata__", nil, 0)}},
		"name not UTF-8": {Tensors: []Tensor{NewU8("\xff", nil, 0)}},
		"length":         {Tensors: []Tensor{NewF32("a", make([]float32, 5), 2, 3)}},
		"negative":       {Tensors: []Tensor{NewU8("a", nil, -1, 0)}},
		"overflow":       {Tensors: []Tensor{NewU8("a", nil, math.MaxInt, 4)}},
		"dtype":          {Tensors: []Tensor{{Name: "a", DType: "F8"}}},
		"metadata":       {Metadata: map[string]string{"\xff": ""}},
	} {
		if _, err := Marshal(f); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func genFile(t *rapid.T) *File {
	f := &File{}
	if rapid.Bool().Draw(t, "metadata") {
		f.Metadata = rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "m")
	}
	names := rapid.SliceOfNDistinct(rapid.String(), 0, 6, rapid.ID[string]).Draw(t, "names")
	for _, name := range names {
		d := rapid.SampledFrom([]DType{Bool, U8, I16, BF16, F32, I32, F64, I64}).Draw(t, "dtype")
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
		n := d.Size()
		for _, s := range shape {
			n *= s
		}
		f.Tensors = append(f.Tensors, Tensor{name, d, shape, rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data")})
	}
	return f
}

// What was written is read, and the order in which tensors are given does not show.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := genFile(t)
		b, err := Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		byName := cmpopts.SortSlices(func(a, b Tensor) bool { return a.Name < b.Name })
		if diff := cmp.Diff(f, got, byName, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		f.Tensors = rapid.Permutation(f.Tensors).Draw(t, "order")
		if c, err := Marshal(f); err != nil || !bytes.Equal(b, c) {
			t.Fatal("the order of the tensors changed the bytes", err)
		}
		header := binary.LittleEndian.Uint64(b)
		at := 8 + int(header)
		for _, x := range got.Tensors {
			if at%x.DType.Size() != 0 {
				t.Fatalf("%q begins at byte %d", x.Name, at)
			}
			at += len(x.Data)
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	for _, p := range []string{"python", "python_f32", "ito"} {
		if b, err := os.ReadFile("testdata/" + p + ".safetensors"); err == nil {
			f.Add(b)
		}
	}
	f.Add(raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1))
	f.Add(raw(`{"a":{"dtype":"F16","shape":[0,9223372036854775807],"data_offsets":[0,0]},"__metadata__":{"\ud800":"\u0000"}}`, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Unmarshal(b)
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for i := range file.Tensors {
			x := &file.Tensors[i]
			x.Float32s()
			x.Float64s()
			x.Int64s()
		}
		c, err := Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Unmarshal(c)
		if err != nil {
			t.Fatal(err)
		}
		byName := cmpopts.SortSlices(func(a, b Tensor) bool { return a.Name < b.Name })
		if diff := cmp.Diff(file, again, byName, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if err := Seal(file); err != nil {
			t.Fatal(err)
		}
		if err := Verify(file); err != nil {
			t.Fatal(err)
		}
	})
}
