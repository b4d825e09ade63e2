package forecast

import (
	"fmt"
	"sort"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Windows are all the training windows of a set: of Context+Horizon steps that lie within a series, numbered series by
// series and within a series by the origin. The last window of a series ends at its end. A series that is shorter than
// the window and longer than the horizon has one, whose context begins before it, with NaN there.
type Windows struct {
	Set              *Set
	Context, Horizon int
	ends             []int // cumulative counts
	long             []int // series that have windows
}

// Place is a window by its address: Series of the set and the index Origin of the first step that is forecast.
type Place struct {
	*Series
	Origin int
}

// NewWindows finds them. No window at all is an *ito.InputError.
func NewWindows(d *Set, context, horizon int) (*Windows, error) {
	if context < 1 || horizon < 1 {
		return nil, &ito.InputError{Where: d.Name, What: fmt.Sprintf("windows of %d+%d steps", context, horizon),
			Do: "give a context and a horizon of at least 1"}
	}
	w := &Windows{Set: d, Context: context, Horizon: horizon}
	total, longest := 0, 0
	for _, s := range d.Series {
		longest = max(longest, s.Len())
		if n := s.Len(); n > horizon {
			total += max(n-context-horizon, 0) + 1
			w.long = append(w.long, len(w.ends))
		}
		w.ends = append(w.ends, total)
	}
	if total == 0 {
		return nil, &ito.InputError{Where: d.Name, What: fmt.Sprintf("no series is longer than the horizon of %d "+
			"steps; the longest has %d", horizon, longest), Do: "give longer series or a shorter `horizon`"}
	}
	return w, nil
}

// Len is their number.
func (w *Windows) Len() int { return w.ends[len(w.ends)-1] }

// At is window i.
func (w *Windows) At(i int) Place {
	k := sort.SearchInts(w.ends, i+1)
	first := 0
	if k > 0 {
		first = w.ends[k-1]
	}
	s := w.Set.Series[k]
	return Place{s, max(s.Len()-w.Horizon-(w.ends[k]-first-1), 1) + i - first}
}

// Draw is the window of row id of a step of training: series first, each equally often, then the origin.
func (w *Windows) Draw(seed uint64, step uint32, id uint64) Place {
	var u [2]float64
	rng.NewKey(seed, rng.PurposeData, step, 0).Uniforms64(u[:], 2, []uint64{id})
	k := w.long[min(int(u[0]*float64(len(w.long))), len(w.long)-1)]
	first := 0
	if k > 0 {
		first = w.ends[k-1]
	}
	n := w.ends[k] - first
	return w.At(first + min(int(u[1]*float64(n)), n-1))
}
