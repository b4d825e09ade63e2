package serve

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/task/sample"
)

// The programs of docs/clients.md do what it says. What they need and this machine has not is skipped.
func TestClients(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	text, err := os.ReadFile("../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	_, base := start(t, config(trained.moons))
	programs := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		programs[m[1]] = strings.ReplaceAll(m[2], "http://127.0.0.1:8080", base)
	}
	want := func(end string, first uint64) []byte {
		return file(t, trained.moons, end, func(c *sample.Config) { c.N, c.Seed, c.First = 1000, 7, first })
	}
	csv := want(".csv", 0)
	for language, c := range map[string]struct {
		file    string
		command []string
		needs   []string
	}{
		"sh":     {"x.sh", []string{"sh", "-e", "x.sh"}, []string{"curl", "--version"}},
		"python": {"x.py", []string{"python3", "x.py"}, []string{"python3", "-c", "import numpy, requests"}},
		"go":     {"main.go", []string{"go", "run", "main.go"}, []string{"go", "version"}},
	} {
		t.Run(language, func(t *testing.T) {
			if programs[language] == "" {
				t.Fatal("it is not there")
			}
			if err := exec.Command(c.needs[0], c.needs[1:]...).Run(); err != nil {
				t.Skipf("%q: %v", c.needs, err)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(programs[language]), 0o666); err != nil {
				t.Fatal(err)
			}
			run := exec.Command(c.command[0], c.command[1:]...)
			run.Dir = dir
			run.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "NO_PROXY=127.0.0.1")
			var out, told bytes.Buffer
			run.Stdout, run.Stderr = &out, &told
			if err := run.Run(); err != nil {
				t.Fatalf("%v\n%s%s", err, out.String(), told.String())
			}
			switch language {
			case "sh":
				for name, w := range map[string][]byte{"a.csv": csv, "b.npy": want(".npy", 0), "c.csv": want(".csv", 1000)} {
					if got, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(got, w) {
						t.Errorf("%s: %d bytes of %d", name, len(got), len(w))
					}
				}
				if b, err := os.ReadFile(filepath.Join(dir, "d.csv")); len(b) > 0 {
					t.Errorf("it was sent again: %d bytes, %v", len(b), err)
				}
			case "python":
				if !strings.HasPrefix(out.String(), "(1000, 2) [") {
					t.Errorf("%s", out.String())
				}
			case "go":
				if !bytes.Equal(out.Bytes(), csv) || !strings.HasSuffix(told.String(), "bytes <nil>\n") {
					t.Errorf("%d bytes of %d, %s", out.Len(), len(csv), told.String())
				}
			}
		})
	}
}
