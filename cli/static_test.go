package cli

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// README's command makes one static, stripped file of at most 60 MB, on a machine with a C compiler as on one without.
// It sets CGO_ENABLED=0, since net and os/user link libc where cgo is on, and no line of a source file can say
// otherwise.
func TestStaticProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute, where nothing is built yet")
	}
	b, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^(CGO_ENABLED=0) go install -ldflags '(.*)' \./cmd/ito$`).FindSubmatch(b)
	if line == nil {
		t.Fatal("README has no command that installs ito")
	}
	file := filepath.Join(t.TempDir(), "ito")
	c := exec.Command("go", "build", "-ldflags", string(line[2]), "-o", file, "./cmd/ito")
	c.Dir, c.Env = "..", append(os.Environ(), string(line[1]))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 60<<20 {
		t.Errorf("it has %d bytes", info.Size())
	}
	out, err := exec.Command(file, "--version").Output()
	if err != nil || !regexp.MustCompile(`^ito \S+ .*\bgo1\.\d+\S* `+runtime.GOOS+"/"+runtime.GOARCH).Match(out) {
		t.Errorf("--version: %q, %v", out, err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	if err != nil || len(libs) > 0 {
		t.Errorf("it links %s, %v", strings.Join(libs, ", "), err)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("it asks for a dynamic linker")
		}
	}
	if f.Section(".symtab") != nil {
		t.Error("it is not stripped")
	}
}
