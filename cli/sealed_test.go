package cli

import (
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cutFile leaves the first bytes of a file.
func cutFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// there waits for a file, a minute at most.
func there(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: there FILE")
	}
	for began := time.Now(); !fileThere(ts.MkAbs(args[0])); time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			ts.Fatalf("%s did not appear", args[0])
		}
	}
}
