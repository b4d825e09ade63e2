package evex

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every instruction is read by a disassembler as what it is meant to be, for all registers.
func TestDisassemblerAgrees(t *testing.T) {
	tool, err := exec.LookPath("objdump")
	if err != nil {
		t.Skip("SKIPPED: no objdump (Debian: binutils): the raw words are not checked against a disassembler")
	}
	var code []byte
	var want []string
	add := func(o Op, dst, src1, src2 int) {
		b := o.Encode(dst, src1, src2)
		code = append(code, b[:]...)
		if o.Two {
			want = append(want, fmt.Sprintf("%s ymm%d,zmm%d", o.Name, dst, src2))
			return
		}
		want = append(want, fmt.Sprintf("%s zmm%d,zmm%d,zmm%d", o.Name, dst, src1, src2))
	}
	for _, o := range Ops {
		for a := range 32 {
			for b := range 32 {
				if o.Two {
					add(o, a, 0, b)
					continue
				}
				for c := range 32 {
					add(o, a, b, c)
				}
			}
		}
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "--no-show-raw-insn",
		file).Output()
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for line := range strings.Lines(string(out)) {
		_, text, ok := strings.Cut(line, ":\t")
		if !ok {
			continue
		}
		if got := strings.Join(strings.Fields(text), " "); at >= len(want) || got != want[at] {
			t.Fatalf("instruction %d is read as %q, not %q", at, got, want[min(at, len(want)-1)])
		}
		at++
	}
	if at != len(want) {
		t.Fatalf("%d of %d instructions were read", at, len(want))
	}
}
