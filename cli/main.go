// Package cli is the program ito: its command line, what it prints and its exit codes. A program with paths, networks,
// objectives or solvers of its own registers them and calls [Main]:
//
//	func main() { os.Exit(cli.Main(os.Args[1:])) }
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed9a7962a8/ito/internal/simd"
	"golang.org/x/term"
)

// app is what a command has of the world around it.
type app struct {
	stdin  io.Reader
	stdout *output // results
	stderr io.Writer
	bars   bool                          // progress as bars, not as lines of a log
	given  []string                      // the flags that the command line names
	hint   atomic.Pointer[func() string] // what to do after a signal
	quiet  bool                          // no progress and no remarks
	force  bool                          // files are replaced without a question
	asks   bool                          // a person can be asked
	drains atomic.Bool                   // the command ends by itself after a signal, whatever that takes
	now    func() time.Time              // for what is recorded, not what is computed
}

// Main runs the program with these arguments, which do not hold its name, and returns the exit code: 0 done, 1
// failed, 2 bad usage or input, 130 or 143 after a signal. Results go to standard output, all else to standard
// error. It takes ctrl-C and SIGTERM while it runs, and sets the default logger.
func Main(args []string) int {
	ctx, stop := untilSignal(context.Background())
	a := &app{
		stdin:  os.Stdin,
		stdout: &output{w: os.Stdout},
		stderr: os.Stderr,
		bars:   roomForBars(),
		asks:   term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
		now:    clock(os.Getenv("SOURCE_DATE_EPOCH")),
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	defer stop()
	defer a.overdue(ctx)()
	return a.main(ctx, args)
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
	text := a.flagged(message(err))
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
