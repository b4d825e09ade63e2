package solve

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// hidden is a jump path that does not say that it replaces tokens.
type hidden struct{ ito.Jump }

// What is summed over levels for a path that replaces tokens is what its matrices give, for both rules, within
// rounding; a token that is no mask stays, where there is one.
func TestReplacingIsTheMatrices(t *testing.T) {
	draws := rng.NewKey(3, rng.PurposeUser, 0, 0)
	for _, word := range []string{"absorbing:levels=4", "absorbing:levels=3,schedule=cosine", "uniform:levels=4",
		"uniform:levels=3,schedule=cosine"} {
		p, err := path.Parse(word)
		if err != nil {
			t.Fatal(err)
		}
		j := p.(ito.Jump)
		for _, c := range [][2]float64{{0, .2}, {.3, .35}, {.5, 1}, {.9, .95}, {0, 1}, {.4, .4}} {
			fast, slow := posteriorLaw(j, c[0], c[1]), posteriorLaw(hidden{j}, c[0], c[1])
			leapFast, leapSlow := leapLaw(j, c[0], c[1]), leapLaw(hidden{j}, c[0], c[1])
			for b := range j.Levels() {
				prob, k := make([]float64, j.Data()), float64(0)
				draws.Uniforms64(prob, len(prob), []uint64{uint64(b)})
				for _, w := range prob {
					k += w
				}
				for v := range prob {
					prob[v] /= k
				}
				if m := path.Mask(j); m >= 0 && b != m {
					if a, ok := fast.draw(prob, make([]float64, j.Levels()), b, .7); !ok || a != b {
						t.Errorf("%s: a token %d that is known became %d", word, b, a)
					}
					continue
				}
				for name, l := range map[string][2]*jumpLaw{"posterior": {fast, slow}, "leap": {leapFast, leapSlow}} {
					got, want := make([]float64, j.Levels()), make([]float64, j.Levels())
					l[0].weights(prob, got, b)
					l[1].weights(prob, want, b)
					for a := range want {
						if name == "leap" && a == b {
							continue // no jump
						}
						if math.Abs(got[a]-want[a]) > 1e-12*(1+want[a]) {
							t.Errorf("%s, %s from %g to %g: %d to %d has %g, by matrices %g", word, name, c[1], c[0],
								b, a,
								got[a], want[a])
						}
					}
				}
			}
		}
	}
}
