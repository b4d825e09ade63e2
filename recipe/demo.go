package recipe

import (
	"context"
	"io"

	"github.com/seed9a7962a8/ito"
)

// Demo is the configuration of the demonstration: the flags of "ito demo" but for the directory.
type Demo struct {
	Seed  uint64 `json:"seed" default:"1" help:"Seed of everything that is drawn."`
	Steps int    `json:"steps" default:"0" help:"Training steps of each network; 0: what about two minutes on two cores allow."`
}

// DemoReport is report.json: numbers, seeds, budget, version, SIMD level. It is all that the verdict is made of.
type DemoReport struct {
	Version  string    `json:"version"`
	SIMD     string    `json:"simd"`
	Arch     string    `json:"arch"`
	Seed     uint64    `json:"seed"`
	Budget   string    `json:"budget"`
	Steps    int       `json:"steps"`
	Batch    int       `json:"batch"`
	Width    int       `json:"width"`
	Depth    int       `json:"depth"`
	Seconds  float64   `json:"seconds"`
	Columns  []string  `json:"columns"` // E6, E10, E20, E50, H20, H50
	Floor    float64   `json:"floor"`
	Baseline float64   `json:"baseline"` // W2 of a Gaussian with the moments of the data
	Rows     []DemoRow `json:"rows"`
	Notes    []string  `json:"notes,omitempty"`
	Verdict  string    `json:"verdict"`
}

// DemoRow is one line of the table.
type DemoRow struct {
	Name    string     `json:"name"`
	W2      []float64  `json:"w2"`              // by column
	Smooth  [2]float64 `json:"smooth"`          // mean |Δ²x|/h² of each axis: 0 is straight
	RelRF   [2]float64 `json:"rel_rf"`          // free of units
	SD      [2]float64 `json:"sd"`              // of the samples at H50
	Modes   []float64  `json:"modes,omitempty"` // eigenvalues of A
	Control bool       `json:"control,omitempty"`
}

// DemoResult is the report with what the pictures are drawn from: samples.png is the data beside every
// row's samples, paths.png the trajectories of VP-20 beside those of VSDM constant.
type DemoResult struct {
	Report   DemoReport
	Columns  []string
	Data     ito.States
	Samples  []ito.States // beside Report.Rows
	VP, VSDM Trajectory
}

// Run trains the five networks and measures them. run.Progress gets the events of all of them, each with its Name.
func (d Demo) Run(ctx context.Context, run Run) (*DemoResult, error) {
	return nil, &ito.UnsupportedError{What: "the demo", Why: "it is being written"}
}

// Write writes the table and the verdict as text.
func (r *DemoReport) Write(w io.Writer) error { return nil }

// Names are the networks that the demo trains, in order: the names of its events.
func (Demo) Names() []string {
	return []string{"VP-10", "VP-20", "VSDM constant", "VSDM logistic", "VP-10 standardised"}
}
