package approx

import (
	"context"

	"github.com/seed9a7962a8/ito/infer"
)

// Fitted draws from a normal that was fitted first, by [infer.FullRank] or [infer.MeanField], and weights or resamples
// its draws.
type Fitted struct {
	Outcome
	// Law is the normal, asked for when the fit has ended.
	Law func() *Normal
}

// Name implements infer.Kernel.
func (Fitted) Name() string { return "advi" }

// Slots implements infer.Kernel.
func (k Fitted) Slots() int { return k.slots() }

// Finished implements infer.Ender.
func (k Fitted) Finished(s *infer.State) bool { return settled(s) }

// Validate implements infer.Validator.
func (k Fitted) Validate(d int) error { return k.validate("advi", d) }

// Warnings implements infer.Warner.
func (k Fitted) Warnings(s *infer.State) []string { return warnings(s, "advi", k.Plain) }

// Init implements infer.Kernel.
func (k Fitted) Init(_ context.Context, _ infer.SeededTarget, s *infer.State) error {
	k.init(s)
	return nil
}

// Step implements infer.Kernel.
func (k Fitted) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, _ *infer.Info) error {
	law := k.Law()
	for g := range s.Groups {
		if s.Var("settled")[g] == 0 {
			if err := k.settle(ctx, p, s, g, []*Normal{law}); err != nil {
				return err
			}
		}
	}
	return nil
}
