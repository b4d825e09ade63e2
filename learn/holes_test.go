package learn

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// holed is rows of which some values are not known.
type holed struct{ Data }

func (holed) Partial() {}

func (h holed) Moments() (ito.Gaussian, error) { return ito.StandardNormal(h.X.D), nil }

// What stands in a hole changes neither the loss nor its gradient, and the loss is the mean over what is known.
func TestHolesAreNotScored(t *testing.T) {
	const n, d = 6, 4
	full := wideRows(n, d)
	part := holed{Data{X: full.X.Clone()}}
	for i := range n {
		part.X.Row(i)[i%d] = math.NaN()
	}
	net := must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(d, d, 0), 3))
	for i := range net.Params {
		net.Params[i] += .1
	}
	bind := func(src ito.Source) *regression {
		return must(bindRows(ScoreMatching{}, path.VP{}, Setup{Source: src, Moments: ito.StandardNormal(d), Batch: 8,
			Seed: 7}))
	}
	r := bind(part)
	if err := r.Draw(t.Context(), 3, nil); err != nil {
		t.Fatal(err)
	}
	sum, count := 0., 0
	value := func(r *regression) float64 {
		var loss [1]float32
		p := must(ad.Compile(func(g *ad.Graph) {
			var params []ad.Value
			g.Output("loss", r.Trace(g, applies(g, []*nn.Weights{net}, &params, false)))
		}))
		if err := p.Run(t.Context(), ad.Call{N: r.Rows(), In: append(net.Arrays(net.Params), r.Inputs()...),
			Out: []ad.Array{ad.F32s(loss[:])}}); err != nil {
			t.Fatal(err)
		}
		return float64(loss[0])
	}
	got := value(r)
	// The same squares, one at a time.
	for i := range r.in.Weight {
		w := r.in.Weight[i]
		for j := range r.in.Weight {
			r.in.Weight[j] = 0
		}
		if w != 0 {
			r.in.Weight[i] = w
			count++
			sum += value(r)
		}
		if hole := r.holes.at[i]; hole != (w == 0) {
			t.Fatalf("value %d: a hole is %v, and its weight %g", i, hole, w)
		}
		if err := r.Draw(t.Context(), 3, nil); err != nil {
			t.Fatal(err)
		}
	}
	if count != 8*(d-1) || math.Abs(sum-got) > 1e-5*got {
		t.Errorf("%d values count, of loss %g; the loss is %g", count, sum, got)
	}
	whole := bind(full)
	if whole.holes != nil {
		t.Error("a source without holes has some")
	}
}

func TestHolesNeedColumns(t *testing.T) {
	part := holed{wideRows(6, 4)}
	g := ito.Gaussian{Mean: make([]float64, 4), Cov: make([]float64, 16)}
	for i := range 4 {
		for j := range 4 {
			g.Cov[4*i+j] = math.Pow(.5, math.Abs(float64(i-j)))
		}
	}
	_, err := bindRows(ScoreMatching{}, path.VP{}, Setup{Source: part, Moments: g, Batch: 8, Seed: 7})
	if !errors.Is(err, ito.ErrInput) {
		t.Errorf("holes in a basis: %v", err)
	}
}
