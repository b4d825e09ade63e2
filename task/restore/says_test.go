package restore

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/inverse"
)

// The last line tells what the draws are, and what is wrong with them.
func TestSays(t *testing.T) {
	for _, c := range []struct {
		r           Report
		says, never string
	}{
		{Report{Method: "mcg", Is: inverse.Posterior, Particles: 32, Measured: 10}, "from the posterior", "may be few"},
		{Report{Method: "mcg", Is: inverse.Posterior, Particles: 32, Measured: 400}, "32 particles may be few for 400", "point"},
		{Report{Method: "dps", Is: inverse.Approximate, Noise: .1, Residual: .14}, "too wide or too narrow", "do not fit"},
		{Report{Method: "dps", Is: inverse.Approximate, Noise: .1, Residual: .3}, "3.0 times the noise", "posterior draws"},
		{Report{Method: "reddiff", Is: inverse.Point}, "a point estimate, not a posterior", "approximate"},
		{Report{Method: "ddrm", Is: inverse.Approximate, Noise: 0, Residual: .3}, "approximate", "times the noise"},
	} {
		if s := says(&c.r); !strings.Contains(s, c.says) || strings.Contains(s, c.never) {
			t.Errorf("%+v: %s", c.r, s)
		}
	}
}
