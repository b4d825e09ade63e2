package learn

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// markov is a text of 4 tokens of 3 levels.
var markov = field.MarkovText{Length: 4, Initial: []float64{.5, .2, .3}, Next: []float64{.1, .6, .3, .05, .2, .75, .8,
	.15, .05}}

// entropyOf is −Σ P log P over all texts, divided by their length.
func entropyOf(m field.MarkovText) float64 {
	v, h := len(m.Initial), 0.0
	x := make([]float64, m.Length)
	for code := range int(math.Pow(float64(v), float64(m.Length))) {
		for j := range x {
			x[j], code = float64(code%v), code/v
		}
		if p := m.Prob(x); p > 0 {
			h -= p * math.Log(p)
		}
	}
	return h / float64(m.Length)
}

func textData(t *testing.T, m field.MarkovText, n int) Data {
	x := ito.NewStates(n, m.Length, 0)
	if err := m.Draw(x, ito.Seed(4)); err != nil {
		t.Fatal(err)
	}
	return Data{X: x, In: ito.Space{Parts: []ito.Part{{Name: "text", Shape: []int{m.Length},
		Levels: len(m.Initial)}}}}
}

// naiveTokens is the loss of every row from rates and transitions, whatever the jump path,
//
//	Σ_j Σ_{a≠b} R(a,b) (s_a − r_a + r_a log(r_a/s_a)) / D,   s_a = Σ_v p_v P(0,t)[v,a]/P(0,t)[v,b],
//
// with r that of the point mass at x_0.
func naiveTokens(t *testing.T, p ito.Jump, f ito.Field, x0, xt ito.States, at ito.Times) []float64 {
	d, v, k := xt.D, p.Data(), p.Levels()
	logits := xt.Like(d * v)
	if err := f.Predict(context.Background(), logits, xt, at, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	m, rates := make([]float64, k*k), make([]float64, k*k)
	out := make([]float64, xt.N)
	for i := range xt.N {
		p.Transition(0, at.At(i), m)
		p.Rates(at.At(i), rates)
		for j := range d {
			b, to := int(xt.Row(i)[j]), int(x0.Row(i)[j])
			prob, sum := make([]float64, v), 0.0
			for u, l := range logits.Row(i)[j*v : (j+1)*v] {
				prob[u] = math.Exp(l)
				sum += prob[u]
			}
			for a := range k {
				if a == b || rates[a*k+b] == 0 {
					continue
				}
				s := 0.0
				for u, w := range prob {
					if w > 0 {
						s += w / sum * m[u*k+a] / m[u*k+b]
					}
				}
				r := m[to*k+a] / m[to*k+b]
				term := s - r
				if r > 0 {
					term += r * math.Log(r/s)
				}
				out[i] += rates[a*k+b] * term / float64(d)
			}
		}
	}
	return out
}

var tokenWords = []string{"absorbing:levels=3", "absorbing:levels=3,schedule=cosine", "uniform:levels=3",
	"uniform:levels=3,schedule=cosine"}

// The loss of a network that has learnt something is the naive one, and stopping and resuming changes no bit of it.
func TestCrossEntropyNaive(t *testing.T) {
	data := textData(t, markov, 200)
	for _, word := range tokenWords {
		p := must(path.Parse(word)).(ito.Jump)
		c := short(21)
		c.Objective, c.Batch, c.LR = CrossEntropy{}, 32, .01
		net := must(nn.New(nn.MLP{Width: 16, Depth: 1}, c.Objective.Ports(data.In, 0, false), 3))
		fresh := func() *Trainer {
			tr := must(NewTrainer(c, net, data, Drawn{}))
			if err := tr.Bind(p); err != nil {
				t.Fatal(err)
			}
			return tr
		}
		tr, rest := fresh(), fresh()
		ctx := context.Background()
		if err := errors.Join(tr.Run(ctx, 20, LoopOptions{}), rest.Restore(tr.State())); err != nil {
			t.Fatal(err)
		}
		before := must(tr.Networks()[0].With(slices.Clone(tr.State().Params)))
		if err := errors.Join(tr.Run(ctx, 21, LoopOptions{}), rest.Run(ctx, 21, LoopOptions{})); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(tr.State().Params, rest.State().Params) || slices.Equal(tr.State().Params, net.Params) {
			t.Errorf("%s: a resumed training ended elsewhere, or nothing was learnt", word)
		}
		l := must(bindTokens(CrossEntropy{}, p, Setup{Source: data, Batch: c.Batch, Seed: c.Seed}))
		if err := l.Draw(ctx, 20, nil); err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for _, v := range naiveTokens(t, p, must(l.Field(before)), l.rows.x0, l.xt, l.t) {
			want += v / float64(c.Batch)
		}
		if got := tr.Loss(); math.Abs(got-want) > 1e-4*(1+want) {
			t.Errorf("%s: loss %.7g, naive %.7g", word, got, want)
		}
	}
}

// With exact logits the bound is tight: its mean over 4,000 draws is the entropy of the text, within 5 standard
// errors, a false alarm of 6e-7 a path, and the thousandths of the span that no time is drawn from.
func TestCrossEntropyIsTheEntropy(t *testing.T) {
	data, want := textData(t, markov, 4000), entropyOf(markov)
	for _, word := range tokenWords {
		p := must(path.Parse(word)).(ito.Jump)
		l := must(bindTokens(CrossEntropy{}, p, Setup{Source: data, Batch: 4000, Seed: 2}))
		if err := l.Draw(context.Background(), 0, nil); err != nil {
			t.Fatal(err)
		}
		mean, square := 0.0, 0.0
		for i, v := range naiveTokens(t, p, must(field.NewMarkovLogits(p, markov)), l.rows.x0, l.xt, l.t) {
			δ := v - mean
			mean += δ / float64(i+1)
			square += δ * (v - mean)
		}
		if se := math.Sqrt(square) / 4000; math.Abs(mean-want) > 5*se+4e-3*want {
			t.Errorf("%s: bound %.4f ± %.4f, entropy %.4f", word, mean, se, want)
		}
	}
}

// A trained network's field knows the tokens that are not masked, and its other logits come near the exact ones.
func TestCrossEntropyLearns(t *testing.T) {
	data := textData(t, markov, 20000)
	p := must(path.Parse("absorbing:levels=3")).(ito.Jump)
	for _, weights := range []string{"bound", "even"} {
		c := short(1500)
		c.Objective, c.Batch, c.LR, c.EMA.Decay = CrossEntropy{Weights: weights}, 128, 3e-3, .99
		net := must(nn.New(nn.MLP{Width: 48, Depth: 2, Time: "none"}, c.Objective.Ports(data.In, 0, false), 3))
		tr := must(NewTrainer(c, net, data, Drawn{}))
		if err := errors.Join(tr.Bind(p), tr.Run(context.Background(), 1500, LoopOptions{})); err != nil {
			t.Fatal(err)
		}
		x := ito.NewStates(2000, 4, 1<<40)
		if err := errors.Join(markov.Draw(x, ito.Seed(8)), p.Perturb(x, x.Clone(), ito.Times{.5}, ito.Cond{},
			ito.Seed(8))); err != nil {
			t.Fatal(err)
		}
		got, want := x.Like(12), x.Like(12)
		f := must(tr.Field())
		ctx := context.Background()
		if err := errors.Join(f.Predict(ctx, got, x, ito.Times{.5}, ito.Cond{}),
			must(field.NewMarkovLogits(p, markov)).Predict(ctx, want, x, ito.Times{.5}, ito.Cond{})); err != nil {
			t.Fatal(err)
		}
		off, n := 0.0, 0.0
		for i := range x.N {
			for j, b := range x.Row(i) {
				sum, tv := 0.0, 0.0
				row := got.Row(i)[3*j : 3*j+3]
				for _, l := range row {
					sum += math.Exp(l)
				}
				for v, l := range row {
					tv += math.Abs(math.Exp(l)/sum-math.Exp(want.Row(i)[3*j+v])) / 2
				}
				if b < 3 {
					if tv != 0 {
						t.Fatalf("%v: token %d is known, and the field says %v", x.Row(i), j, row)
					}
					continue
				}
				off, n = off+tv, n+1
			}
		}
		if off /= n; off > .03 {
			t.Errorf("%s: masked tokens are off by %.3f in total variation", weights, off)
		}
	}
}

// What cannot be trained is refused by name.
func TestCrossEntropyRefusals(t *testing.T) {
	data := textData(t, markov, 10)
	numbers := Data{X: data.X}
	for what, err := range map[string]error{
		"numbers": second(CrossEntropy{}.Bind(must(path.Parse("absorbing:levels=3")), Setup{Source: numbers,
			Batch: 2})),
		"path of numbers": second(CrossEntropy{}.Bind(path.VP{}, Setup{Source: data, Batch: 2})),
		"other levels": second(CrossEntropy{}.Bind(must(path.Parse("absorbing:levels=4")), Setup{Source: data,
			Batch: 2})),
		"even on uniform": second(CrossEntropy{Weights: "even"}.Bind(must(path.Parse("uniform:levels=3")),
			Setup{Source: data, Batch: 2})),
		"dsm on tokens": second(ScoreMatching{}.Bind(path.VP{}, Setup{Source: data, Batch: 2})),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
