package diffusion

import (
	"context"
	"math"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// filler draws windows in which any value may be missing.
type filler interface {
	// fill gives what is known of series in the window that begins at a step.
	fill(series []*forecast.Series, first int, address uint64, paths int) (entered, error)
}

// impute fills gaps by windows that overlap by half: each gap in the window in whose middle it is nearest.
func impute(ctx context.Context, d *drawer, f frame, by filler, series []*forecast.Series,
	r forecast.Request) ([]forecast.Gaps, error) {
	if err := forecast.CheckLevels(r.Levels); err != nil {
		return nil, err
	}
	sets, at, err := d.together(series)
	if err != nil {
		return nil, err
	}
	out := make([]forecast.Gaps, len(series))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(r.Pool.Workers(), 1))
	for i, set := range sets {
		g.Go(func() error {
			gaps, err := imputeSet(ctx, d, f, by, set, r)
			for k := range gaps {
				out[at[i][k]] = gaps[k]
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

// together puts series into what is drawn together, with their places.
func (d *drawer) together(series []*forecast.Series) (sets [][]*forecast.Series, at [][]int, err error) {
	if d.joint == nil {
		for i, s := range series {
			sets, at = append(sets, []*forecast.Series{s}), append(at, []int{i})
		}
		return sets, at, nil
	}
	if _, err := panel(&forecast.Set{Series: series}); err != nil {
		return nil, nil, err
	}
	set, places := make([]*forecast.Series, len(d.joint)), make([]int, len(d.joint))
	for k, id := range d.joint {
		for i, s := range series {
			if s.ID == id {
				set[k], places[k] = s, i
			}
		}
		if set[k] == nil || len(series) != len(d.joint) {
			return nil, nil, &ito.InputError{Where: "series " + id,
				What: "the model fills a panel of series together, and " +
					"not these", Do: "give all of the panel and no others"}
		}
	}
	return [][]*forecast.Series{set}, [][]int{places}, nil
}

func imputeSet(ctx context.Context, d *drawer, f frame, by filler, set []*forecast.Series,
	r forecast.Request) ([]forecast.Gaps, error) {
	n, levels, l := r.Paths, r.Levels, f.length()
	if n == 0 {
		n = defaultPaths
	}
	if len(levels) == 0 {
		levels = []float64{.5}
	}
	out := make([]forecast.Gaps, len(set))
	total := set[0].Len()
	paths := make([][][]float64, len(set)) // of each series and gap
	for first := min(0, total-l); ; first += max(l/2, 1) {
		last := first >= total-l
		if last {
			first = total - l
		}
		// The gaps whose window this is.
		from, to := first+l/4, first+l/4+max(l/2, 1)
		if first <= 0 {
			from = 0
		}
		if last {
			to = total
		}
		var gaps [][]int
		any := false
		for k, s := range set {
			gaps = append(gaps, nil)
			done := 0
			if n := len(out[k].At); n > 0 {
				done = out[k].At[n-1] + 1
			}
			for i := max(from, done, 0); i < min(to, total); i++ {
				if math.IsNaN(s.Values[i]) {
					gaps[k] = append(gaps[k], i)
					any = true
				}
			}
		}
		if any {
			if err := seen(set, first, l); err != nil {
				return nil, err
			}
			address := forecast.Address(set[0].ID, set[0].Time(first))
			in, err := by.fill(set, first, address, n)
			if err != nil {
				return nil, err
			}
			states, err := d.run(ctx, in, address, n, r.Seed)
			if err != nil {
				return nil, err
			}
			whole := make([]float64, l)
			for k := range set {
				at := len(paths[k])
				for range gaps[k] {
					paths[k] = append(paths[k], make([]float64, n))
				}
				for s := range n {
					in.leave(whole, states.Row(s), k)
					for j, i := range gaps[k] {
						paths[k][at+j][s] = whole[i-first]
					}
				}
				out[k].At = append(out[k].At, gaps[k]...)
			}
		}
		if last {
			break
		}
	}
	for k, s := range set {
		g := &out[k]
		g.ID, g.Start, g.Freq = s.ID, s.Start, s.Freq
		if len(g.At) == 0 {
			continue
		}
		g.Paths = make([]float64, n*len(g.At))
		for j, column := range paths[k] {
			for i, v := range column {
				g.Paths[i*len(g.At)+j] = v
			}
		}
		g.Fill(len(g.At), levels)
		if r.Paths == 0 {
			g.Paths = nil
		}
		if err := g.Check(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// seen reports a window of which nothing was observed.
func seen(set []*forecast.Series, first, l int) error {
	for _, s := range set {
		for i := range l {
			if !math.IsNaN(s.At(first + i)) {
				return nil
			}
		}
	}
	return &ito.InputError{Where: "series " + set[0].ID, What: "nothing was observed from " +
		set[0].Time(first).Format("2006-01-02T15:04") + " on, within a whole window of the model",
		Do: "split the series there"}
}
