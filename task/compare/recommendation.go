package compare

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/internal/table"
)

// Report is the report of a comparison: all that its last line is made of.
type Report struct {
	Model    string    `json:"model"`
	Data     string    `json:"data"`
	NFE      []int     `json:"nfe"`
	Rows     int       `json:"rows"`
	Draws    int       `json:"draws"`
	Floor    float64   `json:"floor"`
	FloorSD  float64   `json:"floor_sd"`
	Baseline float64   `json:"baseline"`
	Solvers  []Attempt `json:"solvers"`
	Verdict  string    `json:"verdict" says:"settings"`
}

// Attempt is one solver at every number of calls; a cell without a grid was not possible.
type Attempt struct {
	Solver string `json:"solver"`
	Cells  []Cell `json:"cells"`
}

// Cell is a solver on its best grid at a number of calls.
type Cell struct {
	Grid   string  `json:"grid,omitempty"`
	W2     float64 `json:"w2"`
	SD     float64 `json:"sd"`
	Reason string  `json:"reason,omitempty" says:"settings"` // why it was not possible
}

// Choice is the best solver at one number of calls.
type Choice struct {
	Solver string
	Cell
}

// settings are what makes a sampling do so.
func (c Choice) settings(nfe int) string {
	if c.Solver == storedSchedule {
		return fmt.Sprintf("`nfe=%d`, which uses the stored schedule", nfe)
	}
	return fmt.Sprintf("`solver=%s` `grid=%s` `nfe=%d`", c.Solver, c.Grid, nfe)
}

// Best is the choice at the k-th number of calls, without a solver when none was possible.
func (r *Report) Best(k int) Choice {
	best := Choice{Cell: Cell{W2: math.Inf(1)}}
	for _, s := range r.Solvers {
		if c := s.Cells[k]; c.Grid != "" && c.W2 < best.W2 {
			best = Choice{s.Solver, c}
		}
	}
	return best
}

// spread is what the W2 of a cell may differ by from another of its kind without saying anything: two standard errors
// of both.
func (r *Report) spread(sd, other float64) float64 {
	return 2 * math.Hypot(sd, other) / math.Sqrt(float64(max(r.Draws, 1)))
}

// verdict says in words what to take, a function of the numbers alone: the fewest calls that reach the floor, or else
// the fewest that are not visibly worse than the best.
func (r *Report) verdict() string {
	top, at := Choice{Cell: Cell{W2: math.Inf(1)}}, -1
	for k := range r.NFE {
		if c := r.Best(k); c.W2 < top.W2 {
			top, at = c, k
		}
	}
	if at < 0 {
		return "No solver could sample the model: " + r.reason()
	}
	if top.W2 >= r.Baseline {
		return fmt.Sprintf("No solver does better than normal variates with the moments of the data: the best, %s at "+
			"%d calls, has W2 %s against %s, floor %s. Train for more steps before you choose a solver.",
			top.Solver, r.NFE[at], table.Number(top.W2), table.Number(r.Baseline), table.Number(r.Floor))
	}
	for k, n := range r.NFE {
		if c := r.Best(k); c.W2 <= r.Floor+r.spread(c.SD, r.FloorSD) {
			return fmt.Sprintf("Take %s: its W2 of %s is within the spread of the floor of %s, so that more calls "+
				"cannot be seen to help.%s%s", c.settings(n), table.Number(c.W2), table.Number(r.Floor), r.plain(k),
				r.few())
		}
	}
	for k, n := range r.NFE[:at] {
		if c := r.Best(k); c.W2 <= top.W2+r.spread(c.SD, top.SD) {
			return fmt.Sprintf("Take %s: its W2 of %s is no worse than the best, %s with %s at %d calls, beyond the "+
				"spread of the draws. It is %s times the floor of %s: what is left is the model's, not the solver's.%s",
				c.settings(n), table.Number(c.W2), top.Solver, table.Number(top.W2), r.NFE[at],
				table.Number(c.W2/r.Floor), table.Number(r.Floor), r.plain(k))
		}
	}
	more := "More calls may help."
	if at < len(r.NFE)-1 {
		more = "More calls did not help."
	}
	return fmt.Sprintf("Take %s: its W2 of %s is the least of all, %s times the floor of %s. %s%s",
		top.settings(r.NFE[at]), table.Number(top.W2), table.Number(top.W2/r.Floor), table.Number(r.Floor), more,
		r.plain(at))
}

// plain compares the choice at the k-th number of calls with what is taken when nothing is said.
func (r *Report) plain(k int) string {
	best := r.Best(k)
	for _, s := range r.Solvers {
		if c := s.Cells[k]; s.Solver == plainSolver && best.Solver != plainSolver && c.Grid != "" {
			if c.W2 <= best.W2+r.spread(c.SD, best.SD) {
				return fmt.Sprintf(" %s, which needs no `solver`, does as well there: %s.", plainSolver,
					table.Number(c.W2))
			}
			return fmt.Sprintf(" %s has %s there.", plainSolver, table.Number(c.W2))
		}
	}
	return ""
}

// few warns of draws that can see little.
func (r *Report) few() string {
	if r.Rows < 500 {
		return fmt.Sprintf(" Draws of %d rows see little: compare more.", r.Rows)
	}
	return ""
}

// reason is why the first cell was not possible.
func (r *Report) reason() string {
	for _, s := range r.Solvers {
		for _, c := range s.Cells {
			if c.Reason != "" {
				return c.Reason
			}
		}
	}
	return "there was none"
}
