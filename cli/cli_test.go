package cli

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/seed9a7962a8/ito/internal/spec"
)

func newParser(t *testing.T, c *commands) *kong.Kong {
	t.Helper()
	p, err := kong.New(c, parserOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every command and flag says what it is, no line of help is too wide, and every example parses.
func TestManual(t *testing.T) {
	root := newParser(t, &commands{}).Model.Node
	pages := map[string]page{}
	nodes := slices.Clone(root.Children)
	for i := 0; i < len(nodes); i++ { // the groups' own commands after them
		nodes = append(nodes, nodes[i].Children...)
	}
	for _, n := range nodes {
		if n.Help == "" || strings.HasSuffix(n.Help, ".") {
			t.Errorf("%s: help %q", n.Path(), n.Help)
		}
		for _, v := range n.Values() {
			if v.OrigHelp == "" {
				t.Errorf("%s: %s has no help", n.Path(), v.Summary())
			}
		}
		pages[n.Path()] = n.Target.Addr().Interface().(documented).manual()
		var b bytes.Buffer
		if err := writeCommandHelp(&b, n); err != nil {
			t.Fatal(err)
		}
		_, tail, _ := strings.Cut(b.String(), "\nEXAMPLES\n")
		for line := range strings.Lines(strings.TrimSuffix(b.String(), tail)) {
			if w := len([]rune(strings.TrimRight(line, "\n"))); w > helpWidth {
				t.Errorf("%s: %d columns: %s", n.Path(), w, line)
			}
		}
	}
	for name, p := range pages {
		if len(p.examples) == 0 || len(p.text) == 0 {
			t.Errorf("%s: no examples or no text", name)
		}
		for _, e := range p.examples {
			if !strings.Contains(e[0], "ito ") {
				continue // curl
			}
			line := e[0][strings.Index(e[0], "ito "):]
			line, _, _ = strings.Cut(line, " >")
			line, _, _ = strings.Cut(line, " |")
			var c commands
			if _, err := newParser(t, &c).Parse(strings.Fields(line)[1:]); err != nil {
				t.Errorf("%s: example %q: %v", name, e[0], err)
			}
		}
	}
}

// The flags' defaults are those of config, so a configuration file starts where the flags do.
func TestDefaultsAgree(t *testing.T) {
	var c commands
	if _, err := newParser(t, &c).Parse([]string{"train", "spiral", "--out", "m"}); err != nil {
		t.Fatal(err)
	}
	want := trainCmd{}
	spec.Default(&want)
	if f := spec.Diff(c.Train.TrainConfig, want.TrainConfig); f != "" {
		t.Errorf("--%s has two defaults", f)
	}
}

// A flag that is no list is refused when it is given twice, by every command; a list takes all of its values.
func TestRepeatedFlags(t *testing.T) {
	leaves := newParser(t, &commands{}).Model.Leaves(false)
	for _, n := range leaves {
		for _, f := range n.Flags {
			if f.Name == "help" {
				continue
			}
			args, counted := aCommandLine(n, f)
			if f.IsCumulative() {
				var c commands
				p, err := newParser(t, &c).Parse(args)
				if err != nil {
					t.Errorf("%q: %v", args, err)
					continue
				}
				for _, v := range p.Selected().Flags {
					if v.Name == f.Name && v.Target.Len() != counted {
						t.Errorf("%q: %v holds %d values, not %d", args, v.Target, v.Target.Len(), counted)
					}
				}
				continue
			}
			var errs bytes.Buffer
			a := &app{stdout: &output{w: io.Discard}, stderr: &errs}
			if code := a.main(context.Background(), args); code != exitInput || !strings.Contains(errs.String(),
				"--"+f.Name+" is given twice; give it once") {
				t.Errorf("%q: exit code %d, %s", args, code, errs.String())
			}
		}
	}
}

// aCommandLine is one of a command with what it requires, and a flag twice, of so many values in all.
func aCommandLine(n *kong.Node, twice *kong.Flag) (args []string, values int) {
	args = strings.Fields(n.Path())
	value := func(v *kong.Value) string {
		t := v.Target.Type()
		if v.IsSlice() {
			t = t.Elem()
		}
		switch {
		case t == reflect.TypeFor[time.Duration]():
			return "1s"
		case t.Kind() == reflect.String:
			return "word"
		}
		return "1"
	}
	give := func(f *kong.Flag) {
		args = append(args, "--"+f.Name)
		if !f.IsBool() {
			args = append(args, value(f.Value))
		}
	}
	for _, p := range n.Positional {
		args = append(args, value(p))
	}
	for _, f := range n.Flags {
		if f.Required && f != twice {
			give(f)
		}
	}
	give(twice)
	give(twice)
	return args, 2
}

// A whole number is written in decimals, also as 1e6; what is none, or too large for every digit of it to count, is
// refused.
func TestWholeNumbers(t *testing.T) {
	for text, want := range map[string]int{"1e6": 1000000, "1000000": 1000000, "2.5e3": 2500, "010": 10, "+7": 7,
		"1E3": 1000} {
		var c commands
		if _, err := newParser(t, &c).Parse([]string{"sample", "m", "--out", "s", "-n", text, "--seed",
			text}); err != nil || c.Sample.N != want || c.Sample.Seed != uint64(want) {
			if text != "+7" || err == nil { // a seed has no sign
				t.Errorf("%s: %d and %d, %v", text, c.Sample.N, c.Sample.Seed, err)
			}
		}
		if _, err := newParser(t, &c).Parse([]string{"compare", "m", "--against", "s", "--nfe",
			"5," + text}); err != nil || c.Compare.NFE[1] != want {
			t.Errorf("%s in a list: %d, %v", text, c.Compare.NFE, err)
		}
	}
	for _, text := range []string{"many", "1.5", "1e-3", "1e300", "inf", "nan", "0x10", "1_000", "9223372036854775808",
		"", "1e18"} {
		for _, flag := range []string{"-n", "--seed"} {
			var c commands
			if _, err := newParser(t, &c).Parse([]string{"sample", "m", "--out", "s", flag, text}); err == nil &&
				!(flag == "--seed" && text == "9223372036854775808") {
				t.Errorf("%s %q gives %d and %d", flag, text, c.Sample.N, c.Sample.Seed)
			}
		}
	}
	var c commands
	if _, err := newParser(t, &c).Parse([]string{"sample", "m", "--out", "s", "--seed", "-1"}); err == nil ||
		!strings.Contains(err.Error(), "not negative") {
		t.Errorf("a negative seed: %v", err)
	}
}

// Help asks for nothing and works whatever stands beside it.
func TestHelpAnywhere(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help"}, {"-h", "x"}, {"train", "--help"}, {"train", "x", "-h"},
		{"help", "sample"}, {"bench", "-h"}, {"help", "bench", "solvers"}} {
		var out, errs bytes.Buffer
		a := &app{stdout: &output{w: &out}, stderr: &errs}
		if code := a.main(context.Background(), args); code != 0 || !strings.HasPrefix(out.String(), "NAME\n") ||
			errs.Len() > 0 {
			t.Errorf("%q: exit code %d, %.60q, %q", args, code, out.String(), errs.String())
		}
	}
}
