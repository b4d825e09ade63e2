package metric

import (
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every metric gives the same bytes on one processor and on many.
func TestSameOnAnyNumberOfProcessors(t *testing.T) {
	x, y := normals(2*momentBlock+100, 3, 1), normals(700, 3, 2)
	some, labels := x.Slice(0, 700), make([]int, 700)
	for i := range labels {
		labels[i] = i % 7
	}
	all := func() []any {
		var out []any
		keep := func(v any, err error) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
		g, err := Moments(x)
		keep(g, err)
		w, err := W2(t.Context(), some, y)
		keep(w, err)
		p, err := Sinkhorn{Reg: 2}.Solve(t.Context(), some, y)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p.Value, p.G, p.Project().X)
		sliced, err := SlicedW2(t.Context(), x, y, 9, 1)
		keep(sliced, err)
		mmd, err := MMD2(t.Context(), some, y, 0)
		keep(mmd, err)
		near, err := NearestNeighbour(t.Context(), some, labels, y)
		keep(near, err)
		accuracy, err := LeaveOneOut(t.Context(), some, labels)
		keep(accuracy, err)
		return out
	}
	old := runtime.GOMAXPROCS(1)
	one := all()
	runtime.GOMAXPROCS(5)
	many := all()
	runtime.GOMAXPROCS(old)
	if d := cmp.Diff(one, many); d != "" {
		t.Error(d)
	}
}

func TestScoreString(t *testing.T) {
	s := Score{Value: 1.2345, SD: .1}
	if got := s.String(); got != "1.234 ± 0.1" {
		t.Error(got)
	}
	if got := s.WithFloor(Score{Value: 1, SD: .2, N: 5}).String(); got != "1.234 ± 0.1 (floor 1 ± 0.2)" {
		t.Error(got)
	}
}
