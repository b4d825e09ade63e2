package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// Whole numbers of 1e18, typed with all their digits, which a parser takes: each is refused before any work and before
// any memory is asked for.
func TestWholeNumbersHaveBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("a second")
	}
	dir := t.TempDir()
	model := dir + "/m.safetensors"
	run := func(args ...string) (int, string) {
		var errs strings.Builder
		a := &app{stdin: strings.NewReader(""), stdout: &output{w: io.Discard}, stderr: &errs, now: clock("0")}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second) // what is not refused would go on for years
		defer stop()
		return a.main(ctx, args), errs.String()
	}
	if code, errs := run("train", "moons", "--path", "vp", "--steps", "5", "--width", "8", "--out", model); code != 0 {
		t.Fatal(errs)
	}
	lines := map[string][]string{
		"train":   {"moons", "--path", "vp", "--out", dir + "/x.safetensors"},
		"sample":  {model, "--out", dir + "/s.csv"},
		"eval":    {"moons", "--against", "moons"},
		"compare": {model, "--against", "moons"},
		"tune":    {model, "--nfe", "5", "--out", dir + "/t.safetensors"},
		"infer":   {"zoo:moons", "--out", dir + "/d.csv"},
	}
	tried := 0
	for _, n := range newParser(t, &commands{}).Model.Children {
		args, ok := lines[n.Name]
		if !ok {
			continue
		}
		for _, f := range n.Flags {
			if !strings.HasPrefix(f.Target.Type().Kind().String(), "int") &&
				!strings.HasPrefix(f.Target.Type().Kind().String(), "uint") || f.Target.Type().String() == "time.Duration" || f.Name == "seed" {
				continue
			}
			name := fmt.Sprintf("%s --%s", n.Name, f.Name)
			tried++
			line := append([]string{n.Name}, args...)
			line = append(line, of(n.Name, f)...)
			switch {
			case strings.HasPrefix(f.Name, "stage"):
				line = []string{"train", "moons", "--path", "vsdm", "--out", dir + "/x.safetensors"}
			case name == "eval --n":
				line = []string{"eval", model, "--against", "moons"}
			}
			code, errs := run(append(line, "--"+f.Name, "1000000000000000000")...)
			if code != exitInput {
				t.Errorf("%s: exit code %d: %.300s", name, code, errs)
			}
		}
	}
	if tried < 40 {
		t.Errorf("%d flags were tried", tried)
	}
}

// of is what else a flag needs to be looked at: the method that has it.
func of(command string, f *kong.Flag) []string {
	if command != "infer" || f.Tag.Get("of") == "" {
		return nil
	}
	method, kind, _ := strings.Cut(strings.Split(f.Tag.Get("of"), ",")[0], ":")
	if method == "chains" {
		return nil
	}
	args := []string{"--method", method}
	switch kind {
	case "learned":
		args = append(args, "--potential", "learned")
	case "whitened":
		args = append(args, "--whiten", "meanfield")
	}
	return args
}
