package learn

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/wrap"
)

// line is a mixture of two normals on a line, whose consistency function is known: the flow keeps the order of points,
// so f(x, t) is the quantile in p_{t0} of the probability of x in p_t.
type line struct{ mix field.Mixture }

func newLine() line {
	return line{field.Mixture{D: 1, Means: []float64{-1, 1.5}, Var: []float64{.1, .3}}}
}

// below is the probability below x where noise of this size is added.
func (l line) below(x, σ float64) float64 {
	p := 0.
	for k, m := range l.mix.Means {
		p += math.Erfc(-(x-m)/math.Sqrt(2*(l.mix.Var[k]+σ*σ))) / 2 / float64(len(l.mix.Means))
	}
	return p
}

// end is the consistency function from noise σ to noise σ0, by bisection.
func (l line) end(x, σ, σ0 float64) float64 {
	want := l.below(x, σ)
	lo, hi := -50., 50.
	for range 80 {
		if m := (lo + hi) / 2; l.below(m, σ0) < want {
			lo = m
		} else {
			hi = m
		}
	}
	return (lo + hi) / 2
}

// student is a distillation of the exact field of a line.
type student struct {
	line
	path path.EDM
	wrap *wrap.Moments
	loop *Loop
	loss Distillation
	pr   Setup
}

func (l line) student(t *testing.T, method string, steps int) *student {
	t.Helper()
	s := &student{line: l, path: path.EDM{SigmaMin: .01, SigmaMax: 10}}
	x := ito.NewStates(4000, 1, 0)
	if err := l.mix.Draw(x, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	s.pr = Setup{Source: Data{X: x}, Batch: 128, Seed: 5}
	s.pr.Moments = must(momentsOf(s.pr.Source))
	s.wrap = must(wrap.NewMoments(s.path, s.pr.Moments))
	net := must(nn.New(nn.MLP{Width: 32, Depth: 2}, nn.Flat(1, 1, 0), 3))
	s.loop = must(NewLoop(Optimiser{Steps: steps, LR: 3e-3, Schedule: nn.LRSchedule{Kind: "cosine", WarmUp: 20},
		Adam: nn.DefaultAdam(), Clip: 1, EMA: nn.EMA{Decay: .99, WarmUp: true}}, net))
	s.loss = Distillation{Method: method, Teacher: must(field.NewMixture(s.path, l.mix)),
		Student: s.field(s.loop.Networks()[0])}
	return s
}

func (s *student) field(w *nn.Weights) *field.Net { return must(field.NewNet(s.wrap, w, ito.PredX0)) }

// run trains on so many levels until a step.
func (s *student) run(t *testing.T, levels, until int, pool *ad.Pool) {
	t.Helper()
	lo, hi := s.path.Span()
	s.loss.Levels = must(solve.Karras(s.path, hi, lo, levels))
	if err := s.loop.Bind(must(s.loss.Bind(s.path, s.wrap, s.pr))); err != nil {
		t.Fatal(err)
	}
	if err := s.loop.Run(t.Context(), until, LoopOptions{Pool: pool}); err != nil {
		t.Fatal(err)
	}
}

// error is the root mean square of the student's x0 against the closed form, over states of p_t at every level but the
// last.
func (s *student) error(t *testing.T, f ito.Field) float64 {
	t.Helper()
	sum, count := 0., 0
	for i, level := range s.loss.Levels[:len(s.loss.Levels)-1] {
		y, out := ito.NewStates(200, 1, 0), ito.NewStates(200, 1, 0)
		if err := s.mix.Draw(y, ito.Seed(uint64(100+i))); err != nil {
			t.Fatal(err)
		}
		ito.Seed(uint64(100+i)).Normal(out, rng.PurposePath, 0, 0)
		for j, z := range out.X {
			y.X[j] += level * z
		}
		if err := f.Predict(t.Context(), out, y, ito.Times{level}, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		for j, v := range out.X {
			e := v - s.end(y.X[j], level, s.path.SigmaMin)
			sum += e * e
			count++
		}
	}
	return math.Sqrt(sum / float64(count))
}

// The student of every method comes to the consistency function that is known in closed form; that of progressive
// distillation, after three halvings to two steps, at their two levels. The field's own x̂0 is far from it.
func TestDistilsToTheClosedForm(t *testing.T) {
	if testing.Short() {
		t.Skip("three trainings")
	}
	for _, c := range []struct {
		method        string
		steps, levels int
		most          float64
	}{{Consistency, 1200, 12, .2}, {ConsistencyTraining, 2000, 12, .3}, {Progressive, 2400, 16, .09}} {
		s := newLine().student(t, c.method, c.steps)
		n := c.levels
		for c.method == Progressive && n > 4 {
			s.run(t, n, s.loop.Step()+c.steps/4, nil)
			s.loss.Teacher = s.field(must(s.loop.Average(0)).Clone())
			n /= 2
		}
		s.run(t, n, c.steps, nil)
		if c.method == Progressive {
			s.loss.Levels = ito.Grid{s.loss.Levels[0], s.loss.Levels[2], s.loss.Levels[4]}
			s.loss.Levels = s.loss.Levels[1:] // one step from the middle to the data is the end of the flow
		}
		e := s.error(t, s.field(must(s.loop.Average(0))))
		own := s.error(t, must(must(field.NewMixture(s.path, s.mix)).As(ito.PredX0)))
		t.Logf("%s: error %.3g, of the field's own x0 %.3g", c.method, e, own)
		if !(e < c.most && own > 1.5*c.most) {
			t.Errorf("%s: error %.3g, at most %g, of the field's own x0 %.3g", c.method, e, c.most, own)
		}
	}
}

// A distillation on two workers, interrupted, goes on to the same bytes.
func TestDistillationResumes(t *testing.T) {
	pool := ad.NewPool(2)
	defer pool.Close()
	for _, method := range []string{Consistency, ConsistencyTraining, Progressive} {
		whole, first, second := newLine().student(t, method, 24), newLine().student(t, method, 24),
			newLine().student(t, method, 24)
		whole.run(t, 6, 24, nil)
		first.run(t, 6, 11, pool)
		if err := second.loop.Restore(first.loop.State()); err != nil {
			t.Fatal(err)
		}
		second.run(t, 6, 24, pool)
		if a, b := whole.loop.State(), second.loop.State(); !slices.Equal(a.Params, b.Params) || !slices.Equal(a.EMA,
			b.EMA) {
			t.Errorf("%s: interrupted and on two workers it is another student", method)
		}
	}
}

// What has no consistency function here is refused.
func TestDistillationRefuses(t *testing.T) {
	s := newLine().student(t, Progressive, 10)
	for _, levels := range []ito.Grid{{10, .01}, {10, 1, .1, .01}} {
		s.loss.Levels = levels
		if _, err := s.loss.Bind(s.path, s.wrap, s.pr); !errors.Is(err, ito.ErrInput) {
			t.Errorf("levels %v are taken: %v", levels, err)
		}
	}
	s.loss.Levels = ito.Grid{1, .5, .1}
	if _, err := s.loss.Bind(path.Interpolant{}, s.wrap, s.pr); err == nil {
		t.Error("an interpolant is taken")
	}
}
