package golden_test

import (
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/solve"
)

// searches are schedules searched on exact fields: their times, their errors and the rows that they make.
func searches() []group {
	var out []group
	for _, p := range problems() {
		switch p.name {
		case "vp", "edm", "flow", "vsdm":
		default:
			continue
		}
		out = append(out, group{"tune " + p.name, func(_ *testing.T, workers int) cases {
			out := cases{}
			for _, method := range []string{"usf", "gits", "v3"} {
				m := &ito.Model{Path: p.path, Field: p.field, Columns: []string{"x", "y"}}
				c := recipe.DefaultTune()
				c.Method, c.States, c.Judge, c.Generations, c.Rounds = method, 8, 8, 2, 1
				r, err := recipe.Tune(ctx, m, []int{5, 8}, c, recipe.RunOptions{Workers: workers})
				if err != nil {
					out.set(method, "", err)
					continue
				}
				numbers := newSum().floats(r.Reference)
				for _, k := range r.Results {
					numbers.floats(k.Searched.Search, k.Searched.Judge, k.Searched.Median)
					for _, f := range k.Fixed {
						numbers.floats(f.Search, f.Judge, f.Median)
					}
				}
				out.set(method+": errors", numbers.text(), nil)
				for _, s := range m.Schedules {
					x := ito.NewStates(6, 2, 3)
					must(0, p.path.Prior(x, ito.Cond{}, ito.Seed(7)))
					_, err := solve.Run(ctx, p.path, p.field, x, s.Times, s.Solver, solve.RunOptions{})
					numbers := newSum().floats(s.Times...).floats(x.X...)
					out.set(method+map[int]string{5: " of 5 calls", 8: " of 8 calls"}[s.Calls], numbers.text(), err)
				}
			}
			return out
		}})
	}
	return out
}
