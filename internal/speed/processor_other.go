//go:build !unix

package speed

import "os/exec"

// processorSeconds is not known here: turns are timed by the clock on the wall.
func processorSeconds() float64 { return 0 }

// usedBy is the time that a process which has ended used.
func usedBy(c *exec.Cmd) float64 {
	return (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
}
