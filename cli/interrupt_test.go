package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed9a7962a8/ito/rng"
)

// interrupted starts a program that would go on for long, gives it ctrl-C after so many milliseconds, and wants it to
// end with exit code 130 within a second; of the processors' time two are allowed.
func interrupted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupt MS PROGRAM ARG…")
	}
	after, err := strconv.Atoi(args[0])
	ts.Check(err)
	before := filesBelow(ts)
	for try := 0; try < 12 && after >= 5; try++ {
		switch interruptedOnce(ts, time.Duration(after)*time.Millisecond, args[1:]) {
		case interruptedWell:
			return
		case interruptedLate: // a quick machine is at the end before it is interrupted
			after /= 2
		case interruptedSoon: // a slow one has not begun
			after += after / 2
		}
		removeNew(ts, before)
	}
	ts.Fatalf("it ended before it could be interrupted, or had not begun")
}

const (
	interruptedWell = iota
	interruptedLate // the program came to its end all the same
	interruptedSoon // it had no ear for signals yet, and the system ended it
)

func interruptedOnce(ts *testscript.TestScript, after time.Duration, args []string) int {
	c := program(ts, args)
	var stderr strings.Builder
	c.Stderr = &stderr
	ts.Check(c.Start())
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			ts.Fatalf("it failed before it could be interrupted: %v\n%s", err, stderr.String())
		}
		return interruptedLate
	case <-time.After(after):
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		ts.Fatalf("%v", err)
	}
	asked, spent := time.Now(), processTime(c.Process.Pid)
	select {
	case <-done:
	case <-time.After(time.Minute):
		c.Process.Kill()
		ts.Fatalf("it did not end in a minute")
	}
	took := time.Since(asked)
	ts.Logf("it ended after %v\n%s", took.Round(time.Millisecond), stderr.String())
	ts.Check(os.WriteFile(ts.MkAbs("stderr.txt"), []byte(stderr.String()), 0o666))
	if s, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() && s.Signal() == syscall.SIGINT {
		return interruptedSoon
	}
	got := c.ProcessState.ExitCode()
	if got != 0 && got != 130 {
		ts.Fatalf("exit code %d, want 130", got)
	}
	if used := c.ProcessState.UserTime() + c.ProcessState.SystemTime() - spent; got == 130 && used > 2*time.Second {
		ts.Fatalf("it ended %v after the signal, %v of them of the processor", took, used)
	}
	if got == 0 {
		return interruptedLate
	}
	return interruptedWell
}

// processTime is the time that a process has had of the processors, to a hundredth of a second: the time of day would
// tell of the machine's other work. Where the system does not say, it is 0.
func processTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, ok := strings.Cut(string(text), ") ") // the name may have spaces
	fields := strings.Fields(rest)
	if err != nil || !ok || len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// writeWide writes rows of numbers with many columns as CSV: eight factors, and noise.
func writeWide(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: wide FILE ROWS COLUMNS")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	d, err := strconv.Atoi(args[2])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	w := bufio.NewWriter(f)
	for k := range d {
		fmt.Fprintf(w, "c%d%c", k, ",\n"[k/(d-1)])
	}
	const factors = 8
	row, z, a := make([]float64, d), make([]float64, factors), make([]float64, factors*d)
	rng.NewKey(2, rng.PurposeData, 0, 0).Normals64(a, factors*d, []uint64{0})
	for i := range n {
		rng.NewKey(1, rng.PurposeData, 0, 0).Normals64(row, d, []uint64{uint64(i)})
		rng.NewKey(1, rng.PurposeData, 0, 1).Normals64(z, factors, []uint64{uint64(i)})
		for k, e := range row {
			x := .3 * e
			for j, v := range z {
				x += v * a[j*d+k]
			}
			fmt.Fprintf(w, "%.4g%c", x, ",\n"[k/(d-1)])
		}
	}
	ts.Check(errors.Join(w.Flush(), f.Close()))
}
