package recipe

import "math"

// exponentialEnd is the factor that a learning rate has after n steps when it falls by .99 every 1000.
func exponentialEnd(n int) float64 { return math.Pow(.99, float64(n)/1000) }
