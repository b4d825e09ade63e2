package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEnds(t *testing.T) {
	root := newParser(t, &commands{}).Model.Node
	for _, c := range []struct{ line, has, lacks string }{
		{"", "train", "--out"},
		{"tr", "train", "sample"},
		{"bench ", "density", "train"},
		{"bench den", "density", "engine"},
		{"train x.csv --pa", "--path", "--out"},
		{"train x.csv --", "--quiet", "--nfe"},
		{"train x.csv --transform ", "whiten", "--out"},
		{"train x.csv --transform wh", "whiten", "none"},
		{"forecast train x.csv --mo", "--model", "--out"},
		{"--v", "--version", "--help"},
	} {
		got := ends(root, strings.Split(c.line, " "))
		if !slices.Contains(got, c.has) || slices.Contains(got, c.lacks) {
			t.Errorf("%q: %v, want %s and not %s", c.line, got, c.has, c.lacks)
		}
	}
	for _, line := range []string{"train ", "train x.csv --out ", "train x.csv --out x", "nothing ", "nothing x"} {
		if got := ends(root, strings.Split(line, " ")); len(got) > 0 {
			t.Errorf("%q: %v, want nothing, so that the shell completes names of files", line, got)
		}
	}
}

// The script of bash, run by bash, completes as the program says.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// testscript's own way of being the program: by its name.
	if err := os.Symlink(self, filepath.Join(dir, "ito")); err != nil {
		t.Skip(err)
	}
	script := completionScripts["bash"] + `
COMP_WORDS=(ito train moons --transform wh) COMP_CWORD=4
_ito
printf '%s\n' "${COMPREPLY[@]}"
COMP_WORDS=(ito forec) COMP_CWORD=1
_ito
printf '%s\n' "${COMPREPLY[@]}"
COMP_WORDS=(ito train mo) COMP_CWORD=2
_ito
printf 'files %s\n' "${#COMPREPLY[@]}"
`
	c := exec.Command(bash, "-c", script)
	c.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	b, err := c.CombinedOutput()
	if want := "whiten\nforecast\nfiles 0\n"; err != nil || string(b) != want {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
}

// The manual is there for every command, and man reads it without a complaint.
func TestManPage(t *testing.T) {
	root := newParser(t, &commands{}).Model.Node
	var b strings.Builder
	if err := writeManual(&b, root); err != nil {
		t.Fatal(err)
	}
	for _, n := range root.Leaves(true) {
		if !strings.Contains(b.String(), "\n.SH ITO "+strings.ToUpper(roff(n.Path()))+"\n") {
			t.Errorf("no page of ito %s", n.Path())
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip(err)
	}
	c := exec.Command(groff, "-Kutf8", "-man", "-Tutf8", "-ww", "-z")
	c.Stdin = strings.NewReader(b.String())
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("groff: %v\n%.500s", err, out)
	}
}
