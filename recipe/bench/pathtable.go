package bench

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/internal/table"
)

// PathTable is what is known: the cells that are done, and their summary.
type PathTable struct {
	Seconds  float64       `json:"seconds"` // of a training
	Calls    []int         `json:"calls"`
	Sets     []string      `json:"sets"`
	Paths    []string      `json:"paths"`
	Seeds    []uint64      `json:"seeds"`
	Missing  []string      `json:"missing,omitempty"` // sets whose files are not there
	Total    int           `json:"total"`             // cells
	Cells    []PathCell    `json:"cells"`
	Overall  []PathOverall `json:"overall"`
	Verdicts []string      `json:"verdicts"`
}

// PathOverall is a path over all sets, for each number of calls the geometric mean of distance over floor: over its
// sets, each the mean of its seeds.
type PathOverall struct {
	Path    string    `json:"path"`
	Means   []float64 `json:"means"`   // by Calls; 0: unknown
	Sets    []int     `json:"sets"`    // how many sets are in each
	Refused int       `json:"refused"` // sets that the path is not for
}

// over is the mean over the seeds of distance over floor, and how many there are.
func (t *PathTable) over(set, path string, calls int) (mean float64, n int) {
	for _, c := range t.Cells {
		if c.Set != set || c.Path != path {
			continue
		}
		for _, f := range c.Figures {
			if f.Calls == calls {
				mean += f.Value / c.Floor
				n++
			}
		}
	}
	return mean / math.Max(float64(n), 1), n
}

func (t *PathTable) refused(set, path string) bool {
	return slices.ContainsFunc(t.Cells, func(c PathCell) bool {
		return c.Set == set && c.Path == path &&
			c.Refused != ""
	})
}

// finish puts the cells in order and sums them up.
func (t *PathTable) finish() {
	slices.SortFunc(t.Cells, func(a, b PathCell) int {
		return cmp.Or(cmp.Compare(slices.Index(t.Sets, a.Set), slices.Index(t.Sets, b.Set)),
			cmp.Compare(slices.Index(t.Paths, a.Path), slices.Index(t.Paths, b.Path)), cmp.Compare(a.Seed, b.Seed))
	})
	for _, p := range t.Paths {
		o := PathOverall{Path: p}
		for _, s := range t.Sets {
			if t.refused(s, p) {
				o.Refused++
			}
		}
		for _, k := range t.Calls {
			log, sets := 0., 0
			for _, s := range t.Sets {
				if v, n := t.over(s, p, k); n > 0 {
					log += math.Log(v)
					sets++
				}
			}
			mean := 0.
			if sets > 0 {
				mean = math.Exp(log / float64(sets))
			}
			o.Means, o.Sets = append(o.Means, mean), append(o.Sets, sets)
		}
		t.Overall = append(t.Overall, o)
	}
	for i, k := range t.Calls {
		t.Verdicts = append(t.Verdicts, t.verdict(i, k))
	}
}

// verdict says which path is best at a number of calls, among those that have every set.
func (t *PathTable) verdict(i, calls int) string {
	var whole []PathOverall
	for _, o := range t.Overall {
		if o.Sets[i] == len(t.Sets) && len(t.Sets) > 0 {
			whole = append(whole, o)
		}
	}
	if len(whole) == 0 {
		return fmt.Sprintf("%d calls: no path has all %d sets yet", calls, len(t.Sets))
	}
	slices.SortStableFunc(whole, func(a, b PathOverall) int { return cmp.Compare(a.Means[i], b.Means[i]) })
	text := fmt.Sprintf("%d calls: %s %.3g floors over %d sets", calls, whole[0].Path, whole[0].Means[i], len(t.Sets))
	for _, o := range whole[1:min(len(whole), 3)] {
		text += fmt.Sprintf(", %s %.3g", o.Path, o.Means[i])
	}
	return text
}

// Write writes the tables for people: one for each number of calls.
func (t *PathTable) Write(w io.Writer) error {
	fmt.Fprintf(w, "Distance of samples over that of held-out rows, %d of %d cells, %g s of training each (W2 "+
		"up to %d "+
		"coordinates, else sliced; the best solver of each, chosen on other rows)\n", len(t.Cells), t.Total, t.Seconds,
		exactColumns)
	for i, k := range t.Calls {
		rows := [][]string{append([]string{fmt.Sprintf("%d calls", k)}, append(slices.Clone(t.Sets), "all", "sets")...)}
		for _, o := range t.Overall {
			row := []string{o.Path}
			for _, s := range t.Sets {
				v, n := t.over(s, o.Path, k)
				switch {
				case n > 0:
					row = append(row, fmt.Sprintf("%.3g", v))
				case t.refused(s, o.Path):
					row = append(row, "-")
				default:
					row = append(row, "")
				}
			}
			all := ""
			if o.Sets[i] > 0 {
				all = fmt.Sprintf("%.3g", o.Means[i])
			}
			rows = append(rows, append(row, all, fmt.Sprint(o.Sets[i])))
		}
		fmt.Fprintln(w)
		if err := table.Write(w, rows); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	for _, m := range t.Missing {
		fmt.Fprintf(w, "left out: %s\n", m)
	}
	for _, v := range t.Verdicts {
		fmt.Fprintln(w, v)
	}
	return nil
}
