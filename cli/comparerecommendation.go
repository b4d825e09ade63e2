package cli

import (
	"fmt"
	"io"
	"math"

	"github.com/seed9a7962a8/ito/internal/table"
)

// recommendation is the report of a comparison: all that its last line is made of.
type recommendation struct {
	Model    string    `json:"model"`
	Data     string    `json:"data"`
	NFE      []int     `json:"nfe"`
	Rows     int       `json:"rows"`
	Draws    int       `json:"draws"`
	Floor    float64   `json:"floor"`
	FloorSD  float64   `json:"floor_sd"`
	Baseline float64   `json:"baseline"`
	Solvers  []attempt `json:"solvers"`
	Verdict  string    `json:"verdict"`
}

// attempt is one solver at every number of calls; a cell without a grid was not possible.
type attempt struct {
	Solver string `json:"solver"`
	Cells  []cell `json:"cells"`
}

type cell struct {
	Grid   string  `json:"grid,omitempty"`
	W2     float64 `json:"w2"`
	SD     float64 `json:"sd"`
	Reason string  `json:"reason,omitempty"` // why it was not possible
}

// write writes the report for people.
func (r *recommendation) write(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "W2 of %s to %d draws of %d rows of %s, on the best grid\n\n", r.Model, r.Draws, r.Rows, r.Data); err != nil {
		return err
	}
	head := []string{"solver"}
	for _, k := range r.NFE {
		head = append(head, fmt.Sprintf("%d calls", k), "grid")
	}
	rows := [][]string{head}
	for _, s := range r.Solvers {
		line := []string{s.Solver}
		for k, c := range s.Cells {
			switch {
			case c.Grid == "":
				line = append(line, "-", "")
			case r.at(k).Solver == s.Solver:
				line = append(line, "* "+number(c.W2), c.Grid)
			default:
				line = append(line, number(c.W2), c.Grid)
			}
		}
		rows = append(rows, line)
	}
	rows = append(rows, []string{"floor", fmt.Sprintf("%s ± %s", number(r.Floor), number(r.FloorSD))}, []string{"normal", number(r.Baseline)})
	if err := table.Write(w, rows); err != nil {
		return err
	}
	for _, s := range r.Solvers {
		for k, c := range s.Cells {
			if c.Reason != "" {
				fmt.Fprintf(w, "\nnot %s at %d calls: %s", s.Solver, r.NFE[k], c.Reason)
				break
			}
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}

// choice is the best solver at one number of calls.
type choice struct {
	Solver string
	cell
}

// flags are what makes ito sample do so.
func (c choice) flags(nfe int) string {
	if c.Solver == storedSchedule {
		return fmt.Sprintf("--nfe %d, which uses the stored schedule", nfe)
	}
	return fmt.Sprintf("--solver %s --grid %s --nfe %d", c.Solver, c.Grid, nfe)
}

// at is the choice at the k-th number of calls, without a solver when none was possible.
func (r *recommendation) at(k int) choice {
	best := choice{cell: cell{W2: math.Inf(1)}}
	for _, s := range r.Solvers {
		if c := s.Cells[k]; c.Grid != "" && c.W2 < best.W2 {
			best = choice{s.Solver, c}
		}
	}
	return best
}

// spread is what the W2 of a cell may differ by from another of its kind without saying anything: two standard errors
// of both.
func (r *recommendation) spread(sd, other float64) float64 {
	return 2 * math.Hypot(sd, other) / math.Sqrt(float64(max(r.Draws, 1)))
}

// verdict says in words what to take, a function of the numbers alone: the fewest calls that reach the floor, or else
// the fewest that are not visibly worse than the best.
func (r *recommendation) verdict() string {
	top, at := choice{cell: cell{W2: math.Inf(1)}}, -1
	for k := range r.NFE {
		if c := r.at(k); c.W2 < top.W2 {
			top, at = c, k
		}
	}
	if at < 0 {
		return "No solver could sample the model: " + r.reason()
	}
	if top.W2 >= r.Baseline {
		return fmt.Sprintf("No solver does better than normal variates with the moments of the data: the best, %s at %d calls, has W2 %s against %s, floor %s. Train for more steps before you choose a solver.",
			top.Solver, r.NFE[at], number(top.W2), number(r.Baseline), number(r.Floor))
	}
	for k, n := range r.NFE {
		if c := r.at(k); c.W2 <= r.Floor+r.spread(c.SD, r.FloorSD) {
			return fmt.Sprintf("Take %s: its W2 of %s is within the spread of the floor of %s, so that more calls cannot be seen to help.%s%s", c.flags(n), number(c.W2), number(r.Floor), r.plain(k), r.few())
		}
	}
	for k, n := range r.NFE[:at] {
		if c := r.at(k); c.W2 <= top.W2+r.spread(c.SD, top.SD) {
			return fmt.Sprintf("Take %s: its W2 of %s is no worse than the best, %s with %s at %d calls, beyond the spread of the draws. It is %s times the floor of %s: what is left is the model's, not the solver's.%s",
				c.flags(n), number(c.W2), top.Solver, number(top.W2), r.NFE[at], number(c.W2/r.Floor), number(r.Floor), r.plain(k))
		}
	}
	more := "More calls may help."
	if at < len(r.NFE)-1 {
		more = "More calls did not help."
	}
	return fmt.Sprintf("Take %s: its W2 of %s is the least of all, %s times the floor of %s. %s%s", top.flags(r.NFE[at]), number(top.W2), number(top.W2/r.Floor), number(r.Floor), more, r.plain(at))
}

// plain compares the choice at the k-th number of calls with what is taken when nothing is said.
func (r *recommendation) plain(k int) string {
	best := r.at(k)
	for _, s := range r.Solvers {
		if c := s.Cells[k]; s.Solver == plainSolver && best.Solver != plainSolver && c.Grid != "" {
			if c.W2 <= best.W2+r.spread(c.SD, best.SD) {
				return fmt.Sprintf(" %s, which needs no --solver, does as well there: %s.", plainSolver, number(c.W2))
			}
			return fmt.Sprintf(" %s has %s there.", plainSolver, number(c.W2))
		}
	}
	return ""
}

// few warns of draws that can see little.
func (r *recommendation) few() string {
	if r.Rows < 500 {
		return fmt.Sprintf(" Draws of %d rows see little: compare more.", r.Rows)
	}
	return ""
}

// reason is why the first cell was not possible.
func (r *recommendation) reason() string {
	for _, s := range r.Solvers {
		for _, c := range s.Cells {
			if c.Reason != "" {
				return c.Reason
			}
		}
	}
	return "there was none"
}
