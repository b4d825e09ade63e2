package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"github.com/seed9a7962a8/ito"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1   // a full disk, training that is not finite, a bug
	exitInput   = 2   // bad usage or bad input
	exitAgainst = 3   // a verdict against the samples, where that was asked for
	exitSignal  = 128 // plus the number of the signal: 130 after ctrl-C
)

// usageError is a command line that cannot be understood. It matches ito.ErrInput.
type usageError struct{ what, do string }

func (e *usageError) Error() string {
	if e.do == "" {
		return e.what
	}
	return e.what + "; " + e.do
}

func (e *usageError) Is(target error) bool { return target == ito.ErrInput }

// signalled is the cause of a context that a signal ended.
type signalled struct{ signal syscall.Signal }

func (e *signalled) Error() string { return "interrupted (" + e.signal.String() + ")" }

// stopped is a command that a signal ended, with what to do to go on.
type stopped struct {
	cause error
	hint  string
}

func (e *stopped) Error() string {
	if e.hint == "" {
		return e.cause.Error()
	}
	return e.cause.Error() + "; " + e.hint
}

func (e *stopped) Unwrap() error { return e.cause }

// untilSignal is a context that ctrl-C or SIGTERM ends. A second signal ends the process at once.
func untilSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-c:
			signal.Stop(c)
			number, _ := s.(syscall.Signal)
			cancel(&signalled{number})
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(c)
		close(done)
		cancel(nil)
	}
}

// afterSignal adds a hint to an error that is due to a signal; other errors stay what they are.
func afterSignal(ctx context.Context, err error, hint string) error {
	var s *signalled
	if err != nil && errors.As(context.Cause(ctx), &s) && errors.Is(err, context.Canceled) {
		return &stopped{cause: s, hint: hint}
	}
	return err
}

// exitCode is the exit code for an error.
func exitCode(ctx context.Context, err error) int {
	var s *signalled
	cause := errors.As(err, &s) || errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &s)
	switch {
	case err == nil:
		return exitOK
	case cause:
		return exitSignal + int(s.signal)
	case errors.Is(err, ito.ErrInput):
		return exitInput
	case errors.Is(err, errAgainst), errors.Is(err, errLosing):
		return exitAgainst
	}
	return exitFailure
}

// message is an error in words for people: one line for each of several errors.
func message(err error) string {
	text := strings.TrimSpace(err.Error())
	if errors.Is(err, syscall.ENOSPC) {
		text += "; free some space and run the command again"
	}
	var n *ito.NonFiniteError
	if errors.As(err, &n) {
		text += fmt.Sprintf("; %s", nonFiniteAdvice(n))
	}
	return printable(text)
}

// printable makes a message fit for a terminal whatever a file or a name put into it: it is cut at a
// thousand characters, and control characters are written as escapes.
func printable(s string) string {
	const most = 1000
	var b strings.Builder
	for i, r := range []rune(s) {
		switch {
		case i == most:
			b.WriteString("…")
			return b.String()
		case r != '\n' && !unicode.IsPrint(r):
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func nonFiniteAdvice(n *ito.NonFiniteError) string {
	if strings.Contains(n.What, "sample") || strings.Contains(n.What, "state") {
		return "take more steps (--nfe) or another --solver"
	}
	return "lower --lr, or standardise the columns (--transform standardise)"
}
