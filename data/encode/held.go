package encode

import (
	"slices"
	"sort"

	"github.com/seed9a7962a8/ito/rng"
)

// held says which rows are held out: a sorted list. A source has them, or all others.
type held struct {
	rows   []int
	others bool
}

// Split is the source in two: what is trained on, and n of its rows that are held out. They are a function of the
// seed and the number of rows. n is at least 1 and less than half of the rows.
func (s *Source) Split(seed uint64, n int) (train, out *Source) {
	key := rng.NewKey(seed, rng.PurposeSplit, 0, 1)
	taken := make(map[int]bool, n)
	var rows []int
	for id := uint64(0); len(rows) < n; id++ {
		if r := key.Intn(id, 0, s.Frame.Rows); !taken[r] {
			taken[r] = true
			rows = append(rows, r)
		}
	}
	slices.Sort(rows)
	a, b := *s, *s
	a.held, b.held = &held{rows, true}, &held{rows, false}
	return &a, &b
}

func (h *held) len(all int) int {
	if h.others {
		return all - len(h.rows)
	}
	return len(h.rows)
}

// row is the place in the table of row i of the source.
func (h *held) row(i int) int {
	switch {
	case h == nil:
		return i
	case !h.others:
		return h.rows[i]
	}
	// rows[k]−k others stand before rows[k]: the row has as many held ones before it as have no more than i
	return i + sort.Search(len(h.rows), func(k int) bool { return h.rows[k]-k > i })
}

// draw is a random row of the source at an address.
func (h *held) draw(key rng.Key, id uint64, all int) int {
	if h == nil {
		return key.Intn(id, 0, all)
	}
	return h.row(key.Intn(id, 0, h.len(all)))
}
