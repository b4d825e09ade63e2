package recipe

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/path"
)

// Bounds of what a training or a sampling may be told to hold in memory, so that a number with too many digits is
// refused and does not end the process.
const (
	mostNumbers = 1 << 30 // float64: 8 GB
	mostWeights = 1 << 28 // with the moments of Adam and the average: 4 GB
	mostCount   = 1 << 53 // steps and samples
)

// setting is a number with the most that it may be.
type setting struct {
	name  string
	value float64
	most  float64
	what  string // of the value, where it is not the setting itself
}

func withinBounds(settings []setting) error {
	for _, s := range settings {
		if s.value > s.most {
			what := fmt.Sprintf("%.6g is more than %.6g", s.value, s.most)
			if s.what != "" {
				what = fmt.Sprintf("%s are %.3g numbers, more than %.3g", s.what, s.value, s.most)
			}
			return &ito.InputError{Where: "`" + s.name + "`", What: what, Do: "give less"}
		}
	}
	return nil
}

// bounds refuses a training of data of dimension d that cannot be held in memory.
func (c TrainConfig) bounds(d int, moves bool) error {
	width, depth, dim := float64(c.Width), float64(c.Depth), float64(d)
	perLayer := width * width
	if c.Network == "residual" {
		perLayer *= 2
	}
	states := dim
	if moves {
		states *= 2
	}
	settings := []setting{
		{"steps", float64(c.Steps), mostCount, ""}, {"warmup", float64(c.Warmup), mostCount, ""},
		{"times", float64(c.Times), 1e6, ""},
		{"depth", depth, 1000, ""},
		{"width", 2*states*width + depth*perLayer, mostWeights,
			"the weights of a network of so many layers of that width"},
		{"batch", float64(c.Batch) * (states + width), mostNumbers, "the rows of a step"},
	}
	if c.Stages > 0 {
		settings = append(settings, setting{"stages", float64(c.Stages), 1e6, ""}, setting{"stage-steps",
			float64(c.StageSteps), mostCount, ""},
			setting{"stage-paths", float64(c.StagePaths) * float64(c.StageGrid+1) * states, mostNumbers,
				"the paths of a stage"})
	}
	return withinBounds(settings)
}

// bounds refuses a sampling that no memory or id has room for.
func (c SampleConfig) bounds() error {
	return withinBounds([]setting{{"n", float64(c.N), mostCount, ""}, {"nfe", float64(c.NFE), 1e6, ""}})
}

// Unused refuses settings that change nothing: those whose tag names other paths than the configuration's, and those of
// differential privacy without it, where given names them or they are neither their default nor nothing. A path that is
// still to be chosen is that of [TrainConfig.For].
func (c TrainConfig) Unused(given []string) error {
	name, paths := spec.Unused(&c, "paths", c.kind(), given)
	if name != "" && !learns(c.probe(2, path.Settings{})) { // a learnt path of another module has stages too
		return &ito.InputError{Where: "`" + name + "`", What: "path " + c.kind() + " has no such setting",
			Do: "leave it out; it is for the paths " + strings.Join(paths, ", ")}
	}
	private := ""
	if c.Epsilon > 0 {
		private = "epsilon"
	}
	if name, _ := spec.Unused(&c, "with", private, given); name != "" {
		return &ito.InputError{Where: "`" + name + "`", What: "it is of differential privacy, which is not asked for",
			Do: "give `epsilon` too, or leave it out"}
	}
	return nil
}
