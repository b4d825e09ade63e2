package recipe

import (
	"fmt"

	"github.com/seed9a7962a8/ito/learn"
)

// TrainReport says what a training did.
type TrainReport struct {
	Train  TrainConfig `json:"train"` // resolved
	Rows   int         `json:"rows"`
	Dim    int         `json:"dim"`
	Params int         `json:"params"`
	// of an adaptation: its word, and the numbers that it trains in place of the parameters
	Adaptation string            `json:"adaptation,omitempty"`
	Trained    int               `json:"trained,omitempty"`
	Steps      int               `json:"steps"`
	Seconds    float64           `json:"seconds"` // of this process, without what an interrupted one did
	Speed      float64           `json:"steps_per_second"`
	Losses     []learn.LossPoint `json:"losses"`
	// of a table with types: rows that are not trained on, their loss, and the step where it was least, whose network
	// the model has
	HeldRows int               `json:"held_rows,omitempty"`
	HeldOut  []learn.LossPoint `json:"held_out,omitempty"`
	BestStep int               `json:"best_step,omitempty"`
	Stages   []learn.Stage     `json:"stages,omitempty"` // vsdm: the path after every stage
	Warm     bool              `json:"warm,omitempty"`   // A started from the moments of the data
	Warnings []string          `json:"warnings,omitempty" says:"settings"`
	// of the data and of a few samples; among the Warnings in words
	Private  *PrivateReport  `json:"private,omitempty"`
	Problems []ColumnProblem `json:"problems,omitempty"`
}

// warn says what a reader of the report should know.
func (f *fit) warn() {
	h := f.path.History
	if len(h) == 0 {
		return
	}
	last := h[len(h)-1]
	if last.Projected {
		f.report.Warnings = append(f.report.Warnings, "the last update of A met a bound of D: see `d-min` and `d-max`")
	}
	if last.Distance > max(.1, f.c.alternate(1).Noise(f.path.Path)) {
		f.report.Warnings = append(f.report.Warnings, fmt.Sprintf("A had still %.2g to go after %d stages: give more "+
			"`stages`, or a larger `eta`", last.Distance, len(h)))
	}
}
