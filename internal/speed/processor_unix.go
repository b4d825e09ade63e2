//go:build unix

package speed

import (
	"os/exec"
	"syscall"
)

// processorSeconds is the time that all threads of this process have used.
func processorSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// usedBy is the time that a process which has ended used.
func usedBy(c *exec.Cmd) float64 {
	return (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
}
