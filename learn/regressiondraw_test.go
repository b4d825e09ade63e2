package learn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/path"
)

// drawn are the rows and the noise of the last step, of a batch that is drawn in one part.
func (r *regression) drawn() (x0, eps ito.States) {
	n, room := r.in.N, r.parts.rooms[0]
	x0, eps = r.rows.x0, r.rows.x0.Like(r.in.In)
	if r.holes == nil && r.means == nil {
		x0 = x0.Like(r.in.D)
		copy(x0.X, room[n*r.in.In:])
	}
	copy(eps.X, room)
	return x0, eps
}

// A batch is the same in whatever parts it is drawn, by any number of workers: with conditions that are dropped, on
// paths of one clock and of many, and where rows share their times.
func TestDrawInParts(t *testing.T) {
	for _, d := range []int{100, 300} {
		data := wideRows(200, d)
		data.Cond = ito.Cond{C: 2, X: make([]float64, 400)}
		for i := range data.Cond.X {
			data.Cond.X[i] = float64(i)
		}
		for _, p := range []ito.Path{path.VP{}, must(path.NewVSDM(path.VSDMConfig{D: d, Variant: path.DiagonalOnly})),
			path.PFGM{Aug: 128}} {
			var want []float32
			for _, workers := range []int{1, 2, 3} {
				r := must(bindRows(ScoreMatching{}, p, Setup{Source: data,
					Moments: must(columnMoments(data, data.Space())), Batch: 509, Seed: 3, Dropout: .3}))
				pool := ad.NewPool(workers)
				if err := r.Draw(t.Context(), 4, pool); err != nil {
					t.Fatal(err)
				}
				pool.Close()
				if workers == 1 && r.partRows(1) >= 509 {
					t.Fatalf("%d columns: one part", d)
				}
				times := 1
				for i := range r.t[1:] {
					if r.t[i] != r.t[i+1] {
						times++
					}
				}
				if want := map[int]int{100: 509, 300: 63}[d]; times != want {
					t.Fatalf("%d columns: %d times in a batch, want %d", d, times, want)
				}
				got := slices.Concat(r.in.X, r.in.Feat, r.in.Target, r.in.Weight, r.rows.cond)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d columns, %s, %d workers: another batch", d, p.Name(), workers)
				}
			}
			// One part, and every row by itself.
			r := must(bindRows(ScoreMatching{}, p, Setup{Source: data, Moments: must(columnMoments(data, data.Space())),
				Batch: 509, Seed: 3, Dropout: .3}))
			if err := r.Draw(t.Context(), 4, nil); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(r.in.X[:5], r.in.Weight[len(r.in.Weight)-5:]) != fmt.Sprint(want[:5],
				want[509*(3*d+1)-5:509*(3*d+1)]) {
				t.Errorf("%d columns, %s: no pool, another batch", d, p.Name())
			}
		}
	}
}

// Times that rows share have the law of times of their own: every row's is even over the clock, and a batch covers it.
func TestSharedTimes(t *testing.T) {
	const n, steps = 64, 300
	data := wideRows(50, 300)
	r := must(bindRows(ScoreMatching{}, path.VP{}, Setup{Source: data, Moments: must(columnMoments(data, data.Space())),
		Batch: n, Seed: 3}))
	lo, hi := path.VP{}.Span()
	var first []float64
	for step := range uint32(steps) {
		if err := r.Draw(t.Context(), step, nil); err != nil {
			t.Fatal(err)
		}
		for i, v := range r.t {
			g := i / 2
			if u := (v - lo) / (hi - lo) * n / 2; u < float64(g) || u > float64(g+1) {
				t.Fatalf("row %d of %d has time %g, which is not of its part", i, n, v)
			}
		}
		first = append(first, (r.t[0]-lo)/(hi-lo)*n/2)
	}
	slices.Sort(first)
	worst := 0.0
	for i, u := range first {
		worst = math.Max(worst, math.Abs(u-(float64(i)+.5)/steps))
	}
	if limit := 1.95 / math.Sqrt(steps); worst > limit { // Kolmogorov: one seed in a thousand
		t.Errorf("times within a part are %.3f from even, limit %.3f", worst, limit)
	}
}
