package tune_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// The best of 5184 schedules that an independent program tried in full at 5 evaluations on the ring, and multistep
// DPM-Solver++ of order 2 on three grids, on the 512 starts of that search and on the 1536 after them.
func TestScheduleOfExhaustiveSearch(t *testing.T) {
	p := tune.Ring()
	train, test := must(p.Task(ctx, tune.SearchStarts, 0, 0)), must(p.Task(ctx, tune.JudgeStarts, tune.SearchStarts, 0))
	two, three := []int{0, 1}, []int{0, 1, 2}
	taylor := []tune.Decision{{}, {Use: two}, {Use: two}, {Use: two}, {}}
	for _, c := range []struct {
		name  string
		steps []tune.Decision
		grid  solve.GridFunc
		want  [2]float64
	}{
		{"best", []tune.Decision{{}, {Use: two}, {Use: two}, {Use: three}, {Use: three, Eps: true}}, solve.LogSNR,
			[2]float64{.03940, .03729}},
		{"best from ε", []tune.Decision{{Eps: true}, {Use: two}, {Use: two}, {Use: three}, {Use: three, Eps: true}},
			solve.LogSNR, [2]float64{.03940, .03729}},
		{"third", []tune.Decision{{}, {Use: two, Eps: true}, {Use: two}, {Use: three}, {Use: three, Eps: true}},
			solve.LogSNR, [2]float64{.03941, .03729}},
		{"2M", taylor, solve.LogSNR, [2]float64{.10093, .09907}},
		{"2M uniform", taylor, solve.Uniform, [2]float64{.38134, .37972}},
		{"2M karras", taylor, solve.Karras, [2]float64{.17827, .17481}},
	} {
		for i, task := range []tune.Task{train, test} {
			e, evals, err := task.Error(ctx, tune.USF{Steps: c.steps}, must(c.grid(p.Path, p.From, p.To, 5)))
			if err != nil || evals != 5 || math.Abs(e-c.want[i]) > 6e-6 {
				t.Errorf("%s, task %d: error %.5f after %d evaluations (%v), want %.5f", c.name, i, e, evals, err,
					c.want[i])
			}
		}
	}
}

// A short search beats every fixed solver on starts that it has not seen.
func TestSearchBeatsFixedSolvers(t *testing.T) {
	for _, c := range []struct {
		p     tune.MixtureProblem
		evals int
	}{{tune.Ring(), 5}, {tune.Mixtures()[1], 5}} {
		v := must(tune.Search{Evals: c.evals, Generations: 8, Rounds: 4, Refined: 2}.Compare(ctx, c.p))
		if !v.Beats() || len(v.Fixed) < 50 {
			t.Errorf("%v (%d fixed solvers)", v, len(v.Fixed))
		}
		if v.Schedule.Evals() != c.evals {
			t.Errorf("%s: the schedule takes %d evaluations, want %d", c.p.Name, v.Schedule.Evals(), c.evals)
		}
	}
}

// At 10 evaluations the mixture on which a search by mean squares loses to fixed solvers, because two starts of
// 1536 end in another mode.
func TestSearchOfManyEvaluations(t *testing.T) {
	if testing.Short() {
		t.Skip("10 seconds")
	}
	v := must(tune.Search{Evals: 10, Workers: 2}.Compare(ctx, tune.Mixtures()[7]))
	if !v.Beats() || v.Median > v.Fixed[0].Median/4 {
		t.Errorf("%v", v)
	}
}

// The same seed finds the same schedules whatever the workers, and also when it is interrupted.
func TestSearchGoesOn(t *testing.T) {
	p := tune.Ring()
	task := must(p.Task(ctx, 32, 0, 0))
	o := tune.Search{Evals: 4, Parents: 8, Children: 12, Generations: 4, Rounds: 3, Seed: 3}
	whole := must(o.Start(ctx, task))
	var events []tune.SearchEvent
	o.Progress = func(e tune.SearchEvent) { events = append(events, e) }
	if err := o.Advance(ctx, task, whole, 100); err != nil {
		t.Fatal(err)
	}
	if len(events) != 7 || events[6].Tried != whole.Tried || events[6].Generations != 7 ||
		events[6].Best > whole.Parents[0].RMSE || events[0].Best < events[6].Best {
		t.Errorf("events %v", events)
	}

	o.Workers, o.Progress = 3, nil
	parts := must(o.Start(ctx, task))
	for range 2 {
		if err := o.Advance(ctx, task, parts, 1); err != nil {
			t.Fatal(err)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	for _, more := range []int{0, 2, 1} { // among the generations, before the refinement, within it
		if err := o.Advance(ctx, task, parts, more); err != nil {
			t.Fatal(err)
		}
		before := parts.Generation
		if err := o.Advance(stopped, task, parts, 1); !errors.Is(err, context.Canceled) || parts.Generation != before {
			t.Errorf("cancelled: %v at generation %d", err, parts.Generation)
		}
	}
	if err := o.Advance(ctx, task, parts, 100); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(whole, parts) {
		t.Error("an interrupted search ends elsewhere")
	}
	o.Seed = 4
	if other := must(o.Start(ctx, task)); true {
		if err := o.Advance(ctx, task, other, 100); err != nil || reflect.DeepEqual(whole.Parents[0],
			other.Parents[0]) {
			t.Errorf("another seed finds the same (%v)", err)
		}
	}
}

// Refinement lowers the error on the task, by much, and leaves the decisions of some parent.
func TestRefinement(t *testing.T) {
	p := tune.Mixtures()[4] // of dimension 4
	task := must(p.Task(ctx, 64, 0, 0))
	o := tune.Search{Evals: 6, Parents: 12, Children: 12, Generations: 2, Rounds: -1}
	plain := must(o.Run(ctx, task))
	o.Rounds = 12
	fine := must(o.Run(ctx, task))
	if !(fine.RMSE < .6*plain.RMSE) {
		t.Errorf("refined %.5f, before %.5f", fine.RMSE, plain.RMSE)
	}
	e, evals, err := task.Error(ctx, fine.Solver(), fine.Times)
	if err != nil || e != fine.RMSE || evals != 6 {
		t.Errorf("error %g after %d evaluations (%v), said %g", e, evals, err, fine.RMSE)
	}
	relaxed := 0
	for i, d := range fine.Steps {
		relaxed += len(d.Relax)
		if len(d.Relax) != 0 && len(d.Relax) != len(d.Use)-1 {
			t.Errorf("step %d: %+v", i, d)
		}
	}
	if relaxed == 0 {
		t.Error("the refinement freed no weight")
	}
}

func TestSearchRefuses(t *testing.T) {
	p := tune.Ring()
	task := must(p.Task(ctx, 4, 0, 0))
	if _, err := (tune.Search{}).Start(ctx, task); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no evaluations: %v", err)
	}
	if err := (tune.Search{Evals: 3}).Advance(ctx, task, &tune.SearchState{}, 1); !errors.Is(err, ito.ErrInput) {
		t.Errorf("an empty state: %v", err)
	}
}

// On its own problem the transfer matrix repeats the comparison; the line of a comparison names its losses.
func TestTransfer(t *testing.T) {
	ps := []tune.MixtureProblem{tune.Ring(), tune.Mixtures()[0]}
	v := must(tune.Search{Evals: 4, Parents: 4, Children: 4, Generations: 1}.Compare(ctx, ps[0]))
	m := must(tune.Transfer(ctx, []tune.Versus{v}, ps))
	if m[0][0] != v.RMSE || !(m[0][1] > 0 && m[0][1] < 1) {
		t.Errorf("errors %v, was %g on itself", m, v.RMSE)
	}
	v.RMSE = v.Fixed[1].RMSE
	if l := v.Losses(); v.Beats() || len(l) != 2 || !strings.Contains(v.String(), "loses to "+l[0].Name+" "+l[0].Grid) {
		t.Errorf("losses %v in %q", l, v)
	}
	if v.RMSE = 0; !v.Beats() || len(v.Losses()) != 0 || strings.Contains(v.String(), "loses") {
		t.Errorf("no losses in %q", v)
	}
}
