package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/tune"
)

// SearchConfig sets for which problems and numbers of calls schedules are searched.
type SearchConfig struct {
	Problem     []string `placeholder:"NAME,…" help:"Problems: ring, hada, mixture-1 to mixture-8, sharp-1 to sharp-8. Without it ring, hada and the mixtures"`
	NFE         []int    `name:"nfe" default:"5,10" min:"1" max:"100" placeholder:"K,…" help:"Network calls a sample, one search each"`
	Generations int      `default:"40" min:"1" help:"Generations of a search"`
	Rounds      int      `default:"40" min:"1" help:"Rounds of its refinement"`
	Seed        uint64   `default:"0" help:"Seed of the searches"`
	Workers     int      `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no number"`
}

// SearchReport are the tables, a number of calls each.
type SearchReport struct {
	Searches []SearchTables `json:"searches"`
	Seed     uint64         `json:"seed"`
}

// SearchTables are the tables for one number of calls.
type SearchTables struct {
	NFE      int           `json:"nfe"`
	Lines    []SearchLine  `json:"lines"`
	Transfer []TransferRow `json:"transfer"`
	Verdict  string        `json:"verdict"`
}

// SearchLine is a problem with its search.
type SearchLine struct {
	Problem string  `json:"problem"`
	RMSE    float64 `json:"rmse"` // of the searched schedule on states that the search has not seen
	Median  float64 `json:"median"`
	Search  float64 `json:"search"` // RMSE on the states of the search
	Fixed   string  `json:"fixed"`  // the best fixed solver
	Best    float64 `json:"fixed_rmse"`
	Middle  float64 `json:"fixed_median"`
	Losses  int     `json:"losses"` // fixed solvers that are as good, or better
}

// TransferRow is the schedule of one problem on all of them.
type TransferRow struct {
	From   string    `json:"from"`
	RMSE   []float64 `json:"rmse"`   // on every problem
	Better []bool    `json:"better"` // than every fixed solver there
}

// Search searches a schedule for each problem, and tries it on every other.
func Search(ctx context.Context, c SearchConfig, env task.Env) (r SearchReport, err error) {
	r.Seed = c.Seed
	problems, err := c.problems()
	if err != nil {
		return r, err
	}
	calls := slices.Clone(c.NFE)
	slices.Sort(calls)
	calls = slices.Compact(calls)
	if len(calls) == 0 {
		return r, &ito.InputError{Where: "`nfe`", What: "no numbers", Do: "give some, as 5,10"}
	}
	done, total := int64(0), int64(len(problems)*len(calls))
	for _, nfe := range calls {
		var found []tune.Versus
		for _, p := range problems {
			v, err := tune.Search{Evals: nfe, Generations: c.Generations, Rounds: c.Rounds, Seed: c.Seed,
				Workers: task.Workers(c.Workers)}.Compare(ctx, p)
			if err != nil {
				return r, err
			}
			found = append(found, v)
			done++
			env.Count("search", done, total)
		}
		rmse, err := tune.Transfer(ctx, found, problems)
		if err != nil {
			return r, err
		}
		r.Searches = append(r.Searches, tabulateSearches(nfe, found, rmse))
	}
	return r, nil
}

func (c *SearchConfig) problems() ([]tune.MixtureProblem, error) {
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
			var known []string
			for _, p := range all {
				known = append(known, p.Name)
			}
			return nil, &ito.InputError{Where: "`problem`", What: fmt.Sprintf("unknown problem %q", name),
				Do: suggest.Among(name, known)}
		case slices.Contains(c.Problem[:i], name):
			return nil, &ito.InputError{Where: "`problem`", What: name + " twice"}
		}
		out = append(out, all[at])
	}
	return out, nil
}

func tabulateSearches(nfe int, found []tune.Versus, rmse [][]float64) SearchTables {
	s := SearchTables{NFE: nfe}
	for i, v := range found {
		best := v.Fixed[0]
		s.Lines = append(s.Lines, SearchLine{v.Problem, v.RMSE, v.Median, v.Schedule.RMSE, best.Name + " " + best.Grid,
			best.RMSE, best.Median, len(v.Losses())})
		row := TransferRow{From: v.Problem, RMSE: rmse[i]}
		for j := range found {
			row.Better = append(row.Better, rmse[i][j] < found[j].Fixed[0].RMSE)
		}
		s.Transfer = append(s.Transfer, row)
	}
	s.Verdict = s.verdict()
	return s
}

// verdict counts wins, at home and elsewhere.
func (s SearchTables) verdict() string {
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
