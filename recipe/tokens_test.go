package recipe

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
)

// fiveTokens is a text of 5 of 5 tokens; 3,125 texts.
var fiveTokens = field.MarkovText{Length: 5, Initial: []float64{.4, .3, .2, .08, .02},
	Next: []float64{.05, .85, .05, .03, .02, .02, .1, .75, .1, .03, .1, .05, .05, .05, .75, .7, .05, .02, .05, .18, .05,
		.05, .1, .75, .05}}

// lawOf is the probability of every text that has the given tokens, by its number, and of no other.
func lawOf(m field.MarkovText, given map[int]float64) map[int]float64 {
	v, sum := len(m.Initial), 0.0
	out := map[int]float64{}
	row := make([]float64, m.Length)
	for code := range int(math.Pow(float64(v), float64(m.Length))) {
		for j, c := m.Length-1, code; j >= 0; j, c = j-1, c/v {
			row[j] = float64(c % v)
		}
		fits := true
		for k, token := range given {
			fits = fits && row[k] == token
		}
		if p := m.Prob(row); fits && p > 0 {
			out[code] = p
			sum += p
		}
	}
	for code := range out {
		out[code] /= sum
	}
	return out
}

// variation is the total variation of samples to a law, and of as many exact draws on average: with N draws of p,
// E|k/N − p| = 2(K+1)/N C(N,K+1) p^{K+1} (1−p)^{N−K}, K = ⌊Np⌋ (De Moivre).
func variation(x ito.States, law map[int]float64, levels int) (got, floor float64) {
	count := map[int]float64{}
	for i := range x.N {
		code := 0
		for _, v := range x.Row(i) {
			code = code*levels + int(v)
		}
		count[code]++
	}
	n := float64(x.N)
	for code, c := range count {
		if law[code] == 0 {
			got += c / n / 2
		}
	}
	for code, p := range law {
		got += math.Abs(count[code]/n-p) / 2
		if p > 1-1e-12 {
			continue
		}
		k := math.Floor(n*p) + 1
		a, _ := math.Lgamma(n + 1)
		b, _ := math.Lgamma(k + 1)
		c, _ := math.Lgamma(n - k + 1)
		floor += k * math.Exp(a-b-c+k*math.Log(p)+(n-k+1)*math.Log1p(-p)) / n
	}
	return got, floor
}

// slack is by how much a total variation of n exact draws exceeds its mean with probability 1e-6 at most
// (McDiarmid).
func slack(n int) float64 { return math.Sqrt(math.Log(1e6) / (2 * float64(n))) }

func tokenSpace(m field.MarkovText) ito.Space {
	return ito.Space{Parts: []ito.Part{{Name: "text", Shape: []int{m.Length}, Levels: len(m.Initial)}}}
}

func tokenSet(t *testing.T, n int) Set {
	x := ito.NewStates(n, fiveTokens.Length, 0)
	if err := fiveTokens.Draw(x, ito.Seed(9)); err != nil {
		t.Fatal(err)
	}
	return Set{Source: learn.Data{X: x, In: tokenSpace(fiveTokens)}, Name: "five tokens",
		Vocabulary: &ito.Vocabulary{Unit: ito.Characters, Tokens: []string{"a", "b", "c", "d", ","}}}
}

func tokenSamples(t *testing.T, m *ito.Model, c SampleConfig, workers int) ito.States {
	t.Helper()
	out := ito.NewStates(0, m.Space.Dim(), 0)
	if _, err := Sample(context.Background(), m, c, RunOptions{Workers: workers}, func(x ito.States) error {
		out.N, out.X, out.ID = out.N+x.N, append(out.X, x.X...), append(out.ID, x.ID...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// The exact field of a text has samples of its law, and with tokens given of the exact conditional law: one, two, the
// ends, all of them. Seven comparisons, each a false alarm with probability 1e-6 at most, beside the error of 60
// steps, in which two tokens may change together.
func TestTokensExact(t *testing.T) {
	p, err := path.Parse("absorbing:levels=5")
	if err != nil {
		t.Fatal(err)
	}
	f, err := field.NewMarkovLogits(p.(ito.Jump), fiveTokens)
	if err != nil {
		t.Fatal(err)
	}
	m := &ito.Model{Path: p, Field: f, Space: tokenSpace(fiveTokens), Vocabulary: tokenSet(t, 1).Vocabulary}
	for text, given := range map[string]map[int]float64{"": nil, "0=c": {0: 2}, "4=a": {4: 0}, `2=","`: {2: 4},
		"0=b,4=d": {0: 1, 4: 3}, "1=a,2=c": {1: 0, 2: 2}, "0=a,1=b,2=c,3=a,4=d": {0: 0, 1: 1, 2: 2, 3: 0, 4: 3}} {
		c := DefaultSample()
		c.N, c.NFE, c.Given = 2000, 60, text
		x := tokenSamples(t, m, c, 2)
		got, floor := variation(x, lawOf(fiveTokens, given), 5)
		if got > floor+slack(c.N) {
			t.Errorf("given %q: total variation %.4f, exact draws have %.4f ± %.4f", text, got, floor, slack(c.N))
		}
	}
	for _, bad := range []string{"5=a", "-1=a", "0=z", "0=a,0=b", "0", "x=a", "0=a,"} {
		c := DefaultSample()
		c.Given = bad
		if _, err := Sample(context.Background(), m, c, RunOptions{}, nil); !errors.Is(err, ito.ErrInput) {
			t.Errorf("given %q: %v", bad, err)
		}
	}
}

// A network is trained, interrupted, resumed to the same bytes, stored and loaded with its vocabulary; its samples are
// the same whatever the batch, and come near the law: .06 above the floor of exact draws in total variation over
// 3,125 texts at most, where independent tokens of the right frequencies are .6 above it.
func TestTokensTrained(t *testing.T) {
	set := tokenSet(t, 20000)
	c := DefaultTrain()
	c.Width, c.Depth, c.Steps, c.Batch, c.LR, c.EMA = 64, 2, 2000, 128, .003, .99
	dir := t.TempDir()
	train := func(ctx context.Context, c TrainConfig, run RunOptions) (*ito.Model, error) {
		m, _, err := FitSource(ctx, set, c, run)
		return m, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	place := store.CheckpointFile(filepath.Join(dir, "c"))
	short := c
	short.Steps = 100
	whole, err := train(context.Background(), short, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = train(ctx, short, RunOptions{Checkpoint: place, Every: time.Nanosecond,
		Progress: func(e learn.TrainEvent) {
			cancel()
		}})
	if !errors.Is(err, context.Canceled) || !place.There() {
		t.Fatalf("not interrupted: %v", err)
	}
	m, err := train(context.Background(), short, RunOptions{Checkpoint: place, Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := m.Field.(*field.Net).Weights.Params, whole.Field.(*field.Net).Weights.Params; !bytes.Equal(
		store.NewF32("p", a, len(a)).Data, store.NewF32("p", b, len(b)).Data) {
		t.Error("resumed, a training ends with other weights")
	}
	if m, err = train(context.Background(), c, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "m.safetensors")
	if err := store.SaveModel(file, m); err != nil {
		t.Fatal(err)
	}
	if m, err = store.LoadModel(file); err != nil {
		t.Fatal(err)
	}
	if m.Space.String() != "text[5], 5 levels" || !slices.Equal(m.Vocabulary.Tokens, set.Vocabulary.Tokens) ||
		m.Path.Name() != "absorbing" {
		t.Fatalf("%s, %v and %s came back", m.Space, m.Vocabulary, m.Path.Name())
	}
	s := DefaultSample()
	s.N, s.NFE = 4000, 150
	x := tokenSamples(t, m, s, 2)
	got, floor := variation(x, lawOf(fiveTokens, nil), 5)
	if got > floor+.06 {
		t.Errorf("total variation %.4f, exact draws have %.4f", got, floor)
	}
	s.N, s.Chunk = 40, 3
	if y := tokenSamples(t, m, s, 1); !slices.Equal(y.X, x.X[:len(y.X)]) {
		t.Error("the samples depend on the batch")
	}
	s.N, s.Chunk, s.Given = 3000, 0, "0=a,4=d"
	given := tokenSamples(t, m, s, 2)
	if got, floor := variation(given, lawOf(fiveTokens, map[int]float64{0: 0, 4: 3}), 5); got > floor+.06 {
		t.Errorf("with two tokens given: total variation %.4f, exact draws have %.4f", got, floor)
	}
}
