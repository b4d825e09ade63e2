package systems

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

var digitsRecipe = Recipe{Name: "digits", run: runDigits,
	Summary: "8×8 digits by their label: how often a nearest neighbour among the real ones reads a sample as it was " +
		"asked for"}

// digitGuidance are the weights of the condition that are tried.
var digitGuidance = []float64{1, 1.5, 2}

// perClass is the number of samples of each digit.
const perClass = 100

// runDigits trains on the flow path, conditioned on the label, and classifies samples of every class.
func runDigits(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	t, err := data.Open(cmp.Or(cfg.Data, "examples/digits.csv"), data.OpenOptions{})
	if err != nil {
		return err
	}
	rest, taken, err := t.Take([]string{"label"})
	if err != nil {
		return err
	}
	real := rest.States()
	labels := make([]int, len(taken[0].Numbers))
	for i, v := range taken[0].Numbers {
		labels[i] = int(v)
	}
	self, err := metric.LeaveOneOut(ctx, real, labels)
	if err != nil {
		return err
	}
	pr := cfg.protocol.orHouse()
	n := min(pr.rows, real.N/2)
	r.Columns = []string{"accuracy", "W2", "nearest real"}
	for _, seed := range cfg.Seeds {
		c := recipe.DefaultTrain()
		c.Path, c.Condition, c.Seed, c.Steps = "flow", []string{"label"}, seed, cfg.Steps
		c = c.Sized(0, 0)
		r.Budget = fmt.Sprintf("flow path, %d steps of %d rows, network 256×%d", c.Steps, c.Batch, c.Depth)
		pool := ad.NewPool(run.WorkerCount())
		own := run
		own.Pool = pool
		m, _, err := recipe.Fit(ctx, t, c, own)
		pool.Close()
		if err != nil {
			return err
		}
		for _, w := range digitGuidance {
			x, want, err := drawDigits(ctx, m, w, seed, run)
			if err != nil {
				return err
			}
			got, err := metric.NearestNeighbour(ctx, real, labels, x)
			if err != nil {
				return err
			}
			right, err := metric.Accuracy(got, want)
			if err != nil {
				return err
			}
			d, err := metric.W2Draws(ctx, x, real, pr.draws, n, seed)
			if err != nil {
				return err
			}
			r.add("w = "+strconv.FormatFloat(w, 'g', -1, 64), false, right, d.Value, nearest(real, x))
		}
	}
	floor, err := metric.W2Halves(ctx, real, pr.draws, n, 1)
	if err != nil {
		return err
	}
	r.add("real rows among themselves", true, self, floor.Value, nearest(real, real))
	acc, _ := spread(r.column("w = 1", "accuracy"))
	r.atLeast(.90, acc, "samples read as asked for at w = 1 (chance .10, real rows %.3f)", self)
	r.Notes = append(r.Notes, "nearest real is the median distance to the nearest other real row: far below that of "+
		"real rows, samples would be copies",
		"the W2 is to the training rows themselves, its floor between two halves of them")
	return nil
}

func drawDigits(ctx context.Context, m *ito.Model, w float64, seed uint64, run recipe.RunOptions) (x ito.States,
	want []int,
	err error) {
	for _, level := range m.Conditions[0].Levels {
		s := recipe.DefaultSample()
		s.N, s.Seed, s.Where, s.Guidance, s.NFE = perClass, seed, "label="+level, w, 50
		s.First = uint64(x.N)
		if w != 1 {
			s.NFE = 100 // the same steps
		}
		part, err := recipe.Collect(ctx, m, s, run)
		if err != nil {
			return x, nil, err
		}
		label, err := strconv.Atoi(level)
		if err != nil {
			return x, nil, &ito.InputError{Where: "label", What: fmt.Sprintf("%q is not a digit", level)}
		}
		x.X, x.ID, x.D, x.N = append(x.X, part.X...), append(x.ID, part.ID...), part.D, x.N+part.N
		for range part.N {
			want = append(want, label)
		}
	}
	return x, want, nil
}

// nearest is the median distance of the rows of x to the nearest row of real that is not itself.
func nearest(real, x ito.States) float64 {
	out := make([]float64, x.N)
	for i := range out {
		best := math.Inf(1)
		for j := range real.N {
			d := 0.0
			for k, v := range real.Row(j) {
				e := v - x.Row(i)[k]
				d += e * e
			}
			if d > 0 && d < best {
				best = d
			}
		}
		out[i] = math.Sqrt(best)
	}
	return median(out)
}
