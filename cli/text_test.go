package cli

import (
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
)

// stationary is a Markov text of 5 tokens whose first token has the law of every other.
func stationary(length int) field.MarkovText {
	m := field.MarkovText{Length: length, Next: []float64{.05, .85, .05, .03, .02, .02, .1, .75, .1, .03, .1, .05, .05,
		.05, .75, .7, .05, .02, .05, .18, .05, .05, .1, .75, .05}}
	π := []float64{.2, .2, .2, .2, .2}
	for range 2000 {
		next := make([]float64, 5)
		for a, p := range π {
			for b := range next {
				next[b] += p * m.Next[a*5+b]
			}
		}
		π = next
	}
	m.Initial = π
	return m
}

const fiveLetters = "abcd\n"

// writeText writes a text of N letters as one long draw.
func writeText(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	x := ito.NewStates(1, n, 0)
	ts.Check(stationary(n).Draw(x, ito.Seed(3)))
	text := make([]byte, n)
	for i, v := range x.X {
		text[i] = fiveLetters[int(v)]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o666))
}

// textLaw fails where samples, a line each, are further from the law than MOST above what as many exact draws are, in
// total variation over all texts with the LETTERS that are given, "." being any.
func textLaw(ts *testscript.TestScript, neg bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	most, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	count := map[string]float64{}
	for _, line := range lines {
		count[strings.ReplaceAll(line, `\n`, "\n")]++
	}
	m, n := stationary(len(args[2])), float64(len(lines))
	law, sum := map[string]float64{}, 0.0
	row, text := make([]float64, m.Length), make([]byte, m.Length)
	for code := range int(math.Pow(5, float64(m.Length))) {
		fits := true
		for j, c := 0, code; j < m.Length; j, c = j+1, c/5 {
			row[j], text[j] = float64(c%5), fiveLetters[c%5]
			fits = fits && (args[2][j] == '.' || args[2][j] == text[j])
		}
		if fits {
			law[string(text)] = m.Prob(row)
			sum += m.Prob(row)
		}
	}
	tv, floor := 0.0, 0.0
	for s, c := range count {
		if law[s] == 0 {
			tv += c / n / 2
		}
	}
	for s, p := range law {
		p /= sum
		tv += math.Abs(count[s]/n-p) / 2
		floor += math.Sqrt(p*(1-p)/n/(2*math.Pi)) * (1 - math.Exp(-4*n*p)) // near enough: E|k/n−p|/2 of a normal
	}
	ts.Logf("total variation %.4f, exact draws about %.4f", tv, floor)
	if tv > floor+most {
		ts.Fatalf("total variation %.4f, exact draws have %.4f", tv, floor)
	}
}
