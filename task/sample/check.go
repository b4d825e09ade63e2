package sample

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
)

// mostID bounds the ids of samples: beyond it a float64, as npy files hold them, does not have every integer.
const mostID = 1 << 53

// check refuses what no model can change.
func (c *Config) check(sink bool) error {
	if err := c.checkIDs(); err != nil {
		return err
	}
	switch {
	case c.Header != "auto" && c.Header != "" && c.From == "" && c.WhereFile == "":
		return &ito.InputError{Where: "`header`", What: "no rows are read", Do: "leave it out; it is for `from` and " +
			"`where-file`"}
	case sink && (c.Resume || c.Trajectory != ""):
		return &ito.InputError{What: "samples that are handed over have nothing to resume and no trajectories",
			Do: "write them to a file"}
	case c.Out == "-" && c.Resume:
		return &ito.InputError{Where: "`resume`", What: "standard output cannot be resumed", Do: "give `out` a file"}
	case c.Trajectory == "-" || c.Trajectory != "" && filepath.Ext(c.Trajectory) != ".npy":
		return &ito.InputError{Where: "`trajectory` " + c.Trajectory, What: "trajectories are written as npy files",
			Do: "give a name that ends in .npy"}
	case c.Trajectory != "" && (c.Trajectory == c.Out):
		return &ito.InputError{Where: "`trajectory`", What: "it is the same file as `out`", Do: "give it another name"}
	}
	if err := c.SampleConfig.Check(); err != nil {
		return err
	}
	if c.Trajectory != "" {
		if device, err := task.Place("trajectory", c.Trajectory); err != nil || device {
			return errors.Join(err, deviceError(device, c.Trajectory))
		}
	}
	return nil
}

// Remarks are what a person should know of a sampling that can be done.
func (c *Config) Remarks(m *ito.Model) []string {
	var out []string
	switch k := recipe.DrawnLevels(m); {
	case c.Where != "" || c.Balance != "" || c.WhereFile != "" || c.Request != nil:
	case len(drawnColumns(m)) > 0:
		out = append(out, fmt.Sprintf("no `where`: %s of every sample is drawn as often as in the data; `where=%s` "+
			"asks for some", strings.Join(drawnColumns(m), ", "), m.Encoding.(*encode.Table).Example()))
	case k != nil:
		out = append(out, fmt.Sprintf("no `where`: %s of every sample is drawn by its share in the data; `where=%s` "+
			"asks for one", k.Column, data.ExampleWhere(m.Conditions)))
	case len(m.Conditions) > 0:
		out = append(
			out,
			fmt.Sprintf("no `where`: samples of all values of %s together, by the part of the training that "+
				"left them out; `where=%s` asks for some", conditionNames(m), data.ExampleWhere(m.Conditions)),
		)
	}
	if s := c.Schedule(m); s != nil {
		out = append(out, fmt.Sprintf("using the schedule that the model stores for %d network calls: %s; `solver` or "+
			"`grid` override it", s.Calls, s.Found.Name))
	}
	return out
}
