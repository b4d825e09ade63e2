package learn

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Objective is a training loss for a field: on a diagonal path the mean square error of one kind of
// prediction, whose weights for the network's own output [field.Precond] gives; on an interpolant [Interpolation].
type Objective interface {
	// Name is the word by which the objective is known on the command line.
	Name() string
	// Predicts is the prediction whose error is squared, and the kind of the field that is learnt.
	Predicts() ito.Prediction
}

// ObjectiveByName finds an objective: dsm, flow, edm or fokker-planck (with no weight yet), or for interpolants one that [Interpolation] names.
func ObjectiveByName(name string) (Objective, error) {
	all := []Objective{ScoreMatching{}, FlowMatching{}, Denoising{}, FokkerPlanck{}}
	for _, o := range interpolations {
		all = append(all, o)
	}
	var names []string
	for _, o := range all {
		if o.Name() == name {
			return o, nil
		}
		names = append(names, o.Name())
	}
	return nil, &ito.InputError{Where: "objective", What: fmt.Sprintf("unknown objective %q", name), Do: "choose one of " + strings.Join(names, ", ")}
}
