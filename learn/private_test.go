package learn

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// privateGradient is the gradient of one step of a training of rows, before Adam takes it.
func privateGradient(t *testing.T, o Objective, p *Private, from int) []float32 {
	t.Helper()
	const n, d, c = 6, 2, 3
	data := Data{X: ito.NewStates(n, d, 0), Cond: ito.Cond{C: c, X: make([]float64, n*c)}}
	ito.Seed(3).Normal(data.X, rng.PurposeUser, 0, 0)
	rng.NewKey(4, rng.PurposeUser, 0, 0).Normals64(data.Cond.X, n*c, []uint64{0})
	for k := range data.X.Row(1) { // one row has a large gradient
		data.X.Row(1)[k] *= 20
	}
	net := must(nn.New(nn.MLP{Width: 8, Depth: 2}, nn.Flat(d, d, c), 1))
	for i := range net.Params { // the last layer begins at zero
		net.Params[i] += float32(.05 * math.Sin(float64(i)))
	}
	cfg := Config{Optimiser: Optimiser{Steps: 1, LR: 1e-3, Adam: nn.DefaultAdam()}, Objective: o, Batch: n, Seed: 5}
	tr := must(NewTrainer(cfg, net, inOrder{data, from}, Drawn{}))
	if p != nil {
		if err := tr.MakePrivate(*p); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.Bind(path.EDM{}); err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(t.Context(), 1, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(tr.grad)
}

// inOrder is a source whose step is its rows in their order.
type inOrder struct {
	Data
	from int
}

func (s inOrder) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	return s.Read(dst, cond, 0)
}

// The sum of clipped gradients is that of the rows one at a time, clipped by hand; without a clip it is the gradient
// of the loss; rows that are not there count nothing.
func TestPrivateGradients(t *testing.T) {
	for _, o := range []Objective{ScoreMatching{}, Denoising{}} {
		const n = 6
		plain := privateGradient(t, o, nil, 0)
		alone := make([][]float64, n)
		before := make([]float64, len(plain))
		for i := range n { // of the first i+1 rows less that of the first i
			g := privateGradient(t, o, &Private{Clip: 1e9, Rows: 1, Present: func(uint32) int { return i + 1 }}, 0)
			alone[i] = make([]float64, len(g))
			for k, v := range g {
				alone[i][k] = float64(v) - before[k]
				before[k] = float64(v)
			}
		}
		for k, v := range plain {
			if math.Abs(float64(v)-before[k]/n) > 1e-4*(1+math.Abs(float64(v))) {
				t.Fatalf("%s: parameter %d: %g in all, %g without privacy", o.Name(), k, before[k]/n, v)
			}
		}
		const clip = .5
		got := privateGradient(t, o, &Private{Clip: clip, Rows: 2, Present: func(uint32) int { return n - 1 }}, 0)
		clipped := 0
		want := make([]float64, len(got))
		for i := range n - 1 {
			norm := 0.
			for _, v := range alone[i] {
				norm += v * v
			}
			f := min(1, clip/math.Sqrt(norm))
			if f < 1 {
				clipped++
			}
			for k, v := range alone[i] {
				want[k] += f * v / 2
			}
		}
		if clipped == 0 {
			t.Fatal("no row is clipped")
		}
		for k, v := range got {
			if math.Abs(float64(v)-want[k]) > 2e-4 {
				t.Fatalf("%s: parameter %d: %g, not %g", o.Name(), k, v, want[k])
			}
		}
	}
}

// Noise is normal with the standard deviation that was asked for, the same for the same secret and step.
func TestPrivateNoise(t *testing.T) {
	p := Private{Clip: .5, Noise: 3, Rows: 10, Seed: 9, Present: func(uint32) int { return 0 }}
	a, b := privateGradient(t, ScoreMatching{}, &p, 0), privateGradient(t, ScoreMatching{}, &p, 0)
	if !slices.Equal(a, b) {
		t.Error("other noise")
	}
	sum, square := 0., 0.
	for _, v := range a {
		sum, square = sum+float64(v), square+float64(v)*float64(v)
	}
	n := float64(len(a))
	if sd := math.Sqrt(square / n); math.Abs(sd/.15-1) > 4/math.Sqrt(2*n) || math.Abs(sum/n) > 4*.15/math.Sqrt(n) {
		t.Errorf("mean %g, standard deviation %g of %g", sum/n, sd, n)
	}
}

// Every row is in a step with its rate, alone of the others, and the numbers of rows are binomial.
func TestPoissonRows(t *testing.T) {
	const n, rate, steps = 50, .1, 4000
	p := PoissonRows{N: n, Rate: rate, Most: Room(n, rate), Seed: 3}
	counts := make([]float64, n)
	mean, square, pairs := 0., 0., 0.
	for k := range uint32(steps) {
		rows := p.Rows(k)
		if !slices.IsSorted(rows) || len(rows) > 0 && (rows[0] < 0 || rows[len(rows)-1] >= n) ||
			len(slices.Compact(slices.Clone(rows))) != len(rows) {
			t.Fatal(rows)
		}
		m := float64(len(rows))
		mean, square = mean+m/steps, square+m*m/steps
		for _, r := range rows {
			counts[r]++
		}
		if slices.Contains(rows, 7) && slices.Contains(rows, 8) {
			pairs++
		}
	}
	for r, c := range counts {
		if math.Abs(c-rate*steps) > 4.5*math.Sqrt(rate*(1-rate)*steps) {
			t.Errorf("row %d is in %g of %d steps", r, c, steps)
		}
	}
	most := 4.5 * math.Sqrt(rate*rate*steps)
	if v := square - mean*mean; math.Abs(v-n*rate*(1-rate)) > .5 || math.Abs(pairs-rate*rate*steps) > most {
		t.Errorf("variance %g, %g pairs", v, pairs)
	}
	if all := (&PoissonRows{N: 5, Rate: 1, Most: 5}).Rows(0); len(all) != 5 {
		t.Error(all)
	}
}
