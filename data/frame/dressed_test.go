package frame

import (
	"fmt"
	"strings"
	"testing"
)

// Numbers that are written for people are not learnt, and it is said how to write them.
func TestDressed(t *testing.T) {
	for format, want := range map[string]string{"\"%d,034\"": "commas between thousands", "%d%%": "with a sign, as 1%",
		"$%d.50": "with a sign", "€ %d": "with a sign", "word%d": "", "%d,%[1]d": ""} {
		var text strings.Builder
		text.WriteString("a;b\n")
		for i := range 40 {
			fmt.Fprintf(&text, strings.Trim(format, "\"")+";%d\n", i+1, i%3)
		}
		f, err := Read("-", ReadOptions{Stdin: strings.NewReader(strings.ReplaceAll(text.String(), "%!(EXTRA", "")),
			Delimiter: ";", Decimal: "."})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Schema.Columns[0]; got.Kind == Text && want == "" && strings.Contains(got.Reason, "read without") ||
			want != "" && (got.Kind != Text || !strings.Contains(got.Reason, want)) {
			t.Errorf("%s: %s, %s", format, got.Kind, got.Reason)
		}
	}
}
