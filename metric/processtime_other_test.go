//go:build !unix

package metric

import "time"

var began = time.Now()

// processTime is the time of day, where the system does not say what the tests have had of the processors.
func processTime() time.Duration { return time.Since(began) }
