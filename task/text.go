package task

import (
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Unit is what a file is cut into as text, "" where it is none: see [ito.Vocabulary]. auto is text where the name ends
// in .txt or .txt.gz.
func Unit(name, unit string) string {
	switch {
	case unit != "auto" && unit != "":
		return unit
	case strings.HasSuffix(strings.ToLower(strings.TrimSuffix(name, ".gz")), ".txt"):
		return ito.Characters
	}
	return ""
}
