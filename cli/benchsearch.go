package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/tune"
)

// benchSearchCmd is "ito bench search".
type benchSearchCmd struct {
	Problem     []string `placeholder:"NAME,…" help:"Problems: ring, hada, mixture-1 to mixture-8, sharp-1 to sharp-8. Without it ring, hada and the mixtures"`
	NFE         []int    `name:"nfe" default:"5,10" min:"1" max:"100" placeholder:"K,…" help:"Network calls a sample, one search each"`
	Generations int      `default:"40" min:"1" help:"Generations of a search"`
	Rounds      int      `default:"40" min:"1" help:"Rounds of its refinement"`
	Seed        uint64   `default:"0" help:"Seed of the searches"`
	Workers     int      `where:"local" min:"0" default:"0" help:"Processors to use; 0: all. It changes no number"`
	JSON        bool     `name:"json" help:"Print the tables as one JSON object"`
}

func (*benchSearchCmd) manual() page {
	return page{
		synopsis: "[--problem NAME,…] [--nfe 5,10] [--seed S] [--json]",
		text: []string{
			fmt.Sprintf("Searches a schedule for each problem, as ito tune does for a model, on %d starting states, "+
				"and judges it on %d others beside every fixed solver on every grid: √mean ‖x − x_ref‖² and, after "+
				"the stroke, "+
				"the median of ‖x − x_ref‖. A problem is a Gaussian mixture on vp whose exact field is known.",
				tune.SearchStarts, tune.JudgeStarts),
			"Then it tries every schedule on every other problem: a row's schedule on a column's field, with a star " +
				"where it is better than every fixed solver there.",
			fmt.Sprintf("The mixtures are drawn by seed %d: 3 to 10 components in 2 to 8 dimensions with standard "+
				"deviations from .1 to .5, and those called sharp from .03.", tune.MixtureSeed),
		},
		examples: [][2]string{
			{"ito bench search", "Ten problems at 5 and 10 calls; some minutes."},
			{"ito bench search --problem ring,mixture-3 --nfe 6 --json", "Two problems."},
		},
	}
}

// searches are the tables for one number of calls.
type searches struct {
	NFE      int           `json:"nfe"`
	Lines    []searchLine  `json:"lines"`
	Transfer []transferRow `json:"transfer"`
	Verdict  string        `json:"verdict"`
}

type searchLine struct {
	Problem string  `json:"problem"`
	RMSE    float64 `json:"rmse"` // of the searched schedule on states that the search has not seen
	Median  float64 `json:"median"`
	Search  float64 `json:"search"` // RMSE on the states of the search
	Fixed   string  `json:"fixed"`  // the best fixed solver
	Best    float64 `json:"fixed_rmse"`
	Middle  float64 `json:"fixed_median"`
	Losses  int     `json:"losses"` // fixed solvers that are as good, or better
}

type transferRow struct {
	From   string    `json:"from"`
	RMSE   []float64 `json:"rmse"`   // on every problem
	Better []bool    `json:"better"` // than every fixed solver there
}

// Run implements the command.
func (c *benchSearchCmd) Run(ctx context.Context, a *app) error {
	problems, err := c.problems()
	if err != nil {
		return err
	}
	slices.Sort(c.NFE)
	c.NFE = slices.Compact(c.NFE)
	if len(c.NFE) == 0 {
		return &ito.InputError{Where: "--nfe", What: "no numbers", Do: "give some, as 5,10"}
	}
	m := a.meter()
	defer m.close()
	var all []searches
	done, total := int64(0), int64(len(problems)*len(c.NFE))
	for _, nfe := range c.NFE {
		var found []tune.Versus
		for _, p := range problems {
			v, err := tune.Search{Evals: nfe, Generations: c.Generations, Rounds: c.Rounds, Seed: c.Seed,
				Workers: task.Workers(c.Workers)}.Compare(ctx, p)
			if err != nil {
				return afterSignal(ctx, err, "")
			}
			found = append(found, v)
			done++
			m.count("search", done, total)
		}
		rmse, err := tune.Transfer(ctx, found, problems)
		if err != nil {
			return afterSignal(ctx, err, "")
		}
		all = append(all, tabulateSearches(nfe, found, rmse))
	}
	m.close()
	if c.JSON {
		return a.printJSON(map[string]any{"seed": c.Seed, "searches": all})
	}
	for _, s := range all {
		if err := s.write(a.stdout); err != nil {
			return err
		}
	}
	return nil
}

func (c *benchSearchCmd) problems() ([]tune.MixtureProblem, error) {
	usual := append([]tune.MixtureProblem{tune.Ring(), tune.Hada()}, tune.Mixtures()...)
	if len(c.Problem) == 0 {
		return usual, nil
	}
	var out []tune.MixtureProblem
	for i, name := range c.Problem {
		all := append(slices.Clone(usual), tune.SharpMixtures()...)
		at := slices.IndexFunc(all, func(p tune.MixtureProblem) bool { return p.Name == name })
		switch {
		case at < 0:
			return nil, &ito.InputError{Where: "--problem", What: fmt.Sprintf("unknown problem %q", name),
				Do: "choose among ring, hada, mixture-1 to mixture-8 and sharp-1 to sharp-8"}
		case slices.Contains(c.Problem[:i], name):
			return nil, &ito.InputError{Where: "--problem", What: name + " twice"}
		}
		out = append(out, all[at])
	}
	return out, nil
}

func tabulateSearches(nfe int, found []tune.Versus, rmse [][]float64) searches {
	s := searches{NFE: nfe}
	for i, v := range found {
		best := v.Fixed[0]
		s.Lines = append(s.Lines, searchLine{v.Problem, v.RMSE, v.Median, v.Schedule.RMSE, best.Name + " " + best.Grid,
			best.RMSE, best.Median, len(v.Losses())})
		row := transferRow{From: v.Problem, RMSE: rmse[i]}
		for j := range found {
			row.Better = append(row.Better, rmse[i][j] < found[j].Fixed[0].RMSE)
		}
		s.Transfer = append(s.Transfer, row)
	}
	s.Verdict = s.verdict()
	return s
}

// verdict counts wins, at home and elsewhere.
func (s searches) verdict() string {
	home, away, pairs := 0, 0, 0
	for i, l := range s.Lines {
		if l.Losses == 0 {
			home++
		}
		for j, b := range s.Transfer[i].Better {
			if i != j {
				pairs++
				if b {
					away++
				}
			}
		}
	}
	text := fmt.Sprintf("At %d calls the search beats every fixed solver on %d of %d problems.", s.NFE, home,
		len(s.Lines))
	if pairs > 0 {
		text += fmt.Sprintf(" A schedule that was searched for another problem beats them in %d of %d cases.", away,
			pairs)
	}
	return text
}

// write writes the tables for people.
func (s searches) write(w io.Writer) error {
	rows := [][]string{{fmt.Sprintf("%d calls", s.NFE), "searched", "on its own states", "best fixed", "solver",
		"losses"}}
	for _, l := range s.Lines {
		rows = append(rows, []string{l.Problem, fmt.Sprintf("%.5f/%.5f", l.RMSE, l.Median),
			fmt.Sprintf("%.5f", l.Search), fmt.Sprintf("%.5f/%.5f", l.Best, l.Middle), l.Fixed, fmt.Sprint(l.Losses)})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	rows = [][]string{{"from \\ on"}}
	for i, l := range s.Lines {
		rows[0] = append(rows[0], l.Problem+" ")
		row := []string{l.Problem}
		for j, v := range s.Transfer[i].RMSE {
			mark := " "
			if s.Transfer[i].Better[j] {
				mark = "*"
			}
			row = append(row, fmt.Sprintf("%.4f", v)+mark)
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(w)
	if err := table.Write(w, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n\n", s.Verdict)
	return err
}
