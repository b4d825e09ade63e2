package cli

import "testing"

// Settings that a library names are this command's flags; other words in backquotes stay.
func TestFlagged(t *testing.T) {
	a := &app{}
	for text, want := range map[string]string{
		"`out`: an empty name":         "--out: an empty name",
		"see `d-min` and `n`":          "see --d-min and -n",
		"`where=label=3` asks":         "--where label=3 asks",
		"`where=kind=\"a b\"` asks":    "--where 'kind=\"a b\"' asks",
		"`figure` and `Out` and `out ": "`figure` and `Out` and `out ",
		"column `x y` of `n=5`":        "column `x y` of -n 5",
	} {
		if got := a.flagged(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
