package frame

import "testing"

// The pattern of hexadecimal words is that of all of them, whatever the order in which they are held.
func TestPatternOfHexadecimalWords(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"0123-4567", "89ab-cdef"}, "xxxx-xxxx"}, {[]string{"0123-4567", "89AB-CDEF"}, "XXXX-XXXX"},
		{[]string{"00000000"}, "xxxxxxxx"},
	} {
		if got := pattern(c.words); got != c.want {
			t.Errorf("%q have the pattern %s, want %s", c.words, got, c.want)
		}
	}
}
