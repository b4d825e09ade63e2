package data

import (
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Tokens that are numbers go from 0 to one less than there are: the next is the mask, which cannot be given.
func TestParseGivenEnds(t *testing.T) {
	p, err := path.NewAbsorbing(path.JumpConfig{Levels: 16})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*ito.Vocabulary{nil, {Unit: ito.IDs}} {
		m := &ito.Model{Path: p, Space: ito.Space{Parts: []ito.Part{{Name: "x", Shape: []int{4}, Levels: 16}}},
			Vocabulary: v}
		got, err := ParseGiven(m, "0=0,3=15")
		if err != nil || len(got) != 2 || got[0] != 0 || got[3] != 15 {
			t.Errorf("%v, %v", got, err)
		}
		for _, text := range []string{"0=16", "0=17", "0=-1", "4=1", "-1=1", "0=1,0=2", "0", "0=a"} {
			if got, err := ParseGiven(m, text); !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s gives %v, %v", text, got, err)
			}
		}
	}
}

// FuzzParseGiven: places and tokens that come back are of the sample and of the model, whatever the words.
func FuzzParseGiven(f *testing.F) {
	for _, s := range []string{"0=0", `1=",",2=3`, "0=1,", "9=9", "=", `0="`, "0=1,0=1", "00=1", "1e0=1", "+1=+2"} {
		f.Add(s)
	}
	p, err := path.NewAbsorbing(path.JumpConfig{Levels: 5})
	if err != nil {
		f.Fatal(err)
	}
	m := &ito.Model{Path: p, Space: ito.Space{Parts: []ito.Part{{Name: "x", Shape: []int{6}, Levels: 5}}}}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseGiven(m, text)
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatal(err)
			}
			return
		}
		for k, v := range got {
			if k < 0 || k > 5 || !(v >= 0 && v < 5) || v != float64(int(v)) {
				t.Fatalf("%q: place %d is %g", text, k, v)
			}
		}
	})
}
