package task

import (
	"errors"
	"math"
	"os"
)

// RemoveIfThere removes a file; "" is none.
func RemoveIfThere(name string) error {
	if name == "" {
		return nil
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// OrNull is a number for JSON, which has neither NaN nor infinities: they are null.
func OrNull(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
