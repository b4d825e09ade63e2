//go:build unix

package peer

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Python returns the interpreter that ITO_PEER_PYTHON names and skips the test where it names none; needs says what
// must be installed there.
func Python(t *testing.T, needs string) string {
	t.Helper()
	python := os.Getenv("ITO_PEER_PYTHON")
	if python == "" {
		t.Skip("ITO_PEER_PYTHON does not name a python with " + needs)
	}
	return python
}

// Start starts cmd, which ends with the test, and returns what asks it: a line, unless it is empty, for a line.
func Start(t *testing.T, cmd *exec.Cmd) (ask func(line string) string) {
	t.Helper()
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	lines := bufio.NewReader(out)
	return func(line string) string {
		t.Helper()
		if line != "" {
			io.WriteString(in, line+"\n")
		}
		answer, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the peer does not answer %q: %v", line, err)
		}
		return strings.TrimSpace(answer)
	}
}

// ProcessorTime is the time that all threads of this process have used: what a busy machine disturbs least.
func ProcessorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Median is the upper median of x.
func Median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
