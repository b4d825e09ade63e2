package inverse

import (
	"strings"

	"github.com/seed9a7962a8/ito/internal/spec"
)

var methods = spec.NewRegistry("method", func(m Method) string {
	kind, _, _ := strings.Cut(m.Info().Name, ":")
	return kind
})

// The methods that a word can name. A new one adds a line here.
func init() {
	for _, m := range []struct {
		doc string
		new func() Method
	}{
		{"Keep what was measured at its noise level.", func() Method { return Replace{} }},
		{"Replacement with resampling.", func() Method { return RePaint{} }},
		{"Gradient steps of constant length.", func() Method { return DPS{} }},
		{"Likelihood of a prediction with a spread.", func() Method { return PiGDM{} }},
		{"Likelihood of a prediction with its covariance.", func() Method { return Moments{} }},
		{"Singular value by singular value.", func() Method { return DDRM{} }},
		{"Proximal steps.", func() Method { return DiffPIR{} }},
		{"Optimisation with a denoiser.", func() Method { return REDDiff{} }},
		{"Sequential Monte Carlo.", func() Method { return MCG{} }},
		{"Measurement and prior in turn.", func() Method { return Gibbs{} }},
	} {
		RegisterMethod(m.doc, m.new)
	}
}

// RegisterMethod makes a method known by its name: words name it, with its exported fields as settings, with the tags
// that path.Register lists. A name that is taken panics.
func RegisterMethod(doc string, empty func() Method) { methods.Register(doc, empty) }

// ParseMethod returns the method that a word names, as dps:zeta=0.5. What is wrong is an *ito.InputError.
func ParseMethod(word string) (Method, error) { return methods.Parse(word) }

// MethodWord is the word of a method: ParseMethod of it is the same.
func MethodWord(m Method) string { return methods.NameOf(m.Info().Name, m) }

// Methods are the registered methods with their defaults.
func Methods() []Method {
	var out []Method
	for _, kind := range methods.Kinds() {
		if m, err := methods.Parse(kind); err == nil {
			out = append(out, m)
		}
	}
	return out
}
