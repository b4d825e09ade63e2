package model

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// Uniform ranks stay within the band, those of a posterior that is too narrow or shifted do not and are named.
func TestRanksAreJudged(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n, draws = 300, 99
	rank := func(u float64) int { return max(0, min(int(u*(draws+1)), draws)) }
	s := &SBCReport{Columns: []string{"right", "narrow", "wide", "low"}, Draws: draws}
	for range n {
		u := r.Float64()
		s.Ranks = append(s.Ranks, []int{rank(u), rank(.5 + .5*math.Sin(math.Pi*(r.Float64()-.5))),
			rank(.5 + .25*(r.Float64()+r.Float64()-1)), rank(u * u)})
	}
	s.judge()
	if s.Parameters[0].Outside > 1 {
		t.Errorf("uniform ranks: %+v", s.Parameters[0])
	}
	all := strings.Join(s.Warnings, "\n")
	for _, want := range []string{"narrow crowd at the ends", "wide crowd in the middle", "low are low"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in:\n%s", want, all)
		}
	}
}
