package recipe

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
)

// Report says what a training did.
type Report struct {
	Train    Train         `json:"train"` // resolved
	Rows     int           `json:"rows"`
	Dim      int           `json:"dim"`
	Steps    int           `json:"steps"`
	Seconds  float64       `json:"seconds"` // of this process, without what an interrupted one did
	Speed    float64       `json:"steps_per_second"`
	Losses   []LossPoint   `json:"losses"`
	Stages   []StageReport `json:"stages,omitempty"` // vsdm: the path after every stage
	Warm     bool          `json:"warm,omitempty"`   // A started from the moments of the data
	Warnings []string      `json:"warnings,omitempty"`
}

// LossPoint is the mean loss over the steps since the point before.
type LossPoint struct {
	Step int     `json:"step"`
	Loss float64 `json:"loss"`
}

// StageReport is what one stage made of the path.
type StageReport struct {
	Stage  int       `json:"stage"`
	Eta    float64   `json:"eta"`
	Modes  []float64 `json:"modes"`  // eigenvalues of A, increasing
	Change float64   `json:"change"` // Frobenius norm of the change of A
}

// Fit trains a model on the rows of t, whose Condition columns are conditioned on and whose others are
// learnt. With run.Checkpoint it leaves checkpoints, and with run.Resume continues from one, to the same bytes as an
// uninterrupted run; the checkpoint of a finished run is removed by the caller once the model is
// saved. A checkpoint of another configuration or table is a *store.ConfigError naming the field. On a
// cancelled ctx it writes a checkpoint and returns ctx.Err().
func Fit(ctx context.Context, t *data.Table, cfg Train, run Run) (*ito.Model, *Report, error) {
	return nil, nil, &ito.UnsupportedError{What: "training", Why: "it is being written"}
}

// DefaultTrain returns the defaults of the tags.
func DefaultTrain() Train { var t Train; return t }
