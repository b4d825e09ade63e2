package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/rng"
)

// Tokens is a Source of texts of Length tokens: the rows of a set, or the windows of one long text, one from every
// place. Training draws them with replacement, by address. See [OpenTokens].
type Tokens struct {
	Name       string
	Vocabulary ito.Vocabulary
	Levels     int // different tokens
	Length     int

	ids    []int32
	stride int // from one example to the next: 1 of windows, Length of rows
	digest string
}

// DefaultLength is the length of a window where nothing is said.
const DefaultLength = 32

// newTokens cuts ids into texts: rows of width tokens, or the windows of one text where width is 0.
func newTokens(name string, v ito.Vocabulary, levels int, ids []int32, width, length int) (*Tokens, error) {
	t := &Tokens{Name: name, Vocabulary: v, Levels: levels, Length: length, ids: ids, stride: 1}
	switch {
	case width > 0 && length != 0 && length != width:
		return nil, &ito.InputError{Where: "`length`", What: fmt.Sprintf("%s has rows of %d tokens, not %d", name,
			width,
			length), Do: "leave it out"}
	case width > 0:
		t.Length, t.stride = width, width
	case length == 0:
		t.Length = min(DefaultLength, len(ids))
	}
	switch {
	case t.Length < 1 || t.Length > len(ids):
		return nil, &ito.InputError{Where: "`length`", What: fmt.Sprintf("%s has %s, a window %d", name,
			lines.Count(len(ids), "token"), t.Length), Do: "give a longer text, or less"}
	case levels < 2:
		return nil, &ito.InputError{Where: name, What: "all its tokens are equal",
			Do: "give a text of two tokens or more"}
	case levels > MostTokens:
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("%d different tokens, more than %d", levels,
			MostTokens), Do: "give a smaller unit, character or byte"}
	}
	h := sha256.New()
	fmt.Fprintf(h, "tokens %s %q %d %d %d\n", v.Unit, v.Tokens, levels, t.Length, t.stride)
	b := make([]byte, 0, 4*len(ids))
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint32(b, uint32(id))
	}
	h.Write(b)
	t.digest = hex.EncodeToString(h.Sum(nil))
	return t, nil
}

// MostTokens is the most different tokens that a text may have.
const MostTokens = 1 << 16

// Len implements ito.Source.
func (t *Tokens) Len() int { return (len(t.ids)-t.Length)/t.stride + 1 }

// Size is the number of tokens.
func (t *Tokens) Size() int { return len(t.ids) }

// Space implements ito.Source: one part, "text".
func (t *Tokens) Space() ito.Space {
	return ito.Space{Parts: []ito.Part{{Name: "text", Shape: []int{t.Length}, Levels: t.Levels}}}
}

// CondWidth implements ito.Source.
func (*Tokens) CondWidth() int { return 0 }

// Digest implements ito.Source: the sha256 of the tokens, the vocabulary and how they are cut.
func (t *Tokens) Digest() string { return t.digest }

// Read implements ito.Source.
func (t *Tokens) Read(dst ito.States, _ []float64, from int) error {
	if dst.D != t.Length || from < 0 || from+dst.N > t.Len() {
		return &ito.InputError{Where: t.Name, What: fmt.Sprintf("texts %d to %d of %d tokens were asked for, there "+
			"are %d of %d", from, from+dst.N, dst.D, t.Len(), t.Length)}
	}
	for i := range dst.N {
		t.window(dst.Row(i), (from+i)*t.stride)
	}
	return nil
}

func (t *Tokens) window(dst []float64, at int) {
	for j, id := range t.ids[at : at+t.Length] {
		dst[j] = float64(id)
	}
}

// Example implements ito.Coupled.
func (t *Tokens) Example(seed uint64, step uint32, id uint64) int {
	return rng.NewKey(seed, rng.PurposeData, step, 0).Intn(id, 0, t.Len())
}

// Fill implements ito.Source.
func (t *Tokens) Fill(dst ito.States, _ []float64, seed uint64, step uint32) error {
	for i, id := range dst.ID {
		t.window(dst.Row(i), t.Example(seed, step, id)*t.stride)
	}
	return nil
}

// Apart are the texts that share no token, in order.
func (t *Tokens) Apart() ito.States {
	x := ito.NewStates(len(t.ids)/t.Length, t.Length, 0)
	for i := range x.N {
		t.window(x.Row(i), i*t.Length)
	}
	return x
}
