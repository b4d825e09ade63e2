package recipe

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
)

// SampleReport says what a sampling did.
type SampleReport struct {
	N       int     `json:"n"`
	Solver  string  `json:"solver"`
	Steps   int     `json:"steps"` // of the grid
	NFE     int     `json:"nfe"`   // network calls of the sample that had most
	Seconds float64 `json:"seconds"`

	// of the stored schedule, its solver and grid in words; "": none was used
	Schedule string `json:"schedule,omitempty"`
	// Broken counts the samples that break each constraint of a table with types.
	Broken []encode.Broken `json:"constraints,omitempty"`
}

// Sample draws cfg.N samples and gives them to sink in order, in constant memory. Their bytes do not
// depend on the chunks, the workers, N or First: to continue an interrupted file call it with First and N
// moved on. An error of sink ends it and is returned. It refuses, before drawing, whatever of cfg does not
// fit the model (*ito.InputError, *ito.UnsupportedError).
func Sample(ctx context.Context, m *ito.Model, cfg SampleConfig, run RunOptions, sink Sink) (SampleReport, error) {
	began := run.Clock()
	s, err := newSampler(m, cfg)
	if err != nil {
		return SampleReport{}, err
	}
	err = s.chunks(ctx, run, sink)
	r := s.report
	r.Seconds = run.Clock().Sub(began).Seconds()
	return r, err
}

// CheckSample reports what [Sample] would refuse before it draws.
func CheckSample(m *ito.Model, cfg SampleConfig) error {
	_, err := newSampler(m, cfg)
	return err
}

// defaultNFE is the number of calls that a sample gets when nothing is said.
const defaultNFE = 50

// Collect draws the samples of [Sample] into memory.
func Collect(ctx context.Context, m *ito.Model, cfg SampleConfig, run RunOptions) (ito.States, error) {
	var out ito.States
	_, err := Sample(ctx, m, cfg, run, func(x ito.States) error {
		out.X, out.ID, out.D = append(out.X, x.X...), append(out.ID, x.ID...), x.D
		out.N += x.N
		return nil
	})
	return out, err
}
