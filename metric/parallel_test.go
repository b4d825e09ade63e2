package metric

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
)

// What compares rows with rows ends with ctx, wherever it is: at these sizes each takes seconds, and is told to end
// after .05 s. A machine with other work may be late, so a second is allowed.
func TestDistancesEndWithContext(t *testing.T) {
	if testing.Short() {
		t.Skip("half a second of two cores")
	}
	x, y := normals(20000, 3, 1), normals(20000, 3, 2)
	// The rows of one line are far from the plane of the other: the assignment has many ties and long paths.
	for i := range x.N {
		x.X[3*i], y.X[3*i] = float64(i%7), float64(i%5)
	}
	labels := make([]int, x.N)
	for _, f := range []struct {
		name string
		run  Distance
	}{
		{"W2", W2},
		{"W2Draws", func(ctx context.Context, x, y ito.States) (float64, error) {
			s, err := W2Draws(ctx, x, y, 9, 5000, 1)
			return s.Value, err
		}},
		{"W2Halves", func(ctx context.Context, x, _ ito.States) (float64, error) {
			s, err := W2Halves(ctx, x, 9, 5000, 1)
			return s.Value, err
		}},
		{"SlicedW2", func(ctx context.Context, x, y ito.States) (float64, error) { return SlicedW2(ctx, x, y, 4000, 1) }},
		{"MMD2", func(ctx context.Context, x, y ito.States) (float64, error) { return MMD2(ctx, x, y, 1) }},
		{"Sinkhorn", Sinkhorn{Reg: .01}.Divergence},
		{"Sinkhorn of one set", func(ctx context.Context, x, _ ito.States) (float64, error) {
			_, err := Sinkhorn{Reg: .01}.Solve(ctx, x, x)
			return 0, err
		}},
		{"TwoSample", func(ctx context.Context, x, y ito.States) (float64, error) {
			_, _, err := TwoSample(ctx, x, y, 3000, 9999, .01, 1)
			return 0, err
		}},
		{"NearestNeighbour", func(ctx context.Context, x, y ito.States) (float64, error) {
			_, err := NearestNeighbour(ctx, x, labels, y)
			return 0, err
		}},
		{"LeaveOneOut", func(ctx context.Context, x, _ ito.States) (float64, error) { return LeaveOneOut(ctx, x, labels) }},
	} {
		t.Run(f.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			var asked time.Duration
			time.AfterFunc(50*time.Millisecond, func() { asked = processTime(); cancel(nil) })
			_, err := f.run(ctx, x, y)
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("the error is %v", err)
			}
			if late := processTime() - asked; late > 2*time.Second {
				t.Errorf("it took %v of the processors' time after it was told to end", late)
			}
		})
	}
}
