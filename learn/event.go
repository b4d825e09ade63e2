package learn

import "time"

// TrainEvent is one report of a running training: enough for a bar, a log line or a curve.
type TrainEvent struct {
	Name  string // whose training, set by whoever runs several at a time; may be empty
	Phase string // "stage" while the path is learnt, "train" otherwise

	Stage, Stages int       // 1 to Stages while the path is learnt; 0 otherwise
	Step, Steps   int       // training steps done, of all
	Loss          float64   // mean since the last event
	Modes         []float64 // eigenvalues of A in increasing order after the last update of the path; nil: not learnt
	Elapsed       time.Duration
}
