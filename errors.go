package ito

import (
	"errors"
	"fmt"
)

// ErrInput marks bad usage or bad input: the program exits with 2.
var ErrInput = errors.New("bad input")

// InputError is bad usage or input with what to do about it. It matches ErrInput.
type InputError struct {
	Where string // file, line and column, flag or field; may be empty
	What  string // what is wrong
	Do    string // what to do; may be empty
}

func (e *InputError) Error() string {
	s := e.What
	if e.Where != "" {
		s = e.Where + ": " + s
	}
	if e.Do != "" {
		s += "; " + e.Do
	}
	return s
}

func (e *InputError) Is(target error) bool { return target == ErrInput }

// NonFiniteError is a NaN or an infinity where a number must be.
type NonFiniteError struct {
	What   string // what was being computed: "sample", "loss", …
	Step   int
	Sample uint64
	T      float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("%s is not finite at step %d, sample %d, t=%g", e.What, e.Step, e.Sample, e.T)
}

// UnsupportedError is a combination of parts that cannot work, with the nearest that does. It matches ErrInput.
type UnsupportedError struct {
	What    string
	Why     string
	Nearest string
}

func (e *UnsupportedError) Error() string {
	s := e.What + " is not possible: " + e.Why
	if e.Nearest != "" {
		s += "; the nearest that works is " + e.Nearest
	}
	return s
}

func (e *UnsupportedError) Is(target error) bool { return target == ErrInput }
