package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

func TestExitCodes(t *testing.T) {
	quiet := context.Background()
	interrupted, cancel := context.WithCancelCause(quiet)
	cancel(&signalled{syscall.SIGINT})
	terminated, cancel := context.WithCancelCause(quiet)
	cancel(&signalled{syscall.SIGTERM})
	full := &fs.PathError{Op: "write", Path: "s.csv", Err: syscall.ENOSPC}
	cases := []struct {
		name    string
		ctx     context.Context
		err     error
		code    int
		message string
	}{
		{"usage", quiet, &usageError{what: "no command", do: "try ito demo"}, 2, "no command; try ito demo"},
		{"input", quiet, fmt.Errorf("reading: %w", &ito.InputError{Where: "a.csv: line 2", What: "bad", Do: "mend it"}),
			2, "reading: a.csv: line 2: bad; mend it"},
		{"unsupported", quiet, &ito.UnsupportedError{What: "heun on dice", Why: "no ODE", Nearest: "em"}, 2,
			"the nearest that works is em"},
		{"other config", quiet, &store.ConfigError{Field: "beta-max", Saved: "10", Now: "20"}, 2,
			"field beta-max is 10 in the checkpoint and 20 now"},
		{"damaged model", quiet, &store.FormatError{Path: "m", What: "damaged", Err: store.ErrEdited}, 2, "m"},
		{"full disk", quiet, full, 1, "no space left on device; free some space"},
		{"training", quiet, &ito.NonFiniteError{What: "loss", Step: 17}, 1, "step 17, sample 0, t=0; lower --lr"},
		{"sampling", quiet, &ito.NonFiniteError{What: "sample", Step: 3, Sample: 8}, 1, "take more steps"},
		{"verdict", quiet, errAgainst, 3, "against the samples"},
		{"anything", quiet, errors.New("odd"), 1, "odd"},
		{"ctrl-C", interrupted, afterSignal(interrupted, fmt.Errorf("training: %w", context.Canceled),
			"go on with --resume"), 130, "interrupted (interrupt); go on with --resume"},
		{"bare ctrl-C", interrupted, context.Canceled, 130, ""},
		{"terminated", terminated, afterSignal(terminated, context.Canceled, ""), 143, "interrupted (terminated)"},
		{"full disk during ctrl-C", interrupted, afterSignal(interrupted, full, "hint"), 1, "no space left"},
		{"cancelled without a signal", quiet, context.Canceled, 1, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := exitCode(c.ctx, c.err); got != c.code {
				t.Errorf("exit code %d, want %d", got, c.code)
			}
			if m := message(c.err); !strings.Contains(m, c.message) {
				t.Errorf("message %q, want %q in it", m, c.message)
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[31m\x00ü\nb"); got != `a\x1b[31m\x00ü`+"\nb" {
		t.Errorf("got %q", got)
	}
	if got := printable(strings.Repeat("é", 2000)); len([]rune(got)) != 1001 {
		t.Errorf("%d characters", len([]rune(got)))
	}
}

// A full disk under standard output is an error even where a command does not look.
func TestOutputRemembers(t *testing.T) {
	var errs bytes.Buffer
	a := &app{stdout: &output{w: fullDisk{}}, stderr: &errs}
	if code := a.main(context.Background(), []string{"info"}); code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(errs.String(), "standard output: no space left") {
		t.Errorf("said %q", errs.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A panic is a bug report and exit code 1, never bad input.
func TestPanicIsAFailure(t *testing.T) {
	var errs bytes.Buffer
	a := &app{stdout: nil, stderr: &errs}
	if code := a.main(context.Background(), []string{"info"}); code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(errs.String(), "a bug in ito") {
		t.Errorf("said %q", errs.String())
	}
}
