//go:build !unix

package bench

import "time"

// processorTime is the time of the clock where nothing better is known.
func processorTime() time.Duration { return time.Since(start) }

var start = time.Now()
