package store

import (
	"errors"

	"github.com/seed9a7962a8/ito"
)

// The reasons for which a file is refused; a *FormatError wraps one of them where it applies.
var (
	ErrNotSafetensors = errors.New("not a safetensors file")
	ErrTruncated      = errors.New("truncated file")
	ErrEdited         = errors.New("checksum mismatch")
	ErrNewer          = errors.New("newer format")
	ErrNotSealed      = errors.New("not a file of ito")
)

// FormatError is a file that cannot be read, with what to do about it. It matches ito.ErrInput and
// the reason that it wraps.
type FormatError struct {
	Path string // empty where the bytes did not come from a file
	What string // what is wrong, and where in the file
	Do   string // what to do; may be empty
	Err  error  // the reason; may be nil
}

func (e *FormatError) Error() string {
	s := e.What
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	if e.Do != "" {
		s += "; " + e.Do
	}
	return s
}

// Is makes every FormatError bad input.
func (e *FormatError) Is(target error) bool { return target == ito.ErrInput }

// Unwrap returns the reason.
func (e *FormatError) Unwrap() error { return e.Err }

// inFile names the file in a FormatError that does not name one yet.
func inFile(err error, path string) error {
	var f *FormatError
	if errors.As(err, &f) && f.Path == "" {
		named := *f
		named.Path = path
		return &named
	}
	return err
}
