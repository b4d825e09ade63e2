package main

import (
	"runtime/debug"
	"strconv"
	"time"
)

// version is the version of the module that was built, as the Go toolchain records it: a release, a
// pseudo-version of the commit, or devel where it was built without a repository (go run).
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
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
