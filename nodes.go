package ito

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/rng"
)

// NodeLaw is the law of the number of nodes of graphs: N[i] with a probability in proportion to Count[i]. A sample has
// the number that its address draws.
type NodeLaw struct {
	N     []int `json:"n"` // increasing
	Count []int `json:"count"`
	// Places are the sizes to which graphs are padded, increasing; the last is the largest of N.
	Places []int `json:"places"`
}

// mostPlaces is the most sizes to which graphs are padded.
const mostPlaces = 4

// NewNodeLaw counts the nodes of graphs. The places are four at most, of about as many graphs each.
func NewNodeLaw(nodes []int) NodeLaw {
	var l NodeLaw
	sorted := slices.Sorted(slices.Values(nodes))
	for _, n := range sorted {
		if k := len(l.N) - 1; k >= 0 && l.N[k] == n {
			l.Count[k]++
			continue
		}
		l.N, l.Count = append(l.N, n), append(l.Count, 1)
	}
	for k := range mostPlaces {
		if len(sorted) == 0 {
			break
		}
		p := sorted[(k+1)*len(sorted)/mostPlaces-min((k+1)*len(sorted)/mostPlaces, 1)]
		if len(l.Places) == 0 || p > l.Places[len(l.Places)-1] {
			l.Places = append(l.Places, p)
		}
	}
	return l
}

// Check reports a law that is none of graphs of at most so many nodes: *InputError.
func (l NodeLaw) Check(most int) error {
	bad := func(format string, args ...any) error {
		return &InputError{Where: "numbers of nodes", What: fmt.Sprintf(format, args...)}
	}
	increasing := func(x []int) bool {
		for i, v := range x {
			if v < 1 || i > 0 && v <= x[i-1] {
				return false
			}
		}
		return len(x) > 0
	}
	switch {
	case !increasing(l.N) || !increasing(l.Places) || len(l.Count) != len(l.N):
		return bad("%d numbers with %d counts, and %d places", len(l.N), len(l.Count), len(l.Places))
	case l.N[len(l.N)-1] != most || l.Places[len(l.Places)-1] != most:
		return bad("the largest graph has %d nodes and %d places, the space %d", l.N[len(l.N)-1],
			l.Places[len(l.Places)-1], most)
	}
	sum := 0
	for _, c := range l.Count {
		if c < 1 || c > 1<<40 {
			return bad("a count is %d", c)
		}
		sum += c
	}
	return nil
}

// Of is the number of nodes of a sample.
func (l NodeLaw) Of(seed, id uint64) int {
	sum := 0
	for _, c := range l.Count {
		sum += c
	}
	u := rng.NewKey(seed, rng.PurposePrior, 0, 1).Intn(id, 0, sum)
	for i, c := range l.Count {
		if u < c {
			return l.N[i]
		}
		u -= c
	}
	return l.N[len(l.N)-1]
}

// Place is the index of the places of a graph of n nodes.
func (l NodeLaw) Place(n int) int {
	at, _ := slices.BinarySearch(l.Places, n)
	return min(at, len(l.Places)-1)
}

// Sized is a space of graphs with n places for nodes: its parts of nodes and its mask have that length.
func (s Space) Sized(n int) Space {
	out := Space{Parts: slices.Clone(s.Parts)}
	for i, p := range out.Parts {
		out.Parts[i].Shape = slices.Clone(p.Shape)
		for k := range p.Nodes {
			out.Parts[i].Shape[k] = n
		}
	}
	if s.Mask != nil {
		m := *s.Mask
		m.N = n
		out.Mask = &m
	}
	return out
}
