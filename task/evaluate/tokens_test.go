package evaluate

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/metric"
)

func gram(n int, value, floor, baseline float64) Ngram {
	return Ngram{n, Distance{metric.Score{Value: value, SD: .01, Floor: floor, FloorSD: .01, N: 100}, baseline}}
}

// The verdict of text is a function of its numbers: near, off, no better than frequencies, and too few to see.
func TestTokenVerdict(t *testing.T) {
	for _, c := range []struct {
		want  string
		grams []Ngram
	}{
		{"The 2-grams of the samples are as near to the data as the data to themselves: total variation 0.11, floor 0.1.",
			[]Ngram{gram(1, .05, .05, .06), gram(2, .11, .1, .6)}},
		{"The samples differ from the data: 2-grams have total variation 0.2", []Ngram{gram(1, .05, .05, .06),
			gram(2, .2, .1, .6)}},
		{"and in 2-grams no less than tokens that are drawn by their frequency alone: 2-grams have", []Ngram{gram(1, .05,
			.05, .06), gram(2, .7, .1, .6)}},
		{"The 1-grams of the samples are as near", []Ngram{gram(1, .05, .05, .06), gram(2, .9, .9, 1)}},
		{"Most of the 2-grams of 100 texts occur once", []Ngram{gram(1, .05, .05, .06), gram(2, .9, .9, 1)}},
		{"Nothing can be said of so few texts.", []Ngram{gram(1, 1, .8, .9)}},
		{"1-grams have total variation 0.3", []Ngram{gram(1, .3, .05, .06), gram(2, 1, .9, 1)}},
	} {
		if got := (&TokenReport{Ngrams: c.grams}).verdict(); !strings.Contains(got, c.want) {
			t.Errorf("%s\nhas no %q", got, c.want)
		}
	}
}
