package draws

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// JSON that is cut short, or says other than the file beside it, is an error and never a panic.
func TestHostileJSON(t *testing.T) {
	m := Meta{Columns: []string{LogDensity, "a", "b.1", "b.2"}, Stats: 1, Chains: 2, Method: "nuts"}
	j := journal(t, &m, exampleRows(&m, 5))
	files, err := Write(filepath.Join(t.TempDir(), "d.json"), &m, j)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, b []byte) {
		if err := os.WriteFile(files[0], b, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(files[0]); err == nil {
			t.Errorf("%s was read", what)
		}
	}
	for n := 1; n < len(whole)-3; n += 7 {
		refused("a file cut short", whole[:n])
	}
	text := string(whole)
	for from, to := range map[string]string{`"a":`: `"c":`, "[[": "[", "],\n": "],\n[1],", `"posterior"`: `"prior"`,
		"{\n \"posterior\"": "{\n \"x\": 1, \"posterior\""} {
		if changed := strings.Replace(text, from, to, 1); changed != text {
			refused(from+" as "+to, []byte(changed))
		}
	}
}
