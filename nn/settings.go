package nn

import (
	"fmt"
	"math"
)

// he is the initial law of the weight of a Linear that reads n numbers; see [Scope.Linear].
func he(n int) Init { return Init{Bound: math.Sqrt(6 / float64(n))} }

// within reports a setting outside of its bounds.
func within(field string, v, least, most int) error {
	if v < least || v > most {
		return &ConfigError{field, fmt.Sprintf("%d is not between %d and %d", v, least, most)}
	}
	return nil
}

func evenWithin(field string, v int) error {
	if v%2 != 0 {
		return &ConfigError{field, fmt.Sprintf("%d is odd, and every frequency has a sine and a cosine; give an even "+
			"number", v)}
	}
	return within(field, v, 2, 1<<16)
}

// divides reports a number of parts that does not divide what it divides.
func divides(field string, parts int, what string, of int) error {
	if parts < 1 || of%parts != 0 {
		return &ConfigError{field, fmt.Sprintf("%d do not divide %d %s; give a divisor", parts, of, what)}
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// shareWithin reports a share that is not 0 or more and less than 1.
func shareWithin(field string, v float64) error {
	if !(v >= 0 && v < 1) {
		return &ConfigError{field, fmt.Sprintf("%g is not 0 or more, and less than 1", v)}
	}
	return nil
}
