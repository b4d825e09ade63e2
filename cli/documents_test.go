package cli

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/store"
)

// sources are the files that a document shows: code whose first line is a comment with its name.
func sources(t *testing.T, document string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", document))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, code := range regexp.MustCompile("(?s)```go\n// ([a-z/]+\\.go)\n\n(.*?)```").FindAllStringSubmatch(string(text),
		-1) {
		files[code[1]] = code[2]
	}
	if len(files) == 0 {
		t.Fatalf("%s shows no files", document)
	}
	return files
}

func putSources(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// writeWaves writes series of 16 numbers, sines of one frequency and any phase.
func writeWaves(t *testing.T, file string) {
	t.Helper()
	var b strings.Builder
	for i := range 400 {
		for k := range 16 {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%.4f", math.Sin(float64(k)*.7+float64(i)*.37))
		}
		b.WriteByte('\n')
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// The network that docs/write-a-network.md shows, in the program that it shows, with the path, objective, solver, grid
// and kernel of the other pages, is trained, stored, loaded and sampled by its word, and so are they; ito itself names
// the package that is missing.
func TestDocumentedNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	dir := t.TempDir()
	files := sources(t, "write-a-network.md")
	if n := strings.Count(files["main.go"], "\n"); len(files) != 2 || n > 12 {
		t.Errorf("the page shows %d files, and a main of %d lines", len(files), n)
	}
	putSources(t, dir, files)
	for _, document := range []string{"write-a-path.md", "write-an-objective.md", "write-a-solver.md",
		"write-a-kernel.md"} {
		more := sources(t, document)
		putSources(t, dir, more)
		for name := range more {
			main := strings.Replace(files["main.go"], "import (", "import (\n\t_ \"example.com/series/"+filepath.Dir(name)+
				"\"", 1)
			files["main.go"] = main
			putSources(t, dir, map[string]string{"main.go": main})
		}
	}
	writeWaves(t, filepath.Join(dir, "waves.csv"))
	run := otherModule(t, dir, "example.com/series")
	other := filepath.Join(dir, "other")
	train := []string{"train", "waves.csv", "--path", "flow", "--batch", "32", "--steps", "200", "--network"}
	run(0, other, append(train, "dilated:width=12,depth=2", "--out", "a.safetensors")...)
	run(0, other, append(train, "dilated:depth=2", "--width", "12", "--workers", "1", "--out", "b.safetensors")...)
	a, err := os.ReadFile(filepath.Join(dir, "a.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "b.safetensors"))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("a flag and a setting in the word train different models: %v", err)
	}
	if s := run(0, other, "info", "a.safetensors"); !strings.Contains(s, `network = "dilated:width=12,depth=2"`) {
		t.Error(s)
	}
	if s := run(0, other, "sample", "a.safetensors", "-n", "3", "--nfe", "8", "--out", "-"); strings.Count(s, "\n") != 4 ||
		strings.Count(s, ",") != 60 {
		t.Error(s)
	}
	run(0, other, "train", "moons", "--path", "gentle:rate=5", "--steps", "20", "--width", "8", "--out", "p.safetensors")
	if s := run(0, other, "info", "p.safetensors"); !strings.Contains(s, `path = "gentle:rate=5"`) {
		t.Error(s)
	}
	run(0, other, "train", "moons", "--path", "flow", "--objective", "raw-flow", "--steps", "600", "--width", "32", "--lr",
		"0.01", "--ema", "0.9", "--out", "o.safetensors")
	run(0, other, "sample", "o.safetensors", "-n", "500", "--nfe", "20", "--out", "o.csv")
	if s := run(0, other, "eval", "o.csv", "--against", "moons", "--json"); strings.Contains(s, "no better than normal") {
		t.Error(s)
	}
	run(0, other, "sample", "p.safetensors", "-n", "20", "--solver", "rho-euler:shrink=0.9", "--grid", "bent:power=3", "--nfe",
		"8", "--out", "s.csv")
	if s := run(2, other, "sample", "p.safetensors", "--solver", "rho-eulr", "--out", "x.csv"); !strings.Contains(s,
		`did you mean "rho-euler"`) {
		t.Error(s)
	}
	run(0, other, "infer", "zoo:two", "--method", "walk", "--step-size", "2", "--chains", "2", "--draws", "50", "--warmup",
		"0", "--out", "w.csv")
	if s := run(2, other, "infer", "zoo:two", "--method", "walk", "--leapfrogs", "2", "--out", "x.csv"); !strings.Contains(s,
		"leapfrogs") {
		t.Error(s)
	}
	if s := run(2, other, append(train, "dilated:width=0", "--out", "x")...); !strings.Contains(s, "width") {
		t.Error(s)
	}
	if _, err := store.LoadModel(filepath.Join(dir, "a.safetensors")); err == nil || !strings.Contains(err.Error(),
		"network dilated is not in this program; package example.com/series/dilated registers it") {
		t.Error(err)
	}
}
