// Command ito learns a distribution from samples and samples it. "ito --help" is its manual.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito/internal/simd"
	"golang.org/x/term"
)

// app is what a command has of the world around it.
type app struct {
	stdin  io.Reader
	stdout *output // results
	stderr io.Writer
	bars   bool             // progress as bars, not as lines of a log
	given  []string         // the flags that the command line names
	now    func() time.Time // for what is recorded, not what is computed
}

func main() {
	ctx, stop := untilSignal(context.Background())
	a := &app{
		stdin:  os.Stdin,
		stdout: &output{w: os.Stdout},
		stderr: os.Stderr,
		bars:   roomForBars(),
		now:    clock(os.Getenv("SOURCE_DATE_EPOCH")),
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	code := a.main(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// roomForBars reports whether standard error is a terminal that is wide enough.
func roomForBars() bool {
	fd := int(os.Stderr.Fd())
	if !term.IsTerminal(fd) {
		return false
	}
	width, _, err := term.GetSize(fd)
	return err == nil && width >= 40
}

// main runs a command line and returns the exit code.
func (a *app) main(ctx context.Context, args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(a.stderr, "ito: a bug in ito, please report it: %v\n\n%s", r, debug.Stack())
			code = exitFailure
		}
	}()
	err := simd.LevelError()
	if err != nil {
		err = &usageError{what: err.Error(), do: "set ITO_SIMD to portable, avx2 or avx512, or leave it out"}
	} else {
		err = a.run(ctx, args)
	}
	err = errors.Join(err, a.stdout.err)
	if err == nil {
		return exitOK
	}
	code = exitCode(ctx, err)
	text := message(err)
	if !strings.HasPrefix(text, "ito ") { // "ito train: …" names the program already
		text = "ito: " + text
	}
	fmt.Fprintln(a.stderr, text)
	return code
}

// output remembers the first error of writing results, so that no command can overlook a full disk.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	if err != nil {
		o.err = fmt.Errorf("standard output: %w", err)
	}
	return n, o.err
}
