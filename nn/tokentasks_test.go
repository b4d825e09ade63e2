package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// law is a distribution over a few tokens.
type law []float64

// sticky gives token k the probability p and shares the rest evenly over all.
func sticky(levels, k int, p float64) law {
	l := make(law, levels)
	for i := range l {
		l[i] = (1 - p) / float64(levels)
	}
	l[k] += p
	return l
}

func (l law) draw(r *rand.Rand) int {
	u := r.Float64()
	for k, p := range l {
		if u -= p; u < 0 {
			return k
		}
	}
	return len(l) - 1
}

func (l law) entropy() float64 {
	h := 0.
	for _, p := range l {
		if p > 0 {
			h -= p * math.Log(p)
		}
	}
	return h
}

// tokenPorts are length tokens of so many levels, and logits of each.
func tokenPorts(length, levels int) Ports {
	return Ports{X: []Port{{Name: "x", Shape: []int{length}, Levels: levels}},
		Out: []Port{{Name: "out", Shape: []int{length, levels}}}}
}

// asked sets what comes at place i: a token that is drawn anew by its law given what the network may read, so that no
// network finds it in the row. A whole place has weight 1.
func asked(r *rand.Rand, y, weight []float64, i int, l law) {
	k := len(l)
	y[i*k+l.draw(r)] = 1
	for j := range k {
		weight[i*k+j] = 1
	}
}

// tokenTasks are texts whose next token, or whose hidden token, has a law in closed form; the optimum is its entropy.
func tokenTasks() []learningTask {
	// Every letter is that of 12 places before, nine times of ten.
	const letters, length, lag, p = 5, 36, 12, .9
	repeated := func(r *rand.Rand, x, _, y, weight []float64) {
		next := func(i int) law { // of place i
			if i < lag {
				return sticky(letters, 0, 0)
			}
			return sticky(letters, int(x[i-lag]), p)
		}
		for i := range x {
			x[i] = float64(next(i).draw(r))
			if i+1 >= lag {
				asked(r, y, weight, i, next(i+1))
			}
		}
	}
	// At even places stands a letter or, three times of four, a blank; behind it the last letter that was no blank, 95
	// times of 100. The letter is asked for.
	const blank, q = 4, .95
	answered := func(r *rand.Rand, x, _, y, weight []float64) {
		last := r.IntN(blank)
		for i := 0; i < len(x); i += 2 {
			x[i] = blank
			if i == 0 || r.Float64() < .25 {
				last = r.IntN(blank)
				x[i] = float64(last)
			}
			l := append(sticky(blank, last, q), 0)
			x[i+1] = float64(l.draw(r))
			asked(r, y, weight, i, l)
		}
	}
	// A chain that counts up, nine times of ten; every letter inside is asked for, given all the others.
	counted := func(r *rand.Rand, x, _, y, weight []float64) {
		x[0] = float64(r.IntN(letters))
		for i := range len(x) - 1 {
			x[i+1] = float64(sticky(letters, (int(x[i])+1)%letters, p).draw(r))
		}
		for i := 1; i < len(x)-1; i++ {
			asked(r, y, weight, i, between2(letters, int(x[i-1]), int(x[i+1]), p))
		}
	}
	hidden := 0.
	for a := range letters {
		for k, u := range sticky(letters, (a+1)%letters, p) {
			for b, v := range sticky(letters, (k+1)%letters, p) {
				hidden += u * v / letters * between2(letters, a, b, p).entropy()
			}
		}
	}
	return []learningTask{
		{"transformer next token", Transformer{Width: 16, Layers: 1, Heads: 2, Hidden: 16, Reads: ReadsCausal,
			TimeDim: 2}, tokenPorts(length, letters), sticky(letters, 0, p).entropy(), 350, 2e-2, repeated, true},
		{"rnn next token", RNN{Width: 16, TimeDim: 2}, tokenPorts(24, blank+1), sticky(blank, 0, q).entropy(), 500,
			2e-2, answered, true},
		{"transformer hidden token", Transformer{Width: 16, Layers: 1, Heads: 2, Hidden: 16, Reads: ReadsHollow,
			TimeDim: 2}, tokenPorts(40, letters), hidden, 250, 2e-2, counted, true},
	}
}

// between2 is the law of a token of the counting chain between its neighbours a and b.
func between2(letters, a, b int, p float64) law {
	l, sum := make(law, letters), 0.
	for k, u := range sticky(letters, (a+1)%letters, p) {
		l[k] = u * sticky(letters, (k+1)%letters, p)[b]
		sum += l[k]
	}
	for k := range l {
		l[k] /= sum
	}
	return l
}

// Every kind of the house has a task that needs its structure, in [learningTasks], [tokenTasks] or
// [TestTranslation]; mlp is what they are held against.
func TestEveryKindHasATask(t *testing.T) {
	done := []string{"mlp", "unet2d", "unet1d"}
	for _, k := range slices.Concat(learningTasks(), tokenTasks()) {
		done = append(done, k.net.Kind())
	}
	for _, kind := range Kinds() {
		if !slices.Contains(done, kind) {
			t.Errorf("%s has no task that needs its structure", kind)
		}
	}
}
