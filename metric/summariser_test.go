package metric

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// memory is a Scratch that grows, and fails when it is full.
type memory struct {
	words []uint64
	most  int // words; 0: any
}

var errFull = errors.New("full")

func (m *memory) WriteWords(src []uint64, at int64) error {
	end := int(at) + len(src)
	if m.most > 0 && end > m.most {
		return errFull
	}
	if end > len(m.words) {
		m.words = append(m.words, make([]uint64, end-len(m.words))...)
	}
	copy(m.words[at:], src)
	return nil
}

func (m *memory) ReadWords(dst []uint64, at int64) error {
	if int(at)+len(dst) > len(m.words) {
		return fmt.Errorf("words %d to %d of %d are read", at, int(at)+len(dst), len(m.words))
	}
	copy(dst, m.words[at:])
	return nil
}

// differences lists the fields in which two summaries differ by more than a relative 1e-11.
func differences(got, want Summary) (out []string) {
	a, b := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range a.NumField() {
		if a.Field(i).Kind() != reflect.Float64 {
			continue
		}
		x, y := a.Field(i).Float(), b.Field(i).Float()
		if x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-11*max(1e-3, math.Abs(y)) {
			continue
		}
		out = append(out, fmt.Sprintf("%s %.17g, want %.17g", a.Type().Field(i).Name, x, y))
	}
	return out
}

// kinds of chains: what mixes, what does not, ties, odd numbers, what is not defined.
func kindsOfChains() map[string][][]float64 {
	var mixing, slow, apart [][]float64
	for c := range uint64(4) {
		mixing = append(mixing, autoregression(1, c, 1501, .4))
		slow = append(slow, autoregression(2, c, 1500, .995))
		apart = append(apart, each([][]float64{autoregression(3, c, 701, .2)},
			func(v float64) float64 { return v + 20*float64(c%2) })[0])
	}
	round := func(by float64) [][]float64 {
		return each(mixing, func(v float64) float64 { return math.RoundToEven(v*by) / by })
	}
	with := func(v float64) [][]float64 {
		x := each(mixing, func(v float64) float64 { return v })
		x[1][3] = v
		return x
	}
	return map[string][][]float64{
		"mixing": mixing, "slow": slow, "apart": apart, "antithetic": {autoregression(4, 0, 1000, -.9)},
		"tied": round(10), "three values": round(1),
		"signs":    each(mixing, func(v float64) float64 { return math.Copysign(1, v) }),
		"zeros":    each(mixing, func(v float64) float64 { return math.Copysign(0, v) }),
		"constant": each(mixing, func(float64) float64 { return 3 }), "NaN": with(math.NaN()),
		"infinite": with(math.Inf(-1)),
		"none":     nil, "empty": {{}}, "one draw": {{1}, {2}}, "two draws": {{1, 2}}, "five": {{1, 2, 4, 3, 8}},
		"tiny":      each(mixing, func(v float64) float64 { return v * 1e-300 }),
		"one stuck": {mixing[0], mixing[1], make([]float64, 1501)},
	}
}

// Column by column, in bounded memory, the summary is that of the functions that hold everything; whether the draws
// fit, are sorted in two runs or in hundreds, and whatever the window of lags. A Summariser that is used again
// remembers nothing.
func TestSummariserIsSummarise(t *testing.T) {
	for _, w := range []*Summariser{{}, {Scratch: &memory{}, Held: 4000, Lags: 512}, {Scratch: &memory{}, Held: 1000,
		Lags: 64}, {Scratch: &memory{}, Held: 20, Lags: 2}} {
		for what, chains := range kindsOfChains() {
			got, err := w.Summarise("x", InMemory(chains))
			if err != nil {
				t.Fatalf("%s, %d held: %v", what, w.Held, err)
			}
			if d := differences(got, Summarise("x", chains)); d != nil {
				t.Errorf("%s, %d held: %v", what, w.Held, d)
			}
		}
	}
}

// The same of chains of many shapes with ties. The seed is fixed: Geyer's sequence ends where a sum of correlations
// is not positive, and rounding decides of one that is 0, about once in 10⁵ such chains.
func TestSummariserOfManyShapes(t *testing.T) {
	const cases = 400
	u := make([]float64, 6*cases)
	rng.NewKey(5, rng.PurposeUser, 1, 0).Uniforms64(u, len(u), []uint64{1})
	for i := range uint64(cases) {
		pick := func(k, most int) int { return 1 + int(u[6*int(i)+k]*float64(most)) }
		x := make([][]float64, pick(0, 4))
		draws, levels := pick(1, 60), float64(pick(2, 20))
		for c := range x {
			x[c] = each([][]float64{autoregression(6, 8*i+uint64(c), draws, .5)},
				func(v float64) float64 { return math.Round(v*levels) / levels })[0]
		}
		w := &Summariser{Scratch: &memory{}, Held: pick(3, 80), Lags: 1 << pick(4, 6)}
		got, err := w.Summarise("x", InMemory(x))
		if err != nil {
			t.Fatal(err)
		}
		if d := differences(got, Summarise("x", x)); d != nil {
			t.Fatalf("%d chains of %d draws, %d held, windows of %d: %v", len(x), draws, w.Held, w.Lags, d)
		}
	}
}

// A scratch that is full is an error wherever it happens, and so is none where one is needed.
func TestSummariserWithoutRoom(t *testing.T) {
	x := InMemory(kindsOfChains()["mixing"])
	for most := 500; most < 5*6004; most += 1300 {
		if _, err := (&Summariser{Scratch: &memory{most: most}, Held: 700, Lags: 64}).Summarise("x", x); !errors.Is(err,
			errFull) {
			t.Errorf("%d words: %v", most, err)
		}
	}
	if _, err := (&Summariser{Held: 700}).Summarise("x", x); err == nil {
		t.Error("no scratch: no error")
	}
}

func BenchmarkSummariser(b *testing.B) {
	for _, n := range []int{1000, 50_000, 200_000} {
		var chains [][]float64
		for c := range uint64(4) {
			chains = append(chains, autoregression(1, c, n, .4))
		}
		b.Run(fmt.Sprintf("%d", 4*n), func(b *testing.B) {
			w := &Summariser{Scratch: &memory{}}
			for b.Loop() {
				if _, err := w.Summarise("x", InMemory(chains)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(4*n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mdraws/s")
		})
		b.Run(fmt.Sprintf("%d in memory", 4*n), func(b *testing.B) {
			for b.Loop() {
				Summarise("x", chains)
			}
			b.ReportMetric(float64(4*n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mdraws/s")
		})
	}
}
