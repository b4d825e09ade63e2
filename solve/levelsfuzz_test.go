package solve

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// FuzzParseLevels: a word is no list, is refused as input, or gives numbers of which only the first can be infinite.
func FuzzParseLevels(f *testing.F) {
	for _, s := range []string{"80,24,1,0.002", "times:1,.5", "lambdas:-inf,0,4", "inf,4,0", "sigmas:", "times:NaN", "karras",
		"1,,2", "lambdas:inf", "1e400,1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		l, ok, err := ParseLevels(word)
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatal(err)
			}
			return
		}
		if !ok {
			return
		}
		for i, v := range l.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) && i > 0 {
				t.Fatalf("%q: level %d is %g", word, i, v)
			}
		}
	})
}
