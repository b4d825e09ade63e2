package learn

import (
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Objective is a training loss for a field: on a diagonal path the mean square error of one kind of
// prediction, whose weights for the network's own output [wrap.Moments] gives; on an interpolant [Interpolation].
type Objective interface {
	// Name is the word by which the objective is known, without its settings.
	Name() string
	// Predicts is the prediction whose error is squared, and the kind of the field that is learnt.
	Predicts() ito.Prediction
}

var objectives = spec.NewRegistry("objective", Objective.Name)

// Every objective that a word can name. A new one adds a line here.
func init() {
	RegisterObjective("Denoising score matching.", func() Objective { return ScoreMatching{} })
	RegisterObjective("Flow matching.", func() Objective { return FlowMatching{} })
	RegisterObjective("EDM's weights and noise levels.", func() Objective { return Denoising{} })
	RegisterObjective("Score matching of a potential, with the residual of the Fokker-Planck equation.",
		func() Objective { return FokkerPlanck{} })
	for _, o := range interpolations {
		RegisterObjective("Regression of an interpolant's "+strings.ReplaceAll(o.Name(), "+", " and ")+".",
			func() Objective { return o })
	}
}

// RegisterObjective makes an objective known by its Name, for [ParseObjective] and the command line. empty returns one with its
// defaults, a struct or a pointer to one; its exported fields are settings of its word, with the tags that [path.Register]
// lists, but for those with the tag config:"-". doc is a line of help. A name that is taken panics.
func RegisterObjective(doc string, empty func() Objective) { objectives.Register(doc, empty) }

// ObjectiveNames are the registered objectives, the house's first.
func ObjectiveNames() []string { return objectives.Kinds() }

// ParseObjective finds an objective by its word: dsm, flow, edm, fokker-planck:weight=10, or for interpolants one that
// [Interpolation] names. What is wrong with the word is an [ito.InputError] with the nearest that works.
func ParseObjective(word string) (Objective, error) { return objectives.Parse(word) }

// ObjectiveWord is the word of an objective: ParseObjective of it is the same.
func ObjectiveWord(o Objective) (string, error) { return objectives.Word(o) }
