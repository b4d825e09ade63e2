package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/store"
)

// otherModule makes the files of dir a module of this name that has ito in place of the published one, builds its
// program "other", and returns what runs a program there and wants an exit code.
func otherModule(t *testing.T, dir, name string) (run func(code int, name string, args ...string) string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	const house = "github.com/seed9a7962a8/ito"
	text := strings.Replace(string(mod), "module "+house, "module "+name, 1) +
		"\nrequire " + house + " v0.0.0\n\nreplace " + house + " => " + root + "\n"
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"go.mod": []byte(text), "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	run = func(code int, name string, args ...string) string {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir, c.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod -trimpath", "GOPROXY=off", "GOWORK=off",
			"SOURCE_DATE_EPOCH=0")
		out, err := c.CombinedOutput()
		if c.ProcessState == nil || c.ProcessState.ExitCode() != code {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run(0, "go", "build", "-o", "other", ".")
	return run
}

// A network, a path and a solver of another module are trained, stored, reloaded, sampled and named on the command
// line like the house's own; a program without them names the package.
func TestAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/module")); err != nil {
		t.Fatal(err)
	}
	// The program's import is of the module alone: as Go source it would belong to this one.
	program := filepath.Join(dir, "schedules", "main")
	if err := os.Rename(program+".text", program+".go"); err != nil {
		t.Fatal(err)
	}
	run := otherModule(t, dir, "example.com/other")
	other, args := filepath.Join(dir, "other"), []string{"train", "spiral", "--steps", "30", "--network"}
	run(0, other, append(args, "gated:slope=2,depth=1", "--path", "gentle:rate=5", "--out", "a.safetensors")...)
	run(0, other, append(args, "gated:slope=2", "--depth", "1", "--path", "gentle:rate=5.0", "--out",
		"b.safetensors")...)
	run(0, other, append(args, "gated:slope=2", "--path", "gentle:rate=5", "--out", "c.safetensors")...)
	file := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(file("a.safetensors"), file("b.safetensors")) {
		t.Error("a flag and a setting in the word train different models")
	}
	if bytes.Equal(file("a.safetensors"), file("c.safetensors")) {
		t.Error("the depth does nothing")
	}
	if s := run(0, other, "info", "a.safetensors"); !strings.Contains(s, `path = "gentle:rate=5"`) ||
		!strings.Contains(s, `network = "gated:depth=1,slope=2"`) {
		t.Error(s)
	}
	sample := []string{"sample", "a.safetensors", "-n", "20", "--nfe", "8", "--solver"}
	run(0, other, append(sample, "blend:part=0.5", "--out", "s.csv")...)
	run(0, other, append(sample, "ddim:eta=0.5", "--out", "t.csv")...)
	if !bytes.Equal(file("s.csv"), file("t.csv")) || bytes.Count(file("s.csv"), []byte("\n")) != 21 {
		t.Errorf("the solver of the module samples otherwise:\n%s", file("s.csv"))
	}
	if s := run(0, other, "solvers"); !regexp.MustCompile(`(?m)^blend `).MatchString(s) || !strings.Contains(s,
		"part=0…1") {
		t.Error(s)
	}
	for want, args := range map[string][]string{
		`network gated takes no slope of "0" (column 13); give slope=above 0; the nearest that works is slope=1`: append(args, "gated:slope=0", "--out", "x"),
		`unknown network "gaetd"; did you mean "gated"?`:                                                         append(args, "gaetd", "--out", "x"),
		"--beta-max: path gentle has no such setting":                                                            append(args, "gated", "--path", "gentle", "--beta-max", "3", "--out", "x"),
		`solver blend takes no part of "2" (column 12)`:                                                          append(sample, "blend:part=2", "--out", "x.csv"),
	} {
		if s := run(2, other, args...); !strings.Contains(s, want) {
			t.Errorf("%s: %s", strings.Join(args, " "), s)
		}
	}
	if s := run(0, "go", "run", "./schedules", "c.safetensors"); s != "a search tries blend as 4 decisions <nil>\n" {
		t.Error(s)
	}
	run(0, other, "sample", "c.safetensors", "-n", "20", "--nfe", "2", "--out", "u.csv")
	if s := run(0, other, "info", "c.safetensors"); !strings.Contains(s, "2 calls") {
		t.Error(s)
	}
	if _, err := store.LoadModel(filepath.Join(dir, "c.safetensors")); err == nil {
		t.Error("a program without the module reads its model")
	}
	_, err := store.LoadModel(filepath.Join(dir, "a.safetensors"))
	if err == nil || !strings.Contains(err.Error(), "path gentle is not in this program; package "+
		"example.com/other/parts registers it") {
		t.Error(err)
	}
}
