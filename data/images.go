package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/rng"
)

// Images is a Source of images of one shape [H,W,C]. Pixels of a byte are states (v − 127.5)/127.5; others are
// brought to [−1,1] by the least and the largest value of the set. A pixel that never varies stays: an image keeps
// its shape. See [OpenImages].
//
// Where Batch is given, training takes every image once before any comes again: row i of step k is the image at place
// k·Batch+i of a sequence of shuffles, of which any place is computed by itself.
type Images struct {
	Name       string
	H, W, C    int
	Transform  ito.Transform   // between pixels and states
	Conditions []ito.Condition // of the labels

	Batch int  // rows of a step; 0: images are drawn with replacement
	Flip  bool // half of the rows of a step are mirrored, left to right

	n      int
	pixels pixels
	cond   ito.Cond
	digest string
	close  func() error
}

// pixels are the numbers of images as a file has them.
type pixels interface {
	// read writes those of images from, from+1, … as long as dst has room.
	read(dst []float64, from int) error
}

// Close closes the file.
func (s *Images) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// Len implements ito.Source.
func (s *Images) Len() int { return s.n }

// Space implements ito.Source: one part, "image".
func (s *Images) Space() ito.Space {
	return ito.Space{Parts: []ito.Part{{Name: "image", Shape: []int{s.H, s.W, s.C}}}}
}

// CondWidth implements ito.Source.
func (s *Images) CondWidth() int { return s.cond.C }

// Digest implements ito.Source: the sha256 of shape, type, pixels, labels and whether rows are mirrored.
func (s *Images) Digest() string {
	if !s.Flip {
		return s.digest
	}
	sum := sha256.Sum256([]byte(s.digest + " flip"))
	return hex.EncodeToString(sum[:])
}

// Read implements ito.Source.
func (s *Images) Read(dst ito.States, cond []float64, from int) error {
	if err := s.check(dst, from); err != nil {
		return err
	}
	if err := s.pixels.read(dst.X, from); err != nil {
		return err
	}
	s.scale(dst.X)
	copy(cond, s.cond.X[from*s.cond.C:(from+dst.N)*s.cond.C])
	return nil
}

func (s *Images) check(dst ito.States, from int) error {
	if d := s.H * s.W * s.C; dst.D != d || from < 0 || from+dst.N > s.n {
		return &ito.InputError{Where: s.Name, What: fmt.Sprintf("images %d to %d of dimension %d were asked for, "+
			"there are %d of dimension %d", from, from+dst.N, dst.D, s.n, d)}
	}
	return nil
}

func (s *Images) scale(x []float64) {
	if len(s.Transform.Shift) == 0 {
		return
	}
	shift, scale := s.Transform.Shift[0], s.Transform.Scale[0]
	for i, v := range x {
		x[i] = (v - shift) / scale
	}
}

// The words under rng.PurposeData that belong to images.
const flipSub, shuffleSub = 3, 4

// Example implements ito.Coupled.
func (s *Images) Example(seed uint64, step uint32, id uint64) int {
	if s.Batch < 1 {
		return rng.NewKey(seed, rng.PurposeData, step, 0).Intn(id, 0, s.n)
	}
	n := uint64(s.n)
	at := uint64(step)*uint64(s.Batch) + id
	return int(shuffled(rng.NewKey(seed, rng.PurposeData, uint32(at/n), shuffleSub), at%n, n))
}

// shuffled is where a permutation of 0 … n−1 that belongs to the key takes i: a Feistel network of four rounds over
// the next power of 4, walked until it is below n (Black and Rogaway 2002, "Ciphers with arbitrary finite domains",
// method 2). On average fewer than four walks.
func shuffled(key rng.Key, i, n uint64) uint64 {
	half := 1
	for uint64(1)<<(2*half) < n {
		half++
	}
	mask := uint64(1)<<half - 1
	for {
		l, r := i>>half, i&mask
		for round := range uint32(4) {
			l, r = r, l^(key.Uint64(r, round)&mask)
		}
		if i = l<<half | r; i < n {
			return i
		}
	}
}

// Fill implements ito.Source.
func (s *Images) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	flips, c := rng.NewKey(seed, rng.PurposeData, step, flipSub), s.cond.C
	for i, id := range dst.ID {
		k := s.Example(seed, step, id)
		one := dst.Slice(i, i+1)
		if err := s.Read(one, cond[i*c:(i+1)*c], k); err != nil {
			return err
		}
		if s.Flip && flips.Uint64(id, 0)&1 == 1 {
			s.mirror(one.X)
		}
	}
	return nil
}

// mirror turns an image left to right.
func (s *Images) mirror(x []float64) {
	line := s.W * s.C
	for ; len(x) >= line; x = x[line:] {
		for a, b := 0, line-s.C; a < b; a, b = a+s.C, b-s.C {
			for k := range s.C {
				x[a+k], x[b+k] = x[b+k], x[a+k]
			}
		}
	}
}

// scan reads all pixels once: for their range, their digest, and to refuse what is not finite. bytes says that they
// are whole numbers 0 … 255.
func (s *Images) scan(bytes bool) error {
	d := s.H * s.W * s.C
	h := sha256.New()
	fmt.Fprintf(h, "images %d %d %d %d %t\n", s.n, s.H, s.W, s.C, bytes)
	chunk := min(max(1<<16/d, 1), s.n)
	x, text := make([]float64, chunk*d), make([]byte, 0, 8*chunk*d)
	lo, hi := math.Inf(1), math.Inf(-1)
	varies := false
	var first []float64
	for from := 0; from < s.n; from += chunk {
		part := x[:min(chunk, s.n-from)*d]
		if err := s.pixels.read(part, from); err != nil {
			return err
		}
		if first == nil {
			first = append(first, part[:d]...)
		}
		text = text[:0]
		for i, v := range part {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return &ito.InputError{Where: fmt.Sprintf("%s: image %d", s.Name, from+i/d),
					What: fmt.Sprintf("a pixel is %v", v), Do: "remove the image or fill the value in"}
			}
			lo, hi = min(lo, v), max(hi, v)
			varies = varies || v != first[i%d]
			if bytes {
				text = append(text, byte(v))
			} else {
				text = binary.LittleEndian.AppendUint64(text, math.Float64bits(v))
			}
		}
		h.Write(text)
	}
	if !varies {
		return &ito.InputError{Where: s.Name, What: fmt.Sprintf("no pixel varies over %s", lines.Count(s.n, "image")),
			Do: "give images that differ"}
	}
	s.digest = hex.EncodeToString(h.Sum(nil))
	s.Transform = ito.Transform{Kind: "range", Width: d, Shift: []float64{lo/2 + hi/2}, Scale: []float64{hi/2 - lo/2}}
	if bytes {
		s.Transform.Shift, s.Transform.Scale = []float64{127.5}, []float64{127.5}
		s.Transform.High, s.Transform.Whole = 255, true
	}
	return nil
}

// Raw leaves pixels in their own units: states are pixels.
func (s *Images) Raw() {
	s.Transform.Kind, s.Transform.Shift, s.Transform.Scale = "none", nil, nil
}

// label gives every image the row of t of the same number as its condition: all columns, or those that are named.
// Given conditions name theirs.
func (s *Images) label(t *Table, names []string, given []ito.Condition) error {
	if t.Rows != s.n {
		return &ito.InputError{Where: t.Name, What: fmt.Sprintf("it has %s for %s", lines.Count(t.Rows, "label"),
			lines.Count(s.n, "image")), Do: "give one label for each image, in their order"}
	}
	for _, k := range given {
		names = append(names, k.Column)
	}
	if len(names) == 0 {
		names = t.AllColumns()
	}
	_, taken, err := t.Take(names)
	if err != nil {
		return err
	}
	if s.Conditions = given; given == nil {
		if s.Conditions, err = FitConditions(taken); err != nil {
			return err
		}
	}
	if s.cond, err = EncodeConditions(s.Conditions, taken); err != nil {
		return err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %q", s.digest, t.Digest(), names))
	s.digest = hex.EncodeToString(sum[:])
	return nil
}
