package tune

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/solve"
)

// Decision is what one step does. The zero value is a DDIM step.
type Decision struct {
	Eps bool `json:"eps,omitempty"` // interpolate ε̂ instead of x̂0
	// Use lists the nodes through whose predictions the polynomial goes, counted back from the node at which the
	// step begins (0), at most 3; the step goes from the state at the first of them. nil is {0}: order 1. {0,1} is
	// a multistep method of order 2; {1,0} a single-step one whose middle is the node at which this step begins.
	Use  []int `json:"use,omitempty"`
	Rule Rule  `json:"rule,omitempty"`
	// first correct the last step by the new prediction, as UniPC does; RuleNone: do not
	Correct Rule `json:"correct,omitempty"`
	// first step only: no evaluation, x̂0 is the path's mean ("analytical first step")
	Skip bool `json:"skip,omitempty"`
	// Relax changes the weights of the predictions that Use lists after the first by the factors 1+Relax_j, and
	// gives the first what is left, so that the weights sum to what they did and a constant prediction is still
	// integrated exactly: a relaxed derivative, of order 1 unless all are 0. nil: none.
	Relax []float64 `json:"relax,omitempty"`
}

// Rule is how a step weighs the derivatives of its polynomial.
type Rule uint8

// The rules. Midpoint and Half differ from Taylor where two predictions are used.
const (
	RuleNone     Rule = iota // as a Rule: Taylor. As a Correct: no correction
	RuleTaylor               // exact for a polynomial in λ
	RuleMidpoint             // w_1 = (e^z−1)/(2z): DPM-Solver++(2M), UniPC with bh2
	RuleHalf                 // w_1 = ½: UniPC with bh1
	RuleRho                  // exact for a polynomial in ρ = σ/α; needs Eps, not for corrections
	RuleTime                 // exact for a polynomial in the path's clock; needs Eps, not for corrections
	RuleAdams                // the constants of Adams–Bashforth; needs Eps and Use {0,1,…}, not for corrections
	rules
)

// b is the B(h) by which UniPC weighs as the rule does.
func (r Rule) b() solve.UniB {
	switch r {
	case RuleMidpoint:
		return solve.UniB2
	case RuleHalf:
		return solve.UniB1
	}
	return solve.UniVary
}

// usfDepth is how many nodes back a step may look.
const usfDepth = 3

// wrong says why a decision makes no sense as number i of steps; "" when it does.
func (d Decision) wrong(i int, steps []Decision) string {
	if what := d.wrongNodes(i); what != "" {
		return what
	}
	for _, r := range d.Relax {
		if math.IsNaN(r) || math.IsInf(r, 0) {
			return fmt.Sprintf("a weight is relaxed by %g", r)
		}
	}
	n := len(d.use()) - 1
	switch {
	case len(d.Relax) != 0 && len(d.Relax) != n:
		return fmt.Sprintf("%d weights are relaxed of %d", len(d.Relax), n)
	case d.Rule >= rules || d.Correct >= rules:
		return fmt.Sprintf("unknown rules %d and %d", d.Rule, d.Correct)
	case d.Rule > RuleHalf && !d.Eps:
		return "a rule for ε in a step that interpolates x0"
	case d.Correct > RuleHalf:
		return "a rule that does not correct"
	case d.Skip && i > 0:
		return "only the first step can do without an evaluation"
	case d.Correct == RuleNone:
		return ""
	case i == 0:
		return "nothing to correct before the first step"
	}
	return d.wrongCorrection(steps[i-1])
}

// wrongNodes says what is wrong with the predictions that number i of steps uses.
func (d Decision) wrongNodes(i int) string {
	use := d.use()
	for j, back := range use {
		switch {
		case back < 0 || back > min(i, usfDepth):
			return fmt.Sprintf("it looks %d nodes back", back)
		case slices.Contains(use[:j], back):
			return fmt.Sprintf("it uses the prediction %d nodes back twice", back)
		case d.Rule == RuleAdams && back != j:
			return "Adams–Bashforth weights for other than the last predictions"
		}
	}
	return ""
}

// wrongCorrection says why a decision cannot correct the step before it.
func (d Decision) wrongCorrection(before Decision) string {
	switch {
	case d.use()[0] != 0:
		return "a correction of a state from which it does not go"
	case slices.Max(before.use()) >= usfDepth:
		return "a correction that looks further back than is kept"
	}
	return ""
}

func (d Decision) use() []int {
	if len(d.Use) == 0 {
		return []int{0}
	}
	return d.Use
}

// within is the decision where no more than have nodes back may be looked at.
func (d Decision) within(have int) Decision {
	use := d.use()
	if use[0] > have {
		return Decision{Eps: d.Eps}
	}
	var kept []int
	var relax []float64
	for j, back := range use {
		if back <= have {
			kept = append(kept, back)
			if j > 0 && len(d.Relax) > 0 {
				relax = append(relax, d.Relax[j-1])
			}
		}
	}
	d.Use, d.Relax = kept, relax
	if have == 0 {
		d.Correct = RuleNone
	}
	return d
}
