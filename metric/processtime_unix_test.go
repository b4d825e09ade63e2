//go:build unix

package metric

import (
	"syscall"
	"time"
)

// processTime is the time that the tests have had of the processors: other work of the machine does not count.
func processTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
