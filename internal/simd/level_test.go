package simd

import "testing"

func TestChooseLevel(t *testing.T) {
	for _, c := range []struct {
		asked string
		best  lvl
		want  lvl
		fails bool
	}{
		{"", avx512, avx512, false},
		{"", portable, portable, false},
		{"portable", avx512, portable, false},
		{"avx2", avx512, avx2, false},
		{"avx512", avx2, avx2, true},
		{"avx2", portable, portable, true},
		{"sse9", avx2, avx2, true},
	} {
		got, err := chooseLevel(c.asked, c.best)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("chooseLevel(%q, %v) = %v, %v", c.asked, c.best, got, err)
		}
		if err != nil && (err.Asked != c.asked || err.Got != c.want.String()) {
			t.Errorf("chooseLevel(%q, %v): error %+v", c.asked, c.best, *err)
		}
	}
}

// atLevels runs f once at each level that this processor has, and restores the level afterwards.
func atLevels(t *testing.T, f func(t *testing.T)) {
	before := level
	defer func() { level = before }()
	for l := portable; l <= detect(); l++ {
		level = l
		t.Run(l.String(), f)
	}
}
