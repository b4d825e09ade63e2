package metric

import (
	"testing"

	"github.com/seed9a7962a8/ito"
)

func texts(d int, tokens ...float64) ito.States {
	x := ito.NewStates(len(tokens)/d, d, 0)
	copy(x.X, tokens)
	return x
}

// Hand-counted frequencies.
func TestNgramTV(t *testing.T) {
	x, y := texts(3, 0, 1, 0, 1, 0, 1), texts(3, 0, 0, 0, 1, 1, 1)
	for n, want := range map[int]float64{1: 0, 2: 1, 3: 1} { // 01 10 10 01 and 00 00 11 11
		if got, err := NgramTV(x, y, n); err != nil || got != want {
			t.Errorf("%d-grams: %v, %v, want %v", n, got, err, want)
		}
	}
	z := texts(2, 0, 1, 1, 1, 0, 0, 0, 1, 2, 0) // 01 11 00 01 20 against 01 10 10 01
	if got, err := NgramTV(z, x, 2); err != nil || got != (3./5+2./4+1./10)/2 {
		t.Errorf("sets of different lengths: %v, %v", got, err)
	}
	for n, s := range map[int]ito.States{0: x, 4: x, 1: {}} {
		if _, err := NgramTV(s, x, n); err == nil {
			t.Errorf("%d-grams of %d texts pass", n, s.N)
		}
	}
}
