package gen

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGenerateChangesNothing says that the committed files are what their generators write. Run it here, with
// go test -count=1: the module of ito does not reach into this one, and the test cache does not see those files.
func TestGenerateChangesNothing(t *testing.T) {
	out, err := exec.Command("sh", "generate.sh", "-check").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestAVX2Registers says that a routine without a 512-bit register keeps to the sixteen registers of AVX2: avo hands
// out the others too, and the assembler then encodes the instruction for AVX-512 without a word.
func TestAVX2Registers(t *testing.T) {
	wide := regexp.MustCompile(`\bZ([0-9]|[12][0-9]|3[01])\b`)
	beyond := regexp.MustCompile(`\b[XY](1[6-9]|2[0-9]|3[01])\b|\bK[0-7]\b`)
	files, err := filepath.Glob("../*.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d assembly files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, routine := range strings.Split(string(text), "\nTEXT ")[1:] {
			name, _, _ := strings.Cut(routine, ",")
			if found := beyond.FindString(routine); found != "" && !wide.MatchString(routine) {
				t.Errorf("%s: %s uses %s", file, name, found)
			}
		}
	}
}
