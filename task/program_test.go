package task

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// A program that the go command built is named by what that wrote of its content, any other by its bytes.
func TestProgram(t *testing.T) {
	if Program("v1.2.3") != "v1.2.3" {
		t.Error("a release is not named by its version")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	name := Program("devel")
	if id, err := exec.Command("go", "tool", "buildid", self).Output(); err == nil && runtime.GOOS == "linux" {
		parts := strings.Split(strings.TrimSpace(string(id)), "/")
		if name != parts[len(parts)-1] {
			t.Errorf("named %q, the go command says %q", name, parts)
		}
	}
	sum := sha256.Sum256(b)
	whole := hex.EncodeToString(sum[:])
	// A name that another build system gives to all its programs names none.
	for _, id := range []string{"redacted", "", strings.Repeat("x", 83)} {
		file := append([]byte("\x7fELF\x04\x00\x00\x00"+string(rune(len(id)))+"\x00\x00\x00\x04\x00\x00\x00Go\x00\x00"+id), 0, 1, 2)
		sum := sha256.Sum256(file)
		if got, err := digestOfProgram(bytes.NewReader(file)); err != nil || got != hex.EncodeToString(sum[:]) {
			t.Errorf("a program of id %q is %q, %v", id, got, err)
		}
	}
	if runtime.GOOS == "linux" {
		plain := bytes.ReplaceAll(b[:len(b):len(b)], []byte("\x04\x00\x00\x00Go\x00\x00"), []byte("\x05\x00\x00\x00Go\x00\x00"))
		if got, err := digestOfProgram(bytes.NewReader(plain)); err != nil || len(got) != 64 || got == whole {
			t.Errorf("without an id it is %q, %v", got, err)
		}
	}
	// Headers that lie about their length lead nowhere.
	for _, file := range []string{"", "\x04\x00\x00\x00Go\x00\x00", "\x04\x00\x00\x00\xff\xff\xff\xff\x04\x00\x00\x00Go\x00\x00abc"} {
		if got, err := digestOfProgram(strings.NewReader(file)); file != "" && (err != nil || len(got) != 64) {
			t.Errorf("%q is %q, %v", file, got, err)
		}
	}
}
