package suggest

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"spiral", "checkerboard", "moons", "swissroll", "pinwheel", "rings", "gaussians"}
	for word, want := range map[string]string{
		"spiral":   "spiral",
		"sprial":   "spiral", // a swap
		"Sprial":   "spiral", // letter case aside
		"checker":  "checkerboard",
		"moon":     "moons",
		"swisroll": "swissroll",
		"ring":     "rings",
		"gaussian": "gaussians",
		"qqqqqq":   "",
		"":         "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("nothing is known, got %q", got)
	}
	if got := Nearest("ab", []string{"aa", "ac"}); got != "aa" {
		t.Errorf("a tie goes to the first, got %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 1},
		{"σ", "s", 1}, {"flaw", "lawn", 2}, {"ca", "abc", 3},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
