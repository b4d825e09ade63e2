package read

import (
	"fmt"
	"math"
	"time"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// m4 reads rows of a name and values, ragged ones filled with empty cells, as the M4 competition has them. They say
// neither when they begin nor how long a step is: each series begins in 1970, and the frequency must be given.
func (r *reader) m4(in *frame.Input) error {
	if r.freq.N == 0 {
		return r.bad("give `freq`, such as 1h", "rows of a name and values do not say their frequency")
	}
	return in.Lines(func(line int, cells []string) error {
		id := cells[0]
		if b := r.series[id]; b != nil && !r.appending {
			return r.at(line, "", "give each row a name of its own", "a second series is called %q", id)
		}
		b := r.get(id)
		b.start = time.Date(1970, 1, 1, 0, 0, 0, 0, r.zone)
		last := len(cells) - 1
		for last > 0 && in.Missing(cells[last]) {
			last--
		}
		for k := 1; k <= last; k++ {
			v, ok := in.Number(cells[k])
			switch {
			case in.Missing(cells[k]):
				v = math.NaN()
			case !ok:
				return r.at(line, fmt.Sprint(k+1), "mend it, or leave it empty where it is missing", "%s is no number",
					lines.Brief(cells[k]))
			case !(math.Abs(v) <= 1e120):
				return r.at(line, fmt.Sprint(k+1), "give the numbers in another unit", "%s is beyond ±1e120", cells[k])
			}
			b.x = append(b.x, v)
		}
		return nil
	})
}
