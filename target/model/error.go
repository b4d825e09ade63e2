package model

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Error is a mistake in a model file or in data that do not fit it. Line and Col count from 1; they are 0
// where the mistake has no place of its own.
type Error struct {
	File      string
	Line, Col int
	Msg       string
	NoData    bool     // the file asks for data and was given none
	Printed   []string // what the file had printed before
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg)
}

// Is matches ito.ErrInput.
func (e *Error) Is(target error) bool { return target == ito.ErrInput }

// raised carries an error out of the methods of starlark.Value that cannot return one.
type raised struct{ err error }

func raise(format string, args ...any) { panic(raised{fmt.Errorf(format, args...)}) }

// place turns what Starlark returns into an *Error with the innermost position inside the file.
func place(file string, err error) *Error {
	var (
		se syntax.Error
		re resolve.ErrorList
		ee *starlark.EvalError
	)
	switch {
	case errors.As(err, &se):
		return &Error{File: file, Line: int(se.Pos.Line), Col: int(se.Pos.Col), Msg: inWords(se.Msg)}
	case errors.As(err, &re) && len(re) > 0:
		return &Error{File: file, Line: int(re[0].Pos.Line), Col: int(re[0].Pos.Col), Msg: inWords(re[0].Msg)}
	case errors.As(err, &ee):
		for { // the error of a function that a loop traces is within that of the loop
			var in *starlark.EvalError
			if !errors.As(ee.Unwrap(), &in) {
				break
			}
			ee = in
		}
		e := at(file, ee.CallStack, ee.Msg)
		e.NoData = errors.Is(err, errNoData)
		return e
	}
	return &Error{File: file, Msg: err.Error()}
}

// inWords says what to write for what Python has and Starlark has not, and which word was probably meant.
func inWords(msg string) string {
	name, unknown := strings.CutPrefix(msg, "undefined: ")
	switch {
	case strings.Contains(msg, "got '**'"):
		return "Starlark has no **: write pow(a, b)"
	case strings.Contains(msg, "unexpected input character '@'"):
		return "Starlark has no @: write matmul(a, b)"
	case strings.Contains(msg, "does not support while loops"):
		return "Starlark has no while: write for i in range(n)"
	case unknown && !strings.Contains(name, "did you mean"):
		if near := suggest.Nearest(name, words()); near != "" {
			return fmt.Sprintf("%s; did you mean %s?", msg, near)
		}
	}
	return msg
}

// words are what a file may name.
func words() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(predeclared(&tracer{}, nil))), func(w string) bool {
		return strings.HasPrefix(w, "__")
	})
}

func at(file string, stack starlark.CallStack, msg string) *Error {
	msg = strings.Replace(msg, "Starlark computation cancelled: too many steps",
		"the model runs longer than its limit of steps: an endless loop?", 1)
	for i := len(stack) - 1; i >= 0; i-- {
		if p := stack[i].Pos; p.Filename() == file && p.Line > 0 {
			return &Error{File: file, Line: int(p.Line), Col: int(p.Col), Msg: msg}
		}
	}
	return &Error{File: file, Msg: msg}
}
