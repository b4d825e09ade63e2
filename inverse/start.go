package inverse

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// SharedStart is noise under which every row starts at one place: the one that the prior's draw of id Candidate starts
// at, or with Zero its middle. What is drawn later is as in Noise.
type SharedStart struct {
	ito.Noise
	Candidate uint64
	Zero      bool
}

// Normal implements ito.Noise.
func (s SharedStart) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	switch {
	case p != rng.PurposePrior:
		s.Noise.Normal(dst, p, step, sub)
	case s.Zero:
		clear(dst.X)
	default:
		same := dst
		same.ID = make([]uint64, dst.N)
		for i := range same.ID {
			same.ID[i] = s.Candidate
		}
		s.Noise.Normal(same, p, step, sub)
	}
}

// Deterministic reports that what a method makes of a measurement is a function of where it starts.
func Deterministic(m Method) bool {
	switch m := m.(type) {
	case Moments:
		return true
	case PiGDM:
		return m.Eta == 0
	case DiffPIR:
		return m.Zeta == 0
	}
	return false
}

// FoundStart is what FindStart finds.
type FoundStart struct {
	Candidate uint64    // of SharedStart
	Losses    []float64 // [candidates], the mean of each over the rows
	Evals     int       // network calls for each row, in all
}

// FindStart finds an optimal boundary condition: of so many starts the one from which a deterministic method does best
// on rows with known results, to be used for others afterwards,
//
//	x̃_T = argmin_m (1/R) Σ_i loss(i, h(x_T^m, y_i)),
//
// candidates being the prior's draws of ids 0, 1, … of o.Noise. loss compares the result of row i with what is known.
// Of equals the first wins. It costs a restoration of the R rows for each candidate. For data that are Gaussian the
// middle of the prior, [SharedStart] with Zero, is the best start under the squared error, and no draw beats it.
// Source: Ma et al. 2024, arXiv:2305.15357, section 3.3.
func FindStart(ctx context.Context, p Measured, m Method, d, candidates int, loss func(i int, x []float64) float64,
	o RestoreOptions) (FoundStart, error) {
	var found FoundStart
	switch {
	case !Deterministic(m):
		return found, &ito.UnsupportedError{What: "an optimal start for method " + MethodWord(m),
			Why: "it draws noise on the way", Nearest: "method pigdm:eta=0, moments or diffpir:zeta=0"}
	case candidates < 1 || p.Y.N < 1 || loss == nil:
		return found, &ito.InputError{Where: "optimal start", What: fmt.Sprintf("%d candidates for %d known results",
			candidates, p.Y.N), Do: "give at least one of both"}
	}
	if o.Noise == nil {
		o.Noise = ito.Seed(0)
	}
	base, best := o.Noise, math.Inf(1)
	for k := range candidates {
		x := ito.NewStates(p.Y.N, d, 0)
		o.Noise = SharedStart{Noise: base, Candidate: uint64(k)}
		info, err := Restore(ctx, p, m, x, o)
		if err != nil {
			return found, err
		}
		found.Evals += info.Evals
		sum := 0.
		for i := range x.N {
			sum += loss(i, x.Row(i)) / float64(x.N)
		}
		found.Losses = append(found.Losses, sum)
		if sum < best {
			best, found.Candidate = sum, uint64(k)
		}
	}
	if math.IsInf(best, 1) {
		return found, &ito.InputError{Where: "optimal start", What: "no candidate has a loss that is a number"}
	}
	return found, nil
}
