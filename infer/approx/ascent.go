package approx

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Ascent says how a run climbs: from several starts, by L-BFGS with a line search for the Wolfe conditions, until one
// of Stan's tolerances is met.
type Ascent struct {
	Paths  int           // of each run; 0: 4
	Starts *infer.Starts // nil: uniform in (−2, 2)^d, where the density is positive
	// pairs of steps and changes of slope that are kept; 0: twice the dimension, 6 to 40, and 6 above 1000 dimensions
	History int
	Most    int // iterations of a path; 0: 1000
}

func (a Ascent) paths() int { return cmp.Or(a.Paths, 4) }

func (a Ascent) history(d int) int {
	most := 40
	if d > 1000 {
		most = 6
	}
	return cmp.Or(a.History, max(6, min(2*d, most)))
}

func (a Ascent) most() int { return cmp.Or(a.Most, 1000) }

// Validate reports settings that cannot be used.
func (a Ascent) Validate(name string, d int) error {
	if a.Paths < 0 || a.History < 0 || a.Most < 0 {
		return &ito.InputError{Where: name, What: fmt.Sprintf("%d paths, a history of %d, %d iterations", a.Paths,
			a.History, a.Most), Do: "give 0 for the default, or more"}
	}
	if n := float64(a.paths()) * float64(pathWidth(d, a.history(d))); n > infer.MostNumbers {
		return &ito.InputError{Where: name, What: fmt.Sprintf("%d paths of dimension %d do not fit into memory",
			a.paths(), d), Do: "take fewer"}
	}
	return nil
}

// The tolerances are those of Stan's optimize.
const (
	tolValue    = 1e-12
	tolRelValue = 1e4 * 0x1p-52
	tolSlope    = 1e-8
	tolRelSlope = 1e7 * 0x1p-52
	tolStep     = 1e-8
)

// farAway is a coordinate that nothing has which is meant: the density rises without end.
const farAway = 1e20

// pathAt is path i of group g of s.
func (a Ascent) pathAt(s *infer.State, g, i int) path {
	m := a.history(s.D)
	w := pathWidth(s.D, m)
	at := (g*a.paths() + i) * w
	return path{s.D, m, s.Var("paths")[at : at+w]}
}

// init draws the starts.
func (a Ascent) init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	n, d := a.paths(), s.D
	s.AddVar("paths", n*pathWidth(d, a.history(d)))
	x, owner := ito.NewStates(s.Groups*n, d, 0), make([]int, s.Groups*n)
	for i := range owner {
		owner[i] = i / n
		x.ID[i] = s.ID[i/n]*uint64(n) + uint64(i%n)
	}
	starts := a.Starts
	if starts == nil {
		starts = &infer.Starts{Radius: 2}
	}
	if err := starts.Fill(ctx, p.Target, x, p.Seed); err != nil {
		return err
	}
	logp, g := make([]float64, x.N), x.Like(d)
	if err := a.evaluate(ctx, p, s, owner, logp, g, x); err != nil {
		return err
	}
	for i := range x.N {
		if !infer.Finite(logp[i]) || !infer.AllFinite(g.Row(i)) {
			return &infer.StartError{Group: x.ID[i], LogP: logp[i], X: x.Row(i)}
		}
		q := a.pathAt(s, i/n, i%n)
		copy(q.x(), x.Row(i))
		copy(q.slope(), g.Row(i))
		q.begin(logp[i])
	}
	return nil
}

// evaluate is log ρ and its slope at rows that belong to groups.
func (a Ascent) evaluate(ctx context.Context, p infer.SeededTarget, s *infer.State, owner []int, logp []float64, g,
	x ito.States) error {
	if x.N == 0 {
		return nil
	}
	if err := p.Target.Gradient(ctx, logp, g, x); err != nil {
		return err
	}
	for _, k := range owner {
		s.Count(k, infer.TallyGradients, 1)
	}
	return nil
}

// climb is a path in the middle of a line search.
type climb struct {
	path
	group  int
	toward []float64
	search search
}

// step is one iteration of every path that has not ended; moved are those that went higher.
func (a Ascent) step(ctx context.Context, p infer.SeededTarget, s *infer.State) (moved []climb, err error) {
	var active []*climb
	for g := range s.Groups {
		for i := range a.paths() {
			q := a.pathAt(s, g, i)
			if q.ended() {
				continue
			}
			c := &climb{path: q, group: g, toward: make([]float64, s.D)}
			c.aim()
			if !q.ended() {
				active = append(active, c)
			}
		}
	}
	for len(active) > 0 {
		x, owner := ito.NewStates(len(active), s.D, 0), make([]int, len(active))
		for i, c := range active {
			owner[i], x.ID[i] = c.group, s.ID[c.group]
			floats.AddScaledTo(x.Row(i), c.x(), c.search.at, c.toward)
		}
		logp, g := make([]float64, x.N), x.Like(s.D)
		if err := a.evaluate(ctx, p, s, owner, logp, g, x); err != nil {
			return nil, err
		}
		still := active[:0]
		for i, c := range active {
			f, slope := -logp[i], -floats.Dot(g.Row(i), c.toward)
			if !infer.Finite(logp[i]) || !infer.AllFinite(g.Row(i)) {
				f, slope = math.Inf(1), math.NaN()
			}
			taken, failed := c.search.next(f, slope)
			switch {
			case taken && infer.Finite(f):
				c.move(x.Row(i), g.Row(i), logp[i], a.most())
				moved = append(moved, *c)
			case !taken && !failed:
				still = append(still, c)
			case c.pairs() > 0: // what is remembered may be wrong: once more along the slope
				c.v[pathPairs] = 0
				if c.aim(); !c.ended() {
					still = append(still, c)
				}
			default:
				c.v[pathEnd] = stuck
			}
		}
		active = still
	}
	return moved, nil
}

// aim chooses the direction and begins the search.
func (c *climb) aim() {
	up := c.direction(c.toward)
	if !(up > 0) && c.pairs() > 0 {
		c.v[pathPairs] = 0
		up = c.direction(c.toward)
	}
	if !(up > 0) {
		c.v[pathEnd] = arrived
		return
	}
	first := 1.
	if c.pairs() == 0 { // of unknown scale: a step of length 1, or shorter
		first = min(1, 1/math.Sqrt(up))
	}
	c.search = newSearch(-c.logp(), -up, first)
}

// move goes to x, and says whether the ascent has ended.
func (c *climb) move(x, g []float64, logp float64, most int) {
	d := c.d
	s, y := make([]float64, d), make([]float64, d)
	floats.SubTo(s, x, c.x())
	floats.SubTo(y, c.slope(), g)
	gain := logp - c.logp()
	scale := max(math.Abs(logp), math.Abs(c.logp()), 1)
	copy(c.x(), x)
	copy(c.slope(), g)
	c.v[pathLogP] = logp
	c.v[pathIterations]++
	if floats.Dot(s, y) > 1e-12*floats.Dot(y, y) {
		c.push(s, y)
	}
	dir := make([]float64, d)
	left := c.direction(dir) // slope · inverse Hessian · slope
	switch {
	case math.Abs(gain) < tolValue, math.Abs(gain)/scale < tolRelValue && left/max(math.Abs(logp), 1) < 1e-3,
		floats.Norm(g, 2) < tolSlope, left/max(math.Abs(logp), 1) < tolRelSlope*1e-4, floats.Norm(s, 2) < tolStep:
		c.v[pathEnd] = arrived
	case floats.Norm(x, math.Inf(1)) > farAway:
		c.v[pathEnd] = stuck
	case int(c.v[pathIterations]) >= most:
		c.v[pathEnd] = exhausted
	}
}
