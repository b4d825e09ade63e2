package table

import (
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, [][]string{{"name", "R̂", "σ"}, {"a", "1.001", "2"}, {"the whole line"},
		{"b", "", ""}, {"a\x1b[31m", "\u009b", "\a"}}); err != nil {
		t.Fatal(err)
	}
	want := "name                 R̂   σ\na                1.001   2\nthe whole line\nb\na\\x1b[31m       \\u009b  \\a\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
