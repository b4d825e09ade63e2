package solve

import (
	"fmt"
	"math"
	"strconv"
)

// defaultLowerFinal is below how many steps runs end with lower orders where nothing is said: as in released code.
const defaultLowerFinal = 15

// LowerFinal says how many steps a run has more than, or it ends with lower orders: a negative one never does. Its
// word is the number, 0 for never, or always.
type LowerFinal int

// MarshalText implements encoding.TextMarshaler.
func (n LowerFinal) MarshalText() ([]byte, error) {
	if n >= always {
		return []byte("always"), nil
	}
	return strconv.AppendInt(nil, int64(max(n, 0)), 10), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *LowerFinal) UnmarshalText(text []byte) error {
	if string(text) == "always" {
		*n = always
		return nil
	}
	v, err := strconv.Atoi(string(text))
	if err != nil || v < 0 || v >= int(always) {
		return fmt.Errorf("%q is no number of steps", text)
	}
	if *n = LowerFinal(v); v == 0 {
		*n = -1
	}
	return nil
}

// MarshalJSON implements json.Marshaler: in files it is the number itself, of which 0 and a negative one are two
// things.
func (n LowerFinal) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (n *LowerFinal) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return fmt.Errorf("%s is no number of steps", text)
	}
	*n = LowerFinal(v)
	return nil
}

// Takes is what its word may be.
func (LowerFinal) Takes() string { return "0…, always" }

const always LowerFinal = math.MaxInt32

// Lowers reports whether a run of this many steps lowers its order at the end: 0 means fewer than 15 steps, a positive
// number fewer than that, a negative one never.
func (n LowerFinal) Lowers(steps int) bool {
	if n == 0 {
		n = defaultLowerFinal
	}
	return steps < int(n)
}
