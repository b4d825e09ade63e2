package ito_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

// longest is the number of columns of a line, a tab counting four.
const longest = 120

// Lines are at most 120 columns wide. What cannot be cut is let through: the tag of a field, a text in
// backquotes, and a text in a table of a test.
func TestLinesFitTheScreen(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "*.go").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	for name := range strings.FieldsSeq(string(out)) {
		src, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // moved, and not yet added
		}
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(src[:min(len(src), 300)], []byte("Code generated")) {
			continue
		}
		number := 0
		for line := range strings.Lines(string(src)) {
			number++
			line = strings.TrimRight(line, "\n")
			width := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t")
			uncut := strings.HasSuffix(line, "`") || strings.HasPrefix(strings.TrimSpace(line), "`") ||
				strings.Contains(line, "json:") || strings.HasSuffix(name, "_test.go") && strings.ContainsAny(line, "\"`")
			if width > longest && !uncut {
				t.Errorf("%s:%d is %d columns wide; %d is the most", name, number, width, longest)
			}
		}
	}
}
