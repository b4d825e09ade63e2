package field

import (
	"context"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// A network that skips the conditions which are absent says what it says of zeros, bit for bit.
func TestAbsentConditionsAreZeros(t *testing.T) {
	const n, d, c = 70, 9, 300
	for name, net := range map[string]nn.Network{
		"dense": nn.MLP{Width: 24, Depth: 2}, "residual": nn.MLP{Width: 24, Depth: 2, Residual: true}} {
		w := network(t, net, nn.Flat(d, d, c))
		if !w.Absent() {
			t.Fatalf("%s does not skip them", name)
		}
		for i := range w.Params { // biases too
			w.Params[i] += .01
		}
		f, err := NewScaled(path.EDM{SigmaMin: .002, SigmaMax: 80}, w, ito.StandardNormal(d), ito.PredX0)
		if err != nil {
			t.Fatal(err)
		}
		x := ito.NewStates(n, d, 5)
		ito.Seed(4).Normal(x, 1, 0, 0)
		without, with, other := x.Like(d), x.Like(d), x.Like(d)
		zeros := ito.Cond{C: c, X: make([]float64, n*c)}
		for k, cond := range []ito.Cond{{}, zeros, {C: c, X: append(make([]float64, n*c-1), 1)}} {
			to := []ito.States{without, with, other}[k]
			if err := f.Predict(context.Background(), to, x, ito.Times{2}, cond); err != nil {
				t.Fatal(err)
			}
		}
		differ := false
		for i, v := range without.X {
			if v != with.X[i] {
				t.Fatalf("%s: value %d is %g, and with zeros %g", name, i, v, with.X[i])
			}
			differ = differ || v != other.X[i]
		}
		if !differ {
			t.Errorf("%s: a condition changes nothing", name)
		}
	}
}
