package path

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// The schedules of jump paths: α(t) is the probability that a token has not yet been replaced.
const (
	LinearJump = "linear" // α = 1−t
	CosineJump = "cosine" // α = cos(πt/2)
)

// JumpConfig is the configuration of a jump path that replaces tokens.
type JumpConfig struct {
	// V, the number of levels of the data
	Levels int `json:"levels" min:"2" max:"1048576" help:"Number of different tokens of the data."`
	// "" means linear
	Schedule string `json:"schedule" default:"linear" enum:"linear,cosine" help:"How the probability that a token is kept falls: ${enum}."`
}

func (c JumpConfig) filled(where string) (JumpConfig, error) {
	if c.Schedule == "" {
		c.Schedule = LinearJump
	}
	if c.Levels < 2 || c.Levels > 1<<20 {
		return c, &ito.InputError{Where: where, What: fmt.Sprintf("levels=%d", c.Levels),
			Do: "give the number of different tokens of the data, at least 2"}
	}
	if c.Schedule != LinearJump && c.Schedule != CosineJump {
		return c, unknown(where, "schedule", c.Schedule, []string{LinearJump, CosineJump})
	}
	return c, nil
}

// keep returns α(t) and its derivative.
func (c JumpConfig) keep(t float64) (α, dα float64) {
	t = math.Min(math.Max(t, 0), 1)
	if c.Schedule == CosineJump {
		return math.Sin(math.Pi / 2 * (1 - t)), -math.Pi / 2 * math.Sin(math.Pi/2*t)
	}
	return 1 - t, -1
}

// kept is α(t)/α(s), 1 for s = t.
func (c JumpConfig) kept(s, t float64) float64 {
	a, _ := c.keep(s)
	b, _ := c.keep(t)
	if s == t || a == 0 {
		return 1
	}
	return b / a
}

// rate is −α̇/α, infinite at t = 1.
func (c JumpConfig) rate(t float64) float64 {
	α, dα := c.keep(t)
	return -dα / α
}

// bayes writes q(x_s | x_t, x_0) ∝ P(0,s)[x_0,·] P(s,t)[·,x_t] of any jump path.
func bayes(j ito.Jump, s, t float64, x0, xt int, p []float64) {
	k := j.Levels()
	first, second := make([]float64, k*k), make([]float64, k*k)
	j.Transition(0, s, first)
	j.Transition(s, t, second)
	sum := 0.0
	for i := range k {
		p[i] = float64(first[x0*k+i] * second[i*k+xt])
		sum += p[i]
	}
	for i := range p[:k] {
		if sum > 0 {
			p[i] /= sum
		}
	}
}

// replace draws x_t given x_0: a token is kept with probability α, and otherwise other(u), u uniform on (0,1).
func (c JumpConfig) replace(p ito.Path, dst, x0 ito.States, t ito.Times, n ito.Noise,
	other func(u float64) float64) error {
	if err := checkPerturb(p, dst, x0, t, dst.D); err != nil {
		return err
	}
	if err := checkTokens("path "+p.Name(), x0, c.Levels); err != nil {
		return err
	}
	n.Uniform(dst, rng.PurposePath, 0, 0)
	for i := range dst.N {
		α, _ := c.keep(t.At(i))
		row, from := dst.Row(i), x0.Row(i)
		for j, u := range row {
			if u < α {
				row[j] = from[j]
			} else {
				row[j] = other((u - α) / (1 - α))
			}
		}
	}
	return nil
}

// checkTokens reports a value that is no token of so many levels.
func checkTokens(where string, x ito.States, levels int) error {
	for i, v := range x.X {
		if !(v >= 0 && v < float64(levels)) || v != math.Trunc(v) {
			return &ito.InputError{Where: where, What: fmt.Sprintf("value %d of sample %d is %g, which is no token",
				i%x.D, x.ID[i/x.D], v),
				Do: fmt.Sprintf("give whole numbers from 0 to %d", levels-1)}
		}
	}
	return nil
}

// Replacing is a jump path that keeps a token with a probability and draws it anew otherwise, from the law π of its
// prior: P(s,t) = a I + (1−a) 1πᵀ with a = α(t)/α(s). What is summed over the levels of x_0 costs O(K) a token on it.
type Replacing interface {
	ito.Jump
	// Keep returns α(t) and its derivative.
	Keep(t float64) (α, dα float64)
}

// Mask is the level of a jump path that tokens of the data never have and that all of them end in, or −1 where
// there is none: nothing is known of a token at that level, and a token at another is x_0.
func Mask(p ito.Jump) int {
	r, ok := p.(Replacing)
	if !ok {
		return -1
	}
	π := make([]float64, r.Levels())
	r.Limit(π)
	for v := r.Data(); v < len(π); v++ {
		if π[v] == 1 {
			return v
		}
	}
	return -1
}

// Tokens reports the first value of x that is no level of x_t on p: *ito.InputError.
func Tokens(p ito.Jump, x ito.States) error { return checkTokens("path "+p.Name(), x, p.Levels()) }
