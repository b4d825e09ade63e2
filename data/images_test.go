package data

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// imageBytes are n images of h×w×c bytes whose border is black.
func imageBytes(n, h, w, c int) []byte {
	out := make([]byte, n*h*w*c)
	key := rng.NewKey(1, rng.PurposeData, 0, 0)
	for i := range n {
		for y := 1; y < h-1; y++ {
			for x := 1; x < w-1; x++ {
				for k := range c {
					at := ((i*h+y)*w+x)*c + k
					out[at] = byte(key.Intn(uint64(at), 0, 256))
				}
			}
		}
	}
	return out
}

func npyBytes(descr string, shape []int, raw []byte) []byte {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }\n", descr,
		strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ","), "[]"))
	b := append([]byte(npyMagic+"\x01\x00"), byte(len(text)), byte(len(text)>>8))
	return append(append(b, text...), raw...)
}

func idxBytes(shape []int, raw []byte) []byte {
	b := []byte{0, 0, 8, byte(len(shape))}
	for _, k := range shape {
		b = binary.BigEndian.AppendUint32(b, uint32(k))
	}
	return append(b, raw...)
}

func gzipped(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func fileOf(t *testing.T, name string, b []byte) string {
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func openOf(t *testing.T, name string, o ImageOptions) *Images {
	t.Helper()
	s, err := OpenImages(name, o)
	if err != nil {
		t.Fatal(err)
	}
	if s == nil {
		t.Fatalf("%s holds no images", name)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Every format gives the same states for the same pixels, and Inverse the pixels back.
func TestImageFormats(t *testing.T) {
	const n, h, w = 5, 4, 6
	for _, c := range []int{1, 3} {
		raw := imageBytes(n, h, w, c)
		shape := []int{n, h, w, c}
		files := map[string]string{
			"npy":    fileOf(t, "a.npy", npyBytes("|u1", shape, raw)),
			"npy.gz": fileOf(t, "a.npy.gz", gzipped(t, npyBytes("|u1", shape, raw))),
		}
		if c == 1 {
			files["npy of three axes"] = fileOf(t, "b.npy", npyBytes("|u1", shape[:3], raw))
			files["idx"] = fileOf(t, "a-idx3-ubyte", idxBytes(shape[:3], raw))
			files["idx.gz"] = fileOf(t, "a-idx3-ubyte.gz", gzipped(t, idxBytes(shape[:3], raw)))
		}
		folder := t.TempDir()
		var packed bytes.Buffer
		z := zip.NewWriter(&packed)
		for i := range n {
			var b bytes.Buffer
			if err := png.Encode(&b, picture(raw[i*h*w*c:], h, w, c)); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%02d.png", i)
			if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			f, err := z.Create("pictures/" + name)
			if err == nil {
				_, err = f.Write(b.Bytes())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		files["folder"], files["zip"] = folder, fileOf(t, "a.zip", packed.Bytes())
		for name, file := range files {
			s := openOf(t, file, ImageOptions{})
			if s.Len() != n || !slices.Equal(s.Space().Parts[0].Shape, []int{h, w, c}) {
				t.Errorf("%s: %d of %v", name, s.Len(), s.Space())
				continue
			}
			x := ito.NewStates(n-1, h*w*c, 0)
			if err := s.Read(x, nil, 1); err != nil {
				t.Fatal(err)
			}
			back := make([]float64, x.D)
			for i := range x.N {
				if err := s.Transform.Inverse(back, x.Row(i)); err != nil {
					t.Fatal(err)
				}
				for k, v := range back {
					want := float64(raw[(i+1)*x.D+k])
					if v != want || x.Row(i)[k] != (want-127.5)/127.5 {
						t.Fatalf("%s: image %d, pixel %d: state %v, back %v, want %v", name, i+1, k, x.Row(i)[k], v,
							want)
					}
				}
			}
			if first := openOf(t, files["npy"], ImageOptions{}); s.Digest() != first.Digest() {
				t.Errorf("%s: another digest", name)
			}
		}
	}
}

func picture(raw []byte, h, w, c int) image.Image {
	if c == 1 {
		return &image.Gray{Pix: raw[:h*w], Stride: w, Rect: image.Rect(0, 0, w, h)}
	}
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		m.SetNRGBA(i%w, i/w, color.NRGBA{raw[i*3], raw[i*3+1], raw[i*3+2], 255})
	}
	return m
}

// Numbers that are no bytes are brought to [−1,1] exactly and back within rounding, without bounds.
func TestImagesOfFloats(t *testing.T) {
	var raw []byte
	for _, v := range []float64{-3, 1, 5, 0, 2, 2, 2, 1} {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	s := openOf(t, fileOf(t, "f.npy", npyBytes("<f8", []int{2, 2, 2}, raw)), ImageOptions{})
	x := ito.NewStates(2, 4, 0)
	if err := s.Read(x, nil, 0); err != nil {
		t.Fatal(err)
	}
	if want := []float64{-1, 0, 1, -.25, .25, .25, .25, 0}; !slices.Equal(x.X, want) {
		t.Errorf("%v", x.X)
	}
	back := make([]float64, 4)
	if err := s.Transform.Inverse(back, []float64{-2, 0, 1, 2}); err != nil || !slices.Equal(back,
		[]float64{-7, 1, 5, 9}) {
		t.Errorf("%v %v", back, err)
	}
	s.Raw()
	if err := s.Read(x, nil, 0); err != nil || x.X[0] != -3 || x.X[2] != 5 {
		t.Errorf("%v %v", x.X, err)
	}
}

// Every epoch is a permutation, another one each time, and a row is a function of its address.
func TestImagesShuffle(t *testing.T) {
	const n = 11
	raw := imageBytes(n, 3, 3, 1)
	s := openOf(t, fileOf(t, "a.npy", npyBytes("|u1", []int{n, 3, 3}, raw)), ImageOptions{})
	s.Batch = 4
	var order []int
	for step := range uint32(11) { // four epochs
		for id := range uint64(4) {
			order = append(order, s.Example(7, step, id))
		}
	}
	seen := map[string]bool{}
	for epoch := range 4 {
		part := order[epoch*n : (epoch+1)*n]
		seen[fmt.Sprint(part)] = true
		if sorted := slices.Sorted(slices.Values(part)); sorted[0] != 0 || sorted[n-1] != n-1 ||
			len(slices.Compact(sorted)) != n {
			t.Errorf("epoch %d takes %v", epoch, part)
		}
	}
	if len(seen) != 4 {
		t.Error("two epochs have one order")
	}
	// Rows one by one are those of the whole step.
	s.Flip = true
	x, y, plain := ito.NewStates(64, 9, 0), ito.NewStates(64, 9, 0), ito.NewStates(1, 9, 0)
	if err := s.Fill(x, nil, 7, 3); err != nil {
		t.Fatal(err)
	}
	for i := range y.N {
		if err := s.Fill(y.Slice(i, i+1), nil, 7, 3); err != nil {
			t.Fatal(err)
		}
		if err := s.Read(plain, nil, s.Example(7, 3, uint64(i))); err != nil {
			t.Fatal(err)
		}
		turned := slices.Clone(plain.X)
		for r := range 3 {
			turned[3*r], turned[3*r+2] = turned[3*r+2], turned[3*r]
		}
		if !slices.Equal(plain.X, x.Row(i)) && !slices.Equal(turned, x.Row(i)) {
			t.Fatalf("row %d is no image", i)
		}
	}
	if !slices.Equal(x.X, y.X) {
		t.Error("a row depends on the others")
	}
}

// Half of the rows are mirrored: of 4096, outside 2048 ± 160 with probability 6e-7.
func TestImagesFlip(t *testing.T) {
	raw := []byte{0, 255, 255, 0}
	s := openOf(t, fileOf(t, "a.npy", npyBytes("|u1", []int{2, 1, 2}, raw)), ImageOptions{})
	before := s.Digest()
	s.Flip, s.Batch = true, 4096
	x := ito.NewStates(4096, 2, 0)
	if err := s.Fill(x, nil, 1, 0); err != nil {
		t.Fatal(err)
	}
	mirrored := 0
	for i := range x.N {
		if k := s.Example(1, 0, uint64(i)); (x.Row(i)[0] > 0) != (raw[2*k] > 0) {
			mirrored++
		}
	}
	if mirrored < 2048-160 || mirrored > 2048+160 || s.Digest() == before {
		t.Errorf("%d of 4096 mirrored", mirrored)
	}
}

// Labels are conditions: IDX, gzipped or not, and columns of a CSV.
func TestImageLabels(t *testing.T) {
	const n = 6
	file := fileOf(t, "a.npy", npyBytes("|u1", []int{n, 3, 3}, imageBytes(n, 3, 3, 1)))
	idx := idxBytes([]int{n}, []byte{0, 2, 1, 0, 2, 1})
	text := fileOf(t, "l.csv", []byte("kind,size\na,0.5\nb,1.5\na,2.5\nb,3\na,1\nb,2\n"))
	digests := map[string]bool{}
	for _, c := range []struct {
		name   string
		o      ImageOptions
		width  int
		column string
	}{
		{"idx", ImageOptions{Labels: fileOf(t, "l", idx)}, 3, "label"},
		{"idx.gz", ImageOptions{Labels: fileOf(t, "l.gz", gzipped(t, idx))}, 3, "label"},
		{"csv", ImageOptions{Labels: text, Condition: []string{"kind"}}, 2, "kind"},
		{"numeric", ImageOptions{Labels: fileOf(t, "n.csv", []byte("size\n0.5\n1.5\n2.5\n3\n1\n2\n"))}, 2, "size"},
	} {
		s := openOf(t, file, c.o)
		if s.CondWidth() != c.width || len(s.Conditions) != 1 || s.Conditions[0].Column != c.column {
			t.Errorf("%s: %d %+v", c.name, s.CondWidth(), s.Conditions)
			continue
		}
		digests[s.Digest()] = true
		cond := make([]float64, 2*c.width)
		if err := s.Read(ito.NewStates(2, 9, 0), cond, 1); err != nil {
			t.Fatal(err)
		}
		if c.width == 3 && !slices.Equal(cond, []float64{0, 0, 1, 0, 1, 0}) || c.name == "csv" && !slices.Equal(cond,
			[]float64{0, 1, 1, 0}) {
			t.Errorf("%s: %v", c.name, cond)
		}
	}
	if len(digests) != 3 {
		t.Errorf("%d digests of three sets of labels", len(digests))
	}
	for name, o := range map[string]ImageOptions{
		"too few": {Labels: fileOf(t, "s", idxBytes([]int{2}, []byte{1, 2}))}, "missing": {Labels: "nowhere.csv"},
		"no column": {Labels: text, Condition: []string{"colour"}},
	} {
		if _, err := OpenImages(file, o); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What cannot be learnt is bad input, and rows are no images.
func TestImagesRefused(t *testing.T) {
	raw := imageBytes(2, 3, 3, 1)
	one := npyBytes("|u1", []int{2, 3, 3}, raw)
	nan := npyBytes("<f8", []int{2, 1, 1}, binary.LittleEndian.AppendUint64(make([]byte, 8), 0x7ff8000000000001))
	mixed := t.TempDir()
	for i, size := range []int{3, 4} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, size, 3)), nil); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(mixed, fmt.Sprint(i, ".jpg")), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range map[string]string{
		"short":        fileOf(t, "a.npy", one[:len(one)-1]),
		"constant":     fileOf(t, "a.npy", npyBytes("|u1", []int{2, 3, 3}, append(slices.Clone(raw[:9]), raw[:9]...))),
		"none":         fileOf(t, "a.npy", npyBytes("|u1", []int{0, 3, 3}, nil)),
		"not finite":   fileOf(t, "a.npy", nan),
		"fortran":      fileOf(t, "a.npy", bytes.Replace(one, []byte("False"), []byte("True "), 1)),
		"idx type":     fileOf(t, "i", []byte{0, 0, 10, 3, 0, 0, 0, 1}),
		"empty folder": t.TempDir(),
		"two sizes":    mixed,
	} {
		if s, err := OpenImages(file, ImageOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
	for name, file := range map[string]string{
		"csv": fileOf(t, "a.csv", []byte("1,2\n3,4\n")), "rows": fileOf(t, "r.npy", npyBytes("|u1", []int{6, 3}, raw)),
		"a set": "moons", "nothing": "nowhere",
	} {
		if s, err := OpenImages(file, ImageOptions{}); s != nil || err != nil {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
}
