package draws

import (
	"encoding/json"
	"testing"
)

// Summed up a column at a time, a journal says what a set in memory does: chains with every kind of warning, and particles.
func TestJournalSummariseIsSummarise(t *testing.T) {
	s := independent(300)
	walk(s)
	s.Chain(0, 1)[7] = 1
	copy(s.Chain(3, 3), s.Chain(3, 1))
	weighted := independent(200)
	weighted.Columns[0], weighted.Columns[1] = LogWeight, Ancestor
	for c := range weighted.Chains {
		copy(weighted.Chain(0, c), weighted.Chain(2, c))
	}
	for _, set := range []*Set{s, weighted} {
		var rows []float64
		for i := range set.Draws {
			for c := range set.Chains {
				for k := range set.Columns {
					rows = append(rows, set.Chain(k, c)[i])
				}
			}
		}
		j := journal(t, &set.Meta, rows)
		for _, values := range []int{1, 3000, mostValues} {
			got, err := j.summarise(&set.Meta, values)
			if err != nil {
				t.Fatal(err)
			}
			a, errA := json.Marshal(got)
			b, errB := json.Marshal(Summarise(set))
			if errA != nil || errB != nil || string(a) != string(b) {
				t.Errorf("with %d values in memory:\n%s\n%s", values, a, b)
			}
		}
	}
}
