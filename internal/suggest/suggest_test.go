package suggest

import (
	"slices"
	"strings"
	"testing"
)

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

func TestAmong(t *testing.T) {
	long := strings.Fields("vp ve flow edm a b c d e f g h i")
	for _, c := range []struct {
		word  string
		known []string
		want  string
	}{
		{"vpp", long[:4], `did you mean "vp"? There are vp, ve, flow, edm`},
		{"vpp", long, `did you mean "vp"?`},
		{"spline", long[:3], "choose one of vp, ve, flow"},
		{"spline", slices.Repeat([]string{"vp"}, most+2), "choose one of vp" + strings.Repeat(", vp", most-1) +
			" and 2 more"},
	} {
		if got := Among(c.word, c.known); got != c.want {
			t.Errorf("Among(%q): %s, want %s", c.word, got, c.want)
		}
	}
}
