package nn

import (
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Adaptation is a way of training a network on from the weights that it has by other, mostly fewer, numbers: its
// settings. It acts on the tensors that a network has declared, whatever its family.
type Adaptation interface {
	// Kind is the word of the adaptation.
	Kind() string
	// Of plans the adaptation of a network. The seed is that of initial values that are drawn.
	Of(w *Weights, seed uint64) (Adapter, error)
}

// Adapter makes the parameters of a network of the numbers that are trained in their place. It keeps the network that
// it was made of, which must not change, and is safe for concurrent use.
type Adapter interface {
	// Initial are the numbers that training begins with, at which the network is as it was.
	Initial() []float32
	// Expand writes the network's parameters for numbers that are trained.
	Expand(dst, trained []float32)
	// Pull writes the gradient by the numbers that are trained, for the gradient by the network's parameters there.
	Pull(dst, trained, grad []float32)
	// Parts are the numbers that are trained as tensors, in their order.
	Parts() []AdapterPart
}

// AdapterPart is one tensor of the numbers that are trained.
type AdapterPart struct {
	Tensor         // its name begins with that of the tensor that it changes
	At     []int32 // of sparse numbers: their places in that tensor; nil: all of them
}

var adaptations = spec.NewRegistry("adaptation", Adaptation.Kind)

// Every adaptation that a word can name. A new one adds a line here.
func init() {
	RegisterAdaptation("Products of two thin matrices, added to the weights.", func() Adaptation { return LoRA{} })
	RegisterAdaptation("The smallest weights, and no others.", func() Adaptation { return SaRA{} })
	RegisterAdaptation("All weights, as differences.", func() Adaptation { return FullTuning{} })
}

// RegisterAdaptation makes an adaptation known by its kind, as [Register] does networks.
func RegisterAdaptation(doc string, empty func() Adaptation) { adaptations.Register(doc, empty) }

// ParseAdaptation returns the adaptation that a word names, as lora:rank=8 or sara:fraction=.1. What is wrong with the
// word is an [ito.InputError] with the nearest that works.
func ParseAdaptation(word string) (Adaptation, error) { return adaptations.Parse(word) }

// AdaptationWord is the word of an adaptation: ParseAdaptation of it is the same.
func AdaptationWord(a Adaptation) (string, error) { return adaptations.Word(a) }

// NamedAdaptation is an adaptation for a file: its kind, and all of its settings.
func NamedAdaptation(a Adaptation) (spec.Named, error) { return adaptations.Marshal(a) }

// AdaptationFromNamed returns the adaptation that NamedAdaptation wrote.
func AdaptationFromNamed(n spec.Named) (Adaptation, error) { return adaptations.Unmarshal(n) }

// FullTuning trains every weight, w = w₀ + δ: what the others are compared with.
type FullTuning struct{}

// Kind implements Adaptation.
func (FullTuning) Kind() string { return "full" }

// Of implements Adaptation.
func (FullTuning) Of(w *Weights, _ uint64) (Adapter, error) {
	f := &fullTuning{base: w.Params}
	for _, t := range w.layout {
		t.init = Init{}
		f.parts = append(f.parts, AdapterPart{Tensor: t})
	}
	return f, nil
}

type fullTuning struct {
	base  []float32
	parts []AdapterPart
}

func (f *fullTuning) Initial() []float32       { return make([]float32, len(f.base)) }
func (f *fullTuning) Pull(dst, _, g []float32) { copy(dst, g) }
func (f *fullTuning) Parts() []AdapterPart     { return f.parts }

func (f *fullTuning) Expand(dst, trained []float32) {
	for i, w := range f.base {
		dst[i] = w + trained[i]
	}
}
