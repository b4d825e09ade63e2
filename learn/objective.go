package learn

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Objective is a training loss for a field on a diagonal path: the mean square error of one kind of
// prediction. [field.Precond] gives its weights for the network's own output.
type Objective interface {
	// Name is the word by which the objective is known on the command line.
	Name() string
	// Predicts is the prediction whose error is squared, and the kind of the field that is learnt.
	Predicts() ito.Prediction
}

// ObjectiveByName finds an objective: dsm or flow.
func ObjectiveByName(name string) (Objective, error) {
	for _, o := range []Objective{ScoreMatching{}, FlowMatching{}} {
		if o.Name() == name {
			return o, nil
		}
	}
	return nil, &ito.InputError{Where: "objective", What: fmt.Sprintf("unknown objective %q", name), Do: "choose dsm or flow"}
}
