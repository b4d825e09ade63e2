package ad

import "fmt"

// Precision is how the operands of the products with weights are read: those of a shared matrix or kernel with values
// of the samples, and the sums over the batch that are their gradients. The values themselves, sums, norms and
// everything else are float32.
type Precision int

const (
	Full Precision = iota // as they are
	BF16                  // rounded to bfloat16, eight significant bits; sums are float32
	Int8                  // of values of [Quantise] alone: bytes, by weights that are bytes; sums are whole numbers
)

// String is the word of a precision: f32, bf16 or int8.
func (p Precision) String() string {
	switch p {
	case BF16:
		return "bf16"
	case Int8:
		return "int8"
	}
	return "f32"
}

// ParsePrecision reads such a word; the empty one is f32.
func ParsePrecision(word string) (Precision, error) {
	switch word {
	case "", "f32":
		return Full, nil
	case "bf16":
		return BF16, nil
	case "int8":
		return Int8, nil
	}
	return Full, fmt.Errorf("precision %q is none of f32, bf16 and int8", word)
}

// Products sets the precision of the products of the whole program. float64 is not touched by it, nor are the products
// of an LSTM's steps, of attention and of other matrices of the samples. Results of bfloat16 are those of the level of
// vector code: a processor with instructions for it sums in another order than one that has none.
func (g *Graph) Products(p Precision) { g.root.products = p }

// halved reports whether a product of float32 is one of bfloat16.
func (n *node) halved() bool { return n.dtype == F32 && n.g.root.products == BF16 }
