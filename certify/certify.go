package certify

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Classifier gives every row of x a class, from 0.
type Classifier func(ctx context.Context, class []int, x ito.States) error

// Smoothing is the smoothed classifier g(x) = argmax_c P(f(x+σε) = c), ε ~ N(0,I), and how it is certified. Every zero
// value is its default but Sigma.
type Smoothing struct {
	Classes int
	Sigma   float64 // > 0
	Select  int     // noisy copies that choose the class; 0: 100
	N       int     // noisy copies that count it; 0: 10000
	Alpha   float64 // probability that a certificate is wrong; 0: .001
	Seed    uint64
	Chunk   int // copies classified at a time; 0: 1000. It changes no byte
}

// Abstained is the class of an input for which nothing is certified.
const Abstained = -1

// Certificate is what is certified of one input: with probability at least 1−α, g has this class everywhere within
// Radius of the input.
type Certificate struct {
	Class  int     // [Abstained] where the lower bound is not above ½
	Radius float64 // σ Φ⁻¹(Lower), in units of the rows; 0 where nothing is certified
	Counts int     // of N copies that had the class
	Lower  float64 // bound of the class's probability
}

func (s Smoothing) filled() (Smoothing, error) {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&s.Select, 100)
	def(&s.N, 10000)
	def(&s.Chunk, 1000)
	if s.Alpha == 0 {
		s.Alpha = .001
	}
	if s.Classes < 2 || !(s.Sigma > 0) || math.IsInf(s.Sigma, 0) || s.Select < 1 || s.N < 1 || s.Chunk < 1 ||
		!(s.Alpha > 0 && s.Alpha < 1) {
		return s, &ito.InputError{Where: "certification", What: fmt.Sprintf("%d classes, σ = %g, %d and %d copies, "+
			"α = %g", s.Classes, s.Sigma, s.Select, s.N, s.Alpha),
			Do: "give two classes or more, σ above 0 and α between 0 and 1"}
	}
	return s, nil
}

// Lower is the bound of Clopper and Pearson: the p for which at least k of n successes have probability α. It is below
// the true probability with probability at least 1−α; 0 of k = 0.
func Lower(k, n int, alpha float64) float64 {
	switch {
	case k <= 0:
		return 0
	case k >= n:
		return math.Pow(alpha, 1/float64(n))
	}
	return mathext.InvRegIncBeta(float64(k), float64(n-k+1), alpha)
}

// Radius is σ Φ⁻¹(p), 0 where p is not above ½.
func Radius(sigma, p float64) float64 {
	if !(p > .5) {
		return 0
	}
	return sigma * mathext.NormalQuantile(p)
}

// Certify certifies every row of x. The noise of a row has the address of its id, so its certificate does not depend on
// the other rows; the copies that choose the class are others than those that count it.
func (s Smoothing) Certify(ctx context.Context, f Classifier, x ito.States) ([]Certificate, error) {
	s, err := s.filled()
	if err != nil {
		return nil, err
	}
	out := make([]Certificate, x.N)
	for i := range x.N {
		first, err := s.count(ctx, f, x.Slice(i, i+1), 0, s.Select)
		if err != nil {
			return nil, err
		}
		class := 0
		for c, n := range first {
			if n > first[class] {
				class = c
			}
		}
		counts, err := s.count(ctx, f, x.Slice(i, i+1), uint32(s.Select), s.N)
		if err != nil {
			return nil, err
		}
		c := Certificate{Class: class, Counts: counts[class], Lower: Lower(counts[class], s.N, s.Alpha)}
		if c.Radius = Radius(s.Sigma, c.Lower); c.Radius == 0 {
			c.Class = Abstained
		}
		out[i] = c
	}
	return out, nil
}

// count classifies n noisy copies of one row, those from a place on, and counts the classes.
func (s Smoothing) count(ctx context.Context, f Classifier, x ito.States, from uint32, n int) ([]int, error) {
	counts := make([]int, s.Classes)
	for at := 0; at < n; at += s.Chunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := min(s.Chunk, n-at)
		y, z, class := ito.NewStates(m, x.D, 0), ito.NewStates(1, x.D, 0), make([]int, m)
		z.ID[0] = x.ID[0]
		for j := range m {
			ito.Seed(s.Seed).Normal(z, rng.PurposePath, from+uint32(at+j), 0)
			row := y.Row(j)
			for k, v := range x.Row(0) {
				row[k] = v + float64(s.Sigma*z.X[k])
			}
		}
		if err := f(ctx, class, y); err != nil {
			return nil, err
		}
		for _, c := range class {
			if c < 0 || c >= s.Classes {
				return nil, &ito.InputError{Where: "certification",
					What: fmt.Sprintf("the classifier says class %d of %d", c, s.Classes)}
			}
			counts[c]++
		}
	}
	return counts, nil
}

// Accuracy is the part of the inputs whose certified class is the true one at this radius: the certified accuracy.
func Accuracy(c []Certificate, truth []int, radius float64) float64 {
	n := 0
	for i, k := range c {
		if k.Class == truth[i] && k.Radius >= radius {
			n++
		}
	}
	return float64(n) / float64(len(c))
}
