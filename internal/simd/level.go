package simd

import (
	"fmt"
	"os"
)

// lvl orders the instruction sets; a higher one includes the lower.
type lvl uint8

const (
	portable lvl = iota // Go code
	avx2                // AVX2 and FMA
	avx512              // AVX-512 F, BW, DQ and VL, and BMI2
)

var lvlNames = [...]string{portable: "portable", avx2: "avx2", avx512: "avx512"}

func (l lvl) String() string { return lvlNames[l] }

// level is read by every routine. It is written while the package is initialised only (and by tests).
var level, levelErr = chooseLevel(os.Getenv("ITO_SIMD"), detect())

// UnavailableError reports a value of ITO_SIMD that could not be obeyed.
type UnavailableError struct {
	Asked string // the value of ITO_SIMD
	Got   string // the level in use instead
	Known bool   // whether Asked names a level at all (then the processor lacks it)
}

func (e *UnavailableError) Error() string {
	if e.Known {
		return fmt.Sprintf("simd: this processor lacks %s: using %s", e.Asked, e.Got)
	}
	return fmt.Sprintf("simd: unknown level %q (want portable, avx2 or avx512): using %s", e.Asked, e.Got)
}

// Level names the instruction set in use: "portable", "avx2" or "avx512".
func Level() string { return level.String() }

// LevelError returns a *[UnavailableError] when ITO_SIMD named a level that is unknown or that the processor lacks,
// nil otherwise. The best level that the processor has is then in use.
func LevelError() error {
	if levelErr == nil {
		return nil
	}
	return levelErr
}

// chooseLevel returns the level that asked names, or the best one with an error when it cannot be had.
// An empty name asks for the best.
func chooseLevel(asked string, best lvl) (lvl, *UnavailableError) {
	if asked == "" {
		return best, nil
	}
	for l, name := range lvlNames {
		if asked != name {
			continue
		}
		if lvl(l) > best {
			return best, &UnavailableError{Asked: asked, Got: best.String(), Known: true}
		}
		return lvl(l), nil
	}
	return best, &UnavailableError{Asked: asked, Got: best.String()}
}
