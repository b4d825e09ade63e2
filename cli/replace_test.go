package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// A person is asked before a file is replaced; scripts are not, nor is who says --force or --resume.
func TestReplaces(t *testing.T) {
	there := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(there, []byte("a model"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		asks, force   bool
		resume        bool
		out, answer   string
		asked, refuse bool
	}{
		{"a script", false, false, false, there, "", false, false},
		{"yes", true, false, false, there, "y\n", true, false},
		{"no", true, false, false, there, "n\n", true, true},
		{"nothing", true, false, false, there, "\n", true, true},
		{"no input", true, false, false, there, "", true, true},
		{"forced", true, true, false, there, "", false, false},
		{"resumed", true, false, true, there, "", false, false},
		{"standard output", true, false, false, "-", "", false, false},
		{"new", true, false, false, there + "x", "", false, false},
	} {
		var errs strings.Builder
		a := &app{stdin: strings.NewReader(c.answer), stderr: &errs, asks: c.asks, force: c.force}
		err := a.replaces(c.out, c.resume)
		if asked := strings.Contains(errs.String(), "replace it?"); asked != c.asked {
			t.Errorf("%s: asked %v", c.name, asked)
		}
		if errors.Is(err, ito.ErrInput) != c.refuse || !c.refuse && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}

	// Through the command line: what is not to be replaced is as it was.
	a := &app{stdin: strings.NewReader("no\n"), stdout: &output{w: io.Discard}, stderr: io.Discard, asks: true}
	if code := a.main(t.Context(), []string{"train", "moons", "--steps", "1", "--out", there}); code != exitInput {
		t.Errorf("exit code %d", code)
	}
	if b, err := os.ReadFile(there); err != nil || string(b) != "a model" {
		t.Errorf("%q, %v", b, err)
	}
}
