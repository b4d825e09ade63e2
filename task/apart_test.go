package task

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// An output that is an input, by its name, by another name, in a list or in a part of the configuration, is refused;
// the output of before is not, nor what is no file.
func TestApart(t *testing.T) {
	dir := t.TempDir()
	a, b, link := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv"), filepath.Join(dir, "link.csv")
	for _, name := range []string{a, b} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(a, link); err != nil {
		t.Fatal(err)
	}
	type part struct{ WhereFile string }
	type config struct {
		Data, Out string
		Child     []string
		Part      part
		N         int
	}
	for _, bad := range []config{{Data: a}, {Data: link}, {Child: []string{b, a}}, {Part: part{a}},
		{Data: filepath.Join(dir, ".", "a.csv")}} {
		if err := Apart(a, &bad); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for _, good := range []config{{Data: b, Out: a}, {Data: "spiral"}, {}} {
		if err := Apart(a, good); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	if err := Apart(filepath.Join(dir, "new.csv"), config{Data: a}); err != nil {
		t.Error(err)
	}
}
