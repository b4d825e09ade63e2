package recipe

import "testing"

// Steps go with the cube root of the cells of a table, within bounds; what is given stays, and rates are those of dense
// networks without privacy.
func TestSized(t *testing.T) {
	auto := DefaultTrain()
	if auto.Steps != 0 {
		t.Fatalf("by default %d steps are given", auto.Steps)
	}
	for _, c := range []struct{ rows, columns, steps, width int }{{0, 0, 20000, 0}, {712, 9, 5000, 256},
		{9600, 14, 8100, 256}, {100000, 20, 20000, 256}, {10000000, 3, 40000, 256}} {
		got := auto.Sized(c.rows, c.columns)
		if got.Steps != c.steps || got.Width != c.width {
			t.Errorf("%d rows of %d columns: %d steps, width %d", c.rows, c.columns, got.Steps, got.Width)
		}
		if again := got.Sized(5, 5); again.Steps != got.Steps {
			t.Error("what is filled in changes")
		}
	}
	private, deep, given := auto, auto, auto
	private.Epsilon, deep.Network, given.LR = 1, "transformer", .02
	for _, c := range []struct {
		of   TrainConfig
		rows int
		want float64
	}{{auto, 0, .001}, {auto, 1000, .003}, {private, 1000, .001}, {deep, 1000, .001}, {given, 1000, .02}} {
		if got := c.of.Sized(c.rows, 5).LR; got != c.want {
			t.Errorf("%d rows, %s: a rate of %g, want %g", c.rows, c.of.Network, got, c.want)
		}
	}
	auto.Steps, auto.Width = 7, 9
	if got := auto.Sized(100000, 20); got.Steps != 7 || got.Width != 9 {
		t.Errorf("what is given becomes %d steps and width %d", got.Steps, got.Width)
	}
	auto.Width, auto.Network = 0, "transformer"
	if got := auto.Sized(100000, 20); got.Width != 0 {
		t.Errorf("a transformer has width %d", got.Width)
	}
}
