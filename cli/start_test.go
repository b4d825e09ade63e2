package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// What begins with the program is little: its packages' own initialisations allocate so much, in all and each. The
// counts are those of the runtime, and do not depend on the machine's load.
func TestPackagesBeginCheaply(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	packages, all, bytes := 0, 0, 0
	for lines := bufio.NewScanner(&trace); lines.Scan(); {
		_, line, ok := strings.Cut(lines.Text(), "init "+module+"/")
		if !ok {
			continue
		}
		name, rest, _ := strings.Cut(line, " @")
		var at, clock float64
		var size, n int
		if _, err := fmt.Sscanf(rest, "%f ms, %f ms clock, %d bytes, %d allocs", &at, &clock, &size, &n); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		packages++
		all += n
		bytes += size
		if n > 1500 || size > 100<<10 {
			t.Errorf("package %s begins with %d allocations of %d bytes: make it when it is needed", name, n, size)
		}
	}
	t.Logf("%d packages, %d allocations of %d bytes", packages, all, bytes)
	if packages < 10 {
		t.Fatalf("a trace of %d packages", packages)
	}
	if all > 4000 || bytes > 250<<10 {
		t.Errorf("%d allocations of %d bytes before the program begins: make them when they are needed", all, bytes)
	}
}

// A command that is read alone has the flags and arguments that it has among all.
func TestGrammarOfOneCommand(t *testing.T) {
	all := newParser(t, &commands{}).Model.Node
	describe := func(n *kong.Node) (out []string) {
		for _, v := range n.AllFlags(false) {
			for _, f := range v {
				out = append(out, fmt.Sprint(f.Summary(), f.Help, f.Default, f.Tag.Enum, f.Required))
			}
		}
		for _, p := range n.Positional {
			out = append(out, p.Summary())
		}
		for _, c := range n.Children {
			out = append(out, c.Name+c.Help)
		}
		return out
	}
	for _, n := range all.Children {
		p, err := kong.New(grammar([]string{n.Name, "x"}), parserOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Model.Node.Children; len(got) != 1 || got[0].Name != n.Name ||
			!slices.Equal(describe(got[0]), describe(n)) {
			t.Errorf("%s alone is %v", n.Name, got)
		}
	}
	for _, args := range [][]string{nil, {"--help"}, {"trian"}, {"Train"}, {""}} {
		if _, whole := grammar(args).(*commands); !whole {
			t.Errorf("%q: %v", args, reflect.TypeOf(grammar(args)))
		}
	}
}
