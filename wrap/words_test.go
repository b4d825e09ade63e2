package wrap

import (
	"errors"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Every wrapping of the house has a word: the maker of what a word makes has that word again, and what a path cannot
// have is refused.
func TestWords(t *testing.T) {
	normal, two := ito.StandardNormal(2), ito.StandardNormal(4)
	interpolant := must(path.Interpolant{}.Resolve())
	tokens := must(path.NewAbsorbing(path.JumpConfig{Levels: 3}))
	for word, c := range map[string]struct {
		p  ito.Path
		on Setting
	}{
		"moments":                           {path.VP{}, Setting{Moments: normal}},
		"potential":                         {path.VP{}, Setting{Moments: normal}},
		"pairs":                             {interpolant, Setting{Moments: two}},
		"pairs:targets=v+s,cross=0.5,-0.25": {interpolant, Setting{Moments: two}},
		"plain":                             {path.VP{}, Setting{Dim: 2}},
		"plain:predicts=x0,time-scale=1000": {path.VP{}, Setting{Dim: 2}},
		"momentum":                          {must(path.NewCLD(path.CLDConfig{D: 2})), Setting{Moments: normal}},
	} {
		m, err := Parse(word)
		if err != nil {
			t.Errorf("%s: %v", word, err)
			continue
		}
		w, err := m.Wrap(c.p, c.on)
		if err != nil {
			t.Errorf("%s: %v", word, err)
			continue
		}
		made, ok := w.(Made)
		if house := word == "moments" || word == "momentum"; ok == house { // files hold those two by their path
			t.Errorf("%s gives its maker back: %v", word, ok)
			continue
		} else if house {
			continue
		}
		if got, err := Word(made.Maker()); err != nil || got != word {
			t.Errorf("%s comes back as %q (%v)", word, got, err)
		}
		if _, err := m.Wrap(tokens, c.on); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s of tokens: %v", word, err)
		}
	}
	for _, kind := range []string{"moments", "edm", "momentum", "mixed", "centred", "tokens", "potential", "pairs", "plain"} {
		if !slices.Contains(Kinds(), kind) {
			t.Errorf("there is no word %s", kind)
		}
	}
	for _, bad := range []string{"pairs:targets=b+w", "pairs:cross=9,9"} {
		m, err := Parse(bad)
		if err == nil {
			_, err = m.Wrap(interpolant, Setting{Moments: two})
		}
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
