package tune

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// purposeSearch is the stream of mutations.
const purposeSearch = rng.PurposeUser - 1

// dice are the draws of one child.
type dice struct {
	key rng.Key
	id  uint64
	n   uint32
}

func (d *dice) intn(n int) int {
	d.n++
	return d.key.Intn(d.id, d.n, n)
}

// unit is uniform on (0,1).
func (d *dice) unit() float64 {
	d.n++
	return (float64(d.key.Uint64(d.id, d.n)>>12) + .5) * 0x1p-52
}

// child is child number i of an island's next generation: a changed parent that is still a legal schedule.
func (o Search) child(parents []DecisionSchedule, generation, island, i int) DecisionSchedule {
	d := &dice{key: rng.NewKey(o.Seed, purposeSearch, uint32(generation), uint32(island)), id: uint64(i)}
	pick := func() DecisionSchedule { // the better of two
		n := len(parents)
		return parents[min(d.intn(n), d.intn(n))].clone()
	}
	for range 50 {
		s := pick()
		for more := true; more; more = d.intn(3) == 0 {
			d.change(&s, pick)
		}
		if legal(s, o.Evals) {
			return s
		}
	}
	return pick()
}

func legal(s DecisionSchedule, evals int) bool {
	u := USF{Steps: s.Steps}
	if len(s.Times) != len(s.Steps)+1 || u.Evals() != evals || u.Check() != nil {
		return false
	}
	for i := 1; i < len(s.Times); i++ {
		if !((s.Times[i]-s.Times[i-1])*(s.Times[1]-s.Times[0]) > 0) {
			return false
		}
	}
	return true
}

func (s DecisionSchedule) clone() DecisionSchedule {
	s.Times = append(ito.Grid(nil), s.Times...)
	s.Steps = append([]Decision(nil), s.Steps...)
	return s
}

// change is one mutation.
func (d *dice) change(s *DecisionSchedule, pick func() DecisionSchedule) {
	switch d.intn(9) {
	case 8:
		d.relax(&s.Steps[d.intn(len(s.Steps))])
	case 0, 1:
		d.moveOne(s.Times)
	case 2:
		d.moveAll(s.Times)
	case 3:
		d.warp(s.Times)
	case 4, 5:
		i := d.intn(len(s.Steps))
		d.redecide(&s.Steps[i], i)
	case 6:
		if other := pick(); len(other.Steps) == len(s.Steps) { // from a node on, what another does
			i := d.intn(len(s.Steps))
			copy(s.Steps[i:], other.Steps[i:])
		}
	case 7:
		d.toggleSkip(s)
	}
}

// redecide changes one thing about step i.
func (d *dice) redecide(s *Decision, i int) {
	switch d.intn(4) {
	case 0:
		s.Eps = !s.Eps
	case 1:
		s.Use, s.Relax = uses[d.intn(len(uses))], nil
	case 2:
		s.Rule = RuleTaylor + Rule(d.intn(int(RuleAdams)))
	case 3:
		s.Correct = Rule(d.intn(int(RuleHalf) + 1))
	}
	if s.Rule > RuleHalf && !s.Eps {
		s.Rule = RuleTaylor
	}
	if i == 0 || len(s.Use) > 0 && s.Use[0] != 0 {
		s.Correct = RuleNone
	}
}

// relax changes what the predictions before the first weigh in a step.
func (d *dice) relax(s *Decision) {
	n := len(s.Use) - 1
	if n < 1 {
		return
	}
	r := make([]float64, n)
	copy(r, s.Relax)
	r[d.intn(n)] += d.step()
	s.Relax = r
}

// uses are the sets of nodes that a step may look at.
var uses = [][]int{{0}, {0, 1}, {0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 3}, {1, 0}, {1, 0, 2}, {2, 0}, {2, 0, 1}}

// step is a fraction of either sign, log-uniform from 1/256 to ½.
func (d *dice) step() float64 {
	u := math.Exp2(-1 - 7*d.unit())
	if d.intn(2) == 0 {
		return -u
	}
	return u
}

// between goes the fraction u of the way from t to a neighbour, geometrically where both are positive.
func between(t, next, u float64) float64 {
	if t > 0 && next > 0 {
		return t * math.Pow(next/t, u)
	}
	return t + u*(next-t)
}

func move(g ito.Grid, i int, u float64) {
	if u < 0 {
		g[i] = between(g[i], g[i-1], -u)
	} else {
		g[i] = between(g[i], g[i+1], u)
	}
}

func (d *dice) moveOne(g ito.Grid) {
	if len(g) > 2 {
		move(g, 1+d.intn(len(g)-2), d.step())
	}
}

func (d *dice) moveAll(g ito.Grid) {
	size := math.Abs(d.step()) / 2
	for i := 1; i < len(g)-1; i++ {
		move(g, i, size*(2*d.unit()-1))
	}
}

// warp moves all inner nodes the same way, most in the middle.
func (d *dice) warp(g ito.Grid) {
	u, n := d.step()/2, float64(len(g)-1)
	for i := 1; i < len(g)-1; i++ {
		x := float64(i) / n
		move(g, i, u*4*x*(1-x))
	}
}

// toggleSkip puts a first step without evaluation in front of the schedule, or takes it away.
func (d *dice) toggleSkip(s *DecisionSchedule) {
	if s.Steps[0].Skip {
		if len(s.Steps) > 1 {
			s.Times = append(s.Times[:1], s.Times[2:]...)
			s.Steps = s.Steps[1:]
			for i := range s.Steps {
				if s.Steps[i].Correct != RuleNone && i == 0 {
					s.Steps[i].Correct = RuleNone
				}
				if use := reach(s.Steps[i].Use, i); len(use) != len(s.Steps[i].Use) {
					s.Steps[i].Use, s.Steps[i].Relax = use, nil
				}
			}
		}
		return
	}
	t := between(s.Times[0], s.Times[1], math.Abs(d.step()))
	s.Times = append(ito.Grid{s.Times[0], t}, s.Times[1:]...)
	s.Steps = append([]Decision{{Skip: true, Eps: s.Steps[0].Eps}}, s.Steps...)
}

// reach leaves out nodes before the first.
func reach(use []int, i int) []int {
	var out []int
	for _, back := range use {
		if back <= i {
			out = append(out, back)
		}
	}
	return out
}
