package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/seed9a7962a8/ito/store"
)

// After a signal a command has patience to end by itself, which it does wherever its context is looked at: after a
// step, a row, a block of a sum. What cannot be interrupted, such as the eigenvalues of a matrix of thousands of
// columns, is left where it is: files are replaced whole or not at all, and what is appended to is read up to its
// last whole record, so that the end of the process costs what a kill costs, the work since the last checkpoint.
// A file that is being written is finished first, if that is done in writing.
const (
	patience = 700 * time.Millisecond
	writing  = 200 * time.Millisecond
)

// overdue ends the process when a signal has come and patience has passed, unless ended is called or the command
// takes its time, as a server does that lets its requests end.
func (a *app) overdue(ctx context.Context) (ended func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		select {
		case <-done:
			return
		case <-time.After(patience):
		}
		var s *signalled
		if !errors.As(context.Cause(ctx), &s) || a.drains.Load() {
			return
		}
		store.Hold(writing)
		fmt.Fprintln(os.Stderr, "ito: "+printable((&stopped{s, a.told()}).Error()))
		os.Exit(exitSignal + int(s.signal))
	}()
	return func() { close(done) }
}

// goesOn describes what a person is told to do after a signal, as far as there is something to go on from.
func (a *app) goesOn(hint func() string) { a.hint.Store(&hint) }

// told is the hint for a command that a signal has ended.
func (a *app) told() string {
	if f := a.hint.Load(); f != nil {
		return (*f)()
	}
	return ""
}
