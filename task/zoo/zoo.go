// Package zoo lists the densities of which something is known.
package zoo

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/target/zoo"
	"github.com/seed9a7962a8/ito/task"
)

// Config is empty: all are listed.
type Config struct{}

// Report is the list.
type Report struct {
	Targets []Target `json:"targets"`
}

// Target is one density as the list has it.
type Target struct {
	Name   string   `json:"name"`
	D      int      `json:"d"`
	LogZ   *float64 `json:"log_z"` // nil: not known
	LogZSE float64  `json:"log_z_se"`
	Modes  int      `json:"modes"` // 0: not known, or not separate
	Hard   string   `json:"hard"`
}

// Run lists them.
func Run(context.Context, Config, task.Env) (Report, error) {
	var r Report
	for _, e := range zoo.Entries() {
		known, err := zoo.Known(e.Name)
		if err != nil {
			return Report{}, err
		}
		l := Target{Name: e.Name, D: e.Dim, LogZSE: known.LogZSE, Modes: len(known.Modes), Hard: e.Hard}
		if !math.IsNaN(known.LogZ) {
			l.LogZ = &known.LogZ
		}
		r.Targets = append(r.Targets, l)
	}
	return r, nil
}
