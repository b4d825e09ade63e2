package learn

import (
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// Objective is a training loss by its settings: on a diagonal path the mean square error of one kind of
// prediction, whose weights for the network's own output the wrapping gives; on an interpolant [Interpolation].
type Objective interface {
	// Name is the word by which the objective is known, without its settings.
	Name() string
	// Predicts is the kind of the field that is learnt.
	Predicts() ito.Prediction
	// Ports are what the network is to read and to write for states of a space, with a condition of width cond, on
	// a path whose states have velocities, or not.
	Ports(s ito.Space, cond int, velocities bool) nn.Ports
	// Moments are those of the data that the wrapping and the first path are made of.
	Moments(pr Setup) (ito.Gaussian, error)
	// Bind makes the loss on a path. What cannot be trained is an *ito.UnsupportedError with the nearest that can.
	Bind(p ito.Path, pr Setup) (Bound, error)
}

var objectives = spec.NewRegistry("objective", Objective.Name)

// Every objective that a word can name. A new one adds a line here.
func init() {
	RegisterObjective("Denoising score matching.", func() Objective { return ScoreMatching{} })
	RegisterObjective("Flow matching.", func() Objective { return FlowMatching{} })
	RegisterObjective("EDM's weights and noise levels.", func() Objective { return Denoising{} })
	RegisterObjective("Score matching of a potential, with the residual of the Fokker-Planck equation.",
		func() Objective { return FokkerPlanck{} })
	RegisterObjective("Numbers by EDM, levels by cross-entropy.", func() Objective { return MixedRows{} })
	RegisterObjective("Logits of tokens, by the evidence lower bound.", func() Objective { return CrossEntropy{} })
	for _, o := range interpolations {
		RegisterObjective("Regression of an interpolant's "+strings.ReplaceAll(o.Name(), "+", " and ")+".",
			func() Objective { return o })
	}
}

// RegisterObjective makes an objective known by its Name, for [ParseObjective] and the command line. empty returns
// one with its defaults, a struct or a pointer to one; its exported fields are settings of its word, with the tags
// that [path.Register] lists, but for those with the tag config:"-". doc is a line of help. A name that is taken
// panics.
func RegisterObjective(doc string, empty func() Objective) { objectives.Register(doc, empty) }

// ObjectiveOf is the word of the objective that a path is trained with unless another is given: its own where it is
// [path.Published], cross-entropy of tokens, and dsm.
func ObjectiveOf(p ito.Path) string {
	if own, ok := p.(path.Published); ok {
		return own.Objective()
	}
	if _, ok := p.(ito.Jump); ok {
		return CrossEntropy{}.Name()
	}
	return ScoreMatching{}.Name()
}

// ObjectiveNames are the registered objectives, the house's first.
func ObjectiveNames() []string { return objectives.Kinds() }

// ParseObjective finds an objective by its word: dsm, flow, edm, fokker-planck:weight=10, or for interpolants one that
// [Interpolation] names. What is wrong with the word is an [ito.InputError] with the nearest that works.
func ParseObjective(word string) (Objective, error) { return objectives.Parse(word) }

// ObjectiveWord is the word of an objective: ParseObjective of it is the same.
func ObjectiveWord(o Objective) (string, error) { return objectives.Word(o) }

// PortsOf are ports for states of a space: every part is read and written, in its own shape. reads times the last
// axis are read of a part, and writes times written: 2 and 1 where states have velocities, 1 and h for h fields at
// once. The condition is one port, and the mask, where the space has one, another, "mask". Of tokens logits are
// written, one for each level, along a last axis more.
func PortsOf(s ito.Space, cond, reads, writes int) nn.Ports {
	var p nn.Ports
	wide := func(shape []int, times int) []int {
		out := append([]int(nil), shape...)
		if len(out) == 0 {
			out = []int{1}
		}
		out[len(out)-1] *= times
		return out
	}
	for _, part := range s.Parts {
		name := part.Name
		if len(s.Parts) == 1 {
			name = "out"
		}
		p.X = append(p.X, nn.Port{Name: part.Name, Shape: wide(part.Shape, reads), Levels: part.Levels,
			Nodes: part.Nodes})
		out := wide(part.Shape, writes)
		if part.Levels > 0 {
			out = append(out, part.Levels)
		}
		p.Out = append(p.Out, nn.Port{Name: name, Shape: out})
	}
	put := func(name string, n int) {
		if n > 0 {
			p.Cond = append(p.Cond, nn.Port{Name: name, Shape: []int{n}})
		}
	}
	if m := s.Mask; m != nil {
		put("cond", m.At)
		put("mask", m.N)
		put("rest", cond-m.At-m.N)
	} else {
		put("cond", cond)
	}
	return p
}
