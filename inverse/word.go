package inverse

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Maker is an operator by its settings, without the states that it measures: what a word names.
type Maker interface {
	// Kind is the word of the operator.
	Kind() string
	// Make makes the operator for states of a shape. What it cannot measure is an *ito.InputError.
	Make(on Setting) (Operator, error)
}

// Setting is what an operator is made for.
type Setting struct {
	Shape []int // of a state: [L], [H,W] or [H,W,C]
	// Open reads an array that a setting names; nil: there are none.
	Open func(name string) (Array, error)
}

// Array is numbers with a shape, row-major.
type Array struct {
	Shape []int
	X     []float64
}

var registry = newRegistry()

func newRegistry() *spec.Registry[Maker] {
	r := spec.NewRegistry("operator", Maker.Kind)
	return r
}

// The operators that a word can name. A new one adds a line here.
func init() {
	Register("The state itself: only noise is taken away.", func() Maker { return IdentityMaker{} })
	Register("Some of the numbers, chosen by chance or by a file.", func() Maker { return MaskMaker{} })
	Register("Gaussian blur, around the edges.", func() Maker { return BlurMaker{} })
	Register("Blur along a line, around the edges.", func() Maker { return MotionMaker{} })
	Register("Means of blocks of pixels.", func() Maker { return DownsampleMaker{} })
	Register("Fewer pixels by bicubic interpolation.", func() Maker { return BicubicMaker{} })
	Register("Random projections: compressed sensing.", func() Maker { return RandomMaker{} })
	Register("Some frequencies: magnetic resonance.", func() Maker { return FourierMaker{} })
	Register("Line integrals: tomography.", func() Maker { return RadonMaker{} })
	Register("Mean of the channels: colourisation.", func() Maker { return GreyMaker{} })
	Register("Magnitudes of the Fourier transform.", func() Maker { return PhaseMaker{} })
	Register("A range beyond which all is the same.", func() Maker { return ClipMaker{} })
	Register("A few levels.", func() Maker { return QuantiseMaker{} })
	Register("What JPEG makes of an image.", func() Maker { return JPEGMaker{} })
	Register("A matrix of a file.", func() Maker { return MatrixMaker{} })
}

// Register makes an operator known by its kind: words name it. empty returns a maker with its defaults, whose exported
// fields are the settings, with the tags that path.Register lists; doc is a line of help. A kind that is taken panics.
func Register(doc string, empty func() Maker) { registry.Register(doc, empty) }

// Kinds are the registered operators with a line of help each.
func Kinds() []spec.Description { return registry.Describe() }

// Parse makes the operator that a word names. A word is a kind with settings, as blur:sigma=2; linear:A.npy is short
// for linear:file=A.npy. "a | b" measures a by b: blur:sigma=1|downsample:factor=2. "a & b" measures by both. & binds
// less than |. What is wrong is an *ito.InputError with the nearest that works.
func Parse(word string, on Setting) (Operator, error) {
	var stack []Operator
	for _, part := range strings.Split(word, "&") {
		var chain Operator
		here := on
		for _, w := range strings.Split(part, "|") {
			a, err := parseOne(strings.TrimSpace(w), here)
			if err != nil {
				return nil, err
			}
			if chain == nil {
				chain = a
			} else if chain, err = Compose(a, chain); err != nil {
				return nil, err
			}
			here.Shape = shapeAfter(a)
		}
		stack = append(stack, chain)
	}
	if len(stack) == 1 {
		return stack[0], nil
	}
	return Stack(stack...)
}

func parseOne(word string, on Setting) (Operator, error) {
	if rest, ok := strings.CutPrefix(word, "linear:"); ok && !strings.Contains(rest, "=") && rest != "" {
		word = "linear:file=" + rest
	}
	maker, err := registry.Parse(word)
	if err != nil {
		return nil, err
	}
	if _, err := frameOf(on.Shape); err != nil && maker.Kind() != "linear" {
		return nil, err
	}
	return maker.Make(on)
}

// Shaped is an Operator whose measurement has a shape, as an image has.
type Shaped interface {
	Operator
	Shape() []int
}

// shapeAfter is the shape of what a measures.
func shapeAfter(a Operator) []int {
	if s, ok := a.(Shaped); ok {
		return s.Shape()
	}
	_, m := a.Dims()
	return []int{m}
}

// read opens the array that an operator's setting names.
func (on Setting) read(kind, name string) (Array, error) {
	if on.Open == nil {
		return Array{}, &ito.InputError{Where: "operator " + kind, What: "it names a file, and there are none here"}
	}
	a, err := on.Open(name)
	n := 1
	for _, k := range a.Shape {
		n *= k
	}
	if err == nil && n != len(a.X) {
		err = &ito.InputError{Where: name, What: fmt.Sprintf("%d numbers are not of shape %v", len(a.X), a.Shape)}
	}
	return a, err
}

// frame is a state as an image of H rows, W columns and C channels; a series is one row.
type frame struct{ H, W, C int }

func (f frame) size() int { return f.H * f.W * f.C }

// frameOf reads a shape [L], [H,W] or [H,W,C].
func frameOf(shape []int) (frame, error) {
	f := frame{1, 1, 1}
	switch len(shape) {
	case 1:
		f.W = shape[0]
	case 2:
		f.H, f.W = shape[0], shape[1]
	case 3:
		f = frame{shape[0], shape[1], shape[2]}
	default:
		return f, &ito.InputError{Where: "operator", What: fmt.Sprintf("states of shape %v", shape),
			Do: "operators measure series [L] and images [H,W] or [H,W,C]"}
	}
	if f.H < 1 || f.W < 1 || f.C < 1 {
		return f, &ito.InputError{Where: "operator", What: fmt.Sprintf("states of shape %v", shape)}
	}
	return f, nil
}

// like is the shape of f with as many axes as another shape.
func (f frame) like(shape []int) []int {
	switch len(shape) {
	case 1:
		return []int{f.W}
	case 2:
		return []int{f.H, f.W}
	}
	return []int{f.H, f.W, f.C}
}
