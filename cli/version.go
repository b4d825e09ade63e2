package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// module is the path of ito's own module.
const module = "github.com/seed9a7962a8/ito"

// version is the version of ito that was built, as the Go toolchain records it: a release, a pseudo-version of the
// commit, or devel where it was built without a repository (go run). In a program of another module it is that of
// the ito it requires.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	ito := &info.Main
	for _, m := range info.Deps {
		if m.Path == module {
			ito = m
		}
	}
	if ito.Replace != nil {
		ito = ito.Replace
	}
	if ito.Version == "" || ito.Version == "(devel)" {
		return "devel"
	}
	return ito.Version
}

// describedVersion is the version with what else tells one program from another: the commit where the toolchain
// recorded it, the toolchain, and the machine.
func describedVersion() string {
	words := []string{version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				words = append(words, fmt.Sprintf("%.12s", s.Value))
			}
		}
	}
	return strings.Join(append(words, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, simd.Level()), " ")
}

// clock is the clock for what is recorded. epoch, the seconds since 1970 of SOURCE_DATE_EPOCH
// (reproducible-builds.org), stops it, so that equal models are equal files.
func clock(epoch string) func() time.Time {
	if s, err := strconv.ParseInt(epoch, 10, 64); err == nil {
		t := time.Unix(s, 0).UTC()
		return func() time.Time { return t }
	}
	return time.Now
}
