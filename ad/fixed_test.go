package ad

import (
	"context"
	"slices"
	"testing"
)

// Matrices that stay packed give the bits of those that are packed anew, whatever ran in between.
func TestFixed(t *testing.T) {
	p := mlp(t, F32, 96)
	want, other := mlpCall(p, 33), mlpCall(p, 33)
	for _, a := range other.In {
		for i := range a.F32 {
			a.F32[i] *= 1.5
		}
	}
	run := func(c Call, fixed bool) []float32 {
		t.Helper()
		c.Fixed = fixed
		if err := p.Run(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		var all []float32
		for _, o := range c.Out {
			all = append(all, o.F32...)
		}
		return all
	}
	plain, plainOther := run(want, false), run(other, false)
	for i, c := range []struct {
		other, fixed bool
	}{{false, true}, {false, true}, {true, true}, {true, true}, {false, true}, {true, false}, {false, true},
		{false, false}} {
		call, bits := want, plain
		if c.other {
			call, bits = other, plainOther
		}
		if !slices.Equal(run(call, c.fixed), bits) {
			t.Errorf("run %d (%+v) has other bits", i, c)
		}
	}
	// What the promise is for: a matrix that is changed against it is not looked at again. (w1 alone is: the
	// gradients read it otherwise too, the loss only packed.)
	run(want, true)
	clear(want.In[4].F32)
	if loss := run(want, true)[0]; loss != plain[0] {
		t.Errorf("the loss is %g, it was %g: the matrix was packed again", loss, plain[0])
	}
	if loss := run(want, false)[0]; loss == plain[0] {
		t.Error("the matrix does not matter")
	}
	// A run that ends early has packed nothing for the next one.
	p = mlp(t, F32, 96)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := mlpCall(p, 33)
	c.Fixed = true
	if p.Run(ctx, c) == nil {
		t.Error("an ended context is no error")
	}
	if !slices.Equal(run(mlpCall(p, 33), true), plain) {
		t.Error("after a run that ended early there are other bits")
	}
}
