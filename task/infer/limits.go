package infer

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Limits bound the memory and the disk of an inference whose settings, or data, somebody else chose. What is bounded
// are counts of numbers, each a float64 of which a sampler keeps some ten arrays.
type Limits struct {
	Coordinates int // of the density; 0: those of any run
	Numbers     int // of the draws, of the states, of a metric, and of a training's step; 0: any
}

// refuse is the error of numbers that are too many.
func (l Limits) refuse(where, what string, n float64) error {
	return &ito.InputError{Where: "`" + where + "`", What: fmt.Sprintf("%s are %.3g numbers, more than the %d of a "+
		"request here", what, n, l.Numbers), Do: "ask for less, or use ito infer"}
}

// before bounds what making a plan takes, for a density of d coordinates.
func (l Limits) before(d int, method string, s *infer.Settings) error {
	if l.Coordinates > 0 && d > l.Coordinates {
		return &ito.InputError{Where: "`data`", What: fmt.Sprintf("with it the model has %d coordinates, more than "+
			"the %d of a request here", d, l.Coordinates), Do: "send less data, or use ito infer"}
	}
	if l.Numbers == 0 {
		return nil
	}
	dim, most := float64(d), float64(l.Numbers)
	chains := float64(cmp.Or(s.Chains, 4))
	for _, c := range []struct {
		setting, what string
		n             float64
	}{
		{"width", "the weights of a layer", float64(s.Width) * float64(s.Width)},
		{"batch", "the paths of a training's step", float64(cmp.Or(s.Batch, 512)) * float64(s.Steps) * dim},
		{"batch", "the rows of a training's step", float64(s.Batch) * max(dim, float64(s.Width))},
		{"temperatures", "the states", chains * float64(s.Temperatures) * dim},
		{"walkers", "the states", chains * float64(s.Walkers) * dim},
		{"paths", "the paths", chains * float64(s.Paths) * dim},
		{"chains", "the states", chains * dim},
		{"refresh-draws", "the particles", float64(s.RefreshDraws) * dim},
	} {
		if c.n > most {
			return l.refuse(c.setting, c.what, c.n)
		}
	}
	if n := chains * dim * dim; s.Metric == "dense" && n > most {
		return l.refuse("metric", "dense ones", n)
	}
	if n := chains * dim * dim; (method == "laplace" || method == "advi" && s.Covariance == "full") && n > most {
		return l.refuse("method", "full covariances", n)
	}
	return nil
}

// plan bounds what a plan takes, for a density of d coordinates whose draws have so many columns.
func (l Limits) plan(p *infer.MethodPlan, d, columns int) error {
	if l.Numbers == 0 {
		return nil
	}
	groups := float64(p.Groups)
	if n := groups * float64(p.Kernel.Slots()) * float64(d); n > float64(l.Numbers) {
		return l.refuse("draws", "the states", n)
	}
	drawn := groups * float64(p.Draws) * float64(infer.Drawn(p.Kernel))
	if n := drawn * float64(columns+len(statistics(*p))); n > float64(l.Numbers) {
		return l.refuse("draws", "the draws", n)
	}
	return nil
}
