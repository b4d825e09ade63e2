package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// signalOnce starts the program and signals it once the file matches. A machine that is quick, or busy, may have the
// program at its end before the file has been looked at: then what it wrote is removed and it starts again.
func signalOnce(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: signal NAME CODE FILE REGEXP PROGRAM ARG…")
	}
	sig := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[args[0]]
	ready, before := regexp.MustCompile(args[3]), filesBelow(ts)
	for range 50 {
		c := program(ts, args[4:])
		var stderr strings.Builder
		c.Stderr = &stderr
		ts.Check(c.Start())
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		ended, err := waitForMatch(ts.MkAbs(args[2]), ready, done)
		if err != nil {
			c.Process.Kill()
			ts.Fatalf("it failed before it could be signalled: %v\n%s", err, stderr.String())
		}
		if !ended {
			if err = c.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
				ts.Fatalf("%v", err)
			}
			err = <-done
		}
		// A program that reached its end all the same did not get the signal, or no longer minded it.
		if ended || c.ProcessState.ExitCode() == 0 && args[1] != "0" {
			removeNew(ts, before)
			continue
		}
		ts.Logf("[stderr]\n%s", stderr.String())
		ts.Check(os.WriteFile(ts.MkAbs("stderr.txt"), []byte(stderr.String()), 0o666))
		if got := c.ProcessState.ExitCode(); strconv.Itoa(got) != args[1] {
			ts.Fatalf("exit code %d (%v), want %s", got, err, args[1])
		}
		return
	}
	ts.Fatalf("it ended before it could be signalled, fifty times")
}

// waitForMatch returns once the file of a script matches, or the program has ended.
func waitForMatch(file string, ready *regexp.Regexp, done <-chan error) (ended bool, err error) {
	began := time.Now()
	for {
		if b, err := os.ReadFile(file); err == nil && ready.Match(b) {
			return false, nil
		}
		select {
		case err := <-done:
			return true, err
		case <-time.After(time.Millisecond):
		}
		if time.Since(began) > 2*time.Minute {
			return false, fmt.Errorf("%s did not appear", file)
		}
	}
}

// removeNew removes what stands in a script's directory and did not before.
func removeNew(ts *testscript.TestScript, before map[string]bool) {
	for file := range filesBelow(ts) {
		if !before[file] {
			ts.Check(os.RemoveAll(file))
		}
	}
}

// filesBelow are the files and folders of a script's directory.
func filesBelow(ts *testscript.TestScript) map[string]bool {
	files := map[string]bool{}
	ts.Check(filepath.WalkDir(ts.MkAbs("."), func(path string, _ fs.DirEntry, err error) error {
		files[path] = true
		return err
	}))
	return files
}

func private(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if mode := info.Mode().Perm(); mode != 0o600 {
		ts.Fatalf("%s has mode %o", args[0], mode)
	}
}
