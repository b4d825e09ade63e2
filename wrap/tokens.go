package wrap

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Tokens is the wrapping of a network that reads tokens and writes logits: it reads the levels of x_t as they are and
// the time feature 10 (t−lo)/(hi−lo), and writes V logits for each of D tokens. Levels v of x_0 from which the token
// of x_t cannot come, P(0,t)[v,x_t] = 0, have the logit −∞: on an absorbing path a token that is no mask is known.
//
// A Tokens is immutable and safe for concurrent use.
type Tokens struct {
	path ito.Jump
	d    int
	mask int // see [path.Mask]
}

// tokenClock is the time feature at the drawn end.
const tokenClock = 10

// NewTokens is for a network on d tokens.
func NewTokens(p ito.Jump, d int) (*Tokens, error) {
	if pd := p.Dim(); d < 1 || pd != 0 && pd != d {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("it reads %d tokens, path %s has %d", d,
			p.Name(), pd)}
	}
	return &Tokens{p, d, path.Mask(p)}, nil
}

// Kind implements Wrapping.
func (*Tokens) Kind() string { return "tokens" }

// Path implements Wrapping.
func (c *Tokens) Path() ito.Path { return c.path }

// Moments implements Wrapping: there are none.
func (*Tokens) Moments() ito.Gaussian { return ito.Gaussian{} }

// Sizes implements Wrapping.
func (c *Tokens) Sizes() Sizes { return Sizes{c.d, c.d, c.d * c.path.Data()} }

// OutDim implements Wrapping.
func (c *Tokens) OutDim(ito.Prediction) int { return c.d * c.path.Data() }

// Check implements Wrapping: a network of tokens predicts logits.
func (c *Tokens) Check(kind ito.Prediction) error {
	if kind == ito.PredLogits {
		return nil
	}
	return &ito.UnsupportedError{What: kind.String() + " of a network of tokens", Why: "tokens are drawn from logits",
		Nearest: ito.PredLogits.String()}
}

// Feature is the time feature at t.
func (c *Tokens) Feature(t float64) float64 {
	lo, hi := c.path.Span()
	return tokenClock * (t - lo) / (hi - lo)
}

// Rows implements Wrapping. Tokens have no derivatives: the rows are neither a Tracer nor a Pusher.
func (c *Tokens) Rows(ito.Prediction) Rows { return &tokenRows{Tokens: c} }

type tokenRows struct {
	*Tokens
	x ito.States
	t ito.Times
	p []float64 // [K,K] P(0,t)
	π []float64 // [K] of a path that replaces

	anything bool // every level of x_0 is possible
}

// Enter implements Rows.
func (s *tokenRows) Enter(in, feature []float64, x ito.States, t ito.Times, _ ito.Cond) error {
	if err := path.Tokens(s.path, x); err != nil {
		return err
	}
	copy(in, x.X)
	for i := range x.N {
		feature[i] = s.Feature(t.At(i))
	}
	s.x, s.t = x, t
	return nil
}

// Leave implements Rows.
func (s *tokenRows) Leave(dst ito.States, out []float64) {
	copy(dst.X, out)
	v := s.path.Data()
	if s.mask >= 0 {
		for i, b := range s.x.X {
			if int(b) < v {
				known(dst.X[i*v:(i+1)*v], int(b))
			}
		}
		return
	}
	at := math.NaN()
	for i := range s.x.N {
		if now := s.t.At(i); now != at {
			at = now
			s.set(at)
		}
		if s.anything {
			continue
		}
		k := s.path.Levels()
		for j, b := range s.x.Row(i) {
			for u := range v {
				if s.p[u*k+int(b)] == 0 {
					dst.Row(i)[j*v+u] = math.Inf(-1)
				}
			}
		}
	}
}

// known leaves one level.
func known(logits []float64, b int) {
	for u := range logits {
		if u != b {
			logits[u] = math.Inf(-1)
		}
	}
}

// set finds out what is possible at t.
func (s *tokenRows) set(t float64) {
	k := s.path.Levels()
	if r, ok := s.path.(path.Replacing); ok {
		if s.π == nil {
			s.π = make([]float64, k)
			r.Limit(s.π)
		}
		if α, _ := r.Keep(t); α < 1 && !slices.Contains(s.π, 0) {
			s.anything = true
			return
		}
	}
	lo, _ := s.path.Span()
	s.p, s.anything = resize(s.p, k*k), false
	s.path.Transition(lo, t, s.p)
}

// PullOut implements Rows: there are no cotangents.
func (*tokenRows) PullOut(dout []float64, _ ito.States) { clear(dout) }

// PullIn implements Rows.
func (*tokenRows) PullIn(dx ito.States, _ []float64) { clear(dx.X) }
