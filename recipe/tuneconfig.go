package recipe

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// TuneConfig is the configuration of a search for schedules: the flags of "ito tune".
type TuneConfig struct {
	Method      string  `toml:"method" json:"method" default:"usf" enum:"usf,gits,v3" help:"What is searched: usf, the times and what every step does; gits, the times; v3, statistics of the model for DPM-Solver-v3."`
	States      int     `toml:"states" json:"states" min:"8" max:"1000000" default:"512" help:"Starting states of the search."`
	Judge       int     `toml:"judge" json:"judge" min:"8" max:"1000000" default:"1536" help:"Other starting states, by which its result is judged."`
	Generations int     `toml:"generations" json:"generations" min:"1" max:"1000000" default:"40" help:"Generations of the search of usf."`
	Rounds      int     `toml:"rounds" json:"rounds" min:"0" max:"1000000" default:"40" help:"Rounds in which usf then refines times and weights."`
	Seed        uint64  `toml:"seed" json:"seed" default:"1" help:"Seed of the starting states and of the search."`
	Where       string  `toml:"where" json:"where" help:"Search under these conditions, as label=3,size=2.5." placeholder:"COL=VALUE,…"`
	Guidance    float64 `toml:"guidance" json:"guidance" default:"1" help:"Weight w of the condition; others than 1 cost two network calls an evaluation, and their schedules serve that weight only."`
	Tol         float64 `toml:"tol" json:"tol" above:"0" default:"0.0001" help:"The reference is refined until it changes by no more than this part of its scale."`
}

// DefaultTune returns the defaults of the tags.
func DefaultTune() TuneConfig { return spec.New[TuneConfig]() }

// check refuses numbers of calls that cannot be.
func (c TuneConfig) check(nfes []int, calls int) error {
	if err := spec.Check(&c); err != nil {
		return err
	}
	if len(nfes) == 0 {
		return &ito.InputError{Where: "`nfe`", What: "no numbers of network calls",
			Do: "give one or more, as 8 or 5,8,10"}
	}
	for i, n := range nfes {
		switch {
		case n < 1 || n > 1000:
			return &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("%d network calls", n),
				Do: "give from 1 to 1000; with more, every solver is good"}
		case n%calls != 0:
			return &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("%d network calls, with a guidance that costs "+
				"%d an evaluation", n, calls), Do: fmt.Sprintf("give a multiple of %d", calls)}
		case slices.Contains(nfes[:i], n):
			return &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("%d twice", n)}
		}
	}
	return nil
}
