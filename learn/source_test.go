package learn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// pointwise is a network that does the same to every row of a matrix, of which there may be any number.
type pointwise struct{}

func (pointwise) Kind() string                   { return "pointwise" }
func (p pointwise) Resolve() (nn.Network, error) { return p, nil }

func (pointwise) Trace(s *nn.Scope, in nn.Inputs) []ad.Value {
	x := in.X[0]
	n, f := x.Shape()[0], x.Shape()[1]
	time := ad.BroadcastTo(ad.Reshape(in.Time, 1, 1), n, 1)
	h := ad.Tanh(s.Linear("0", ad.Concat(1, x, time), 16))
	return []ad.Value{s.Head("1", h, f)}
}

// walks are series of two numbers a step, of 4 or 8 steps.
type walks struct{ n, length int }

func (w walks) Len() int       { return w.n }
func (w walks) CondWidth() int { return 0 }
func (w walks) Digest() string { return fmt.Sprint(w) }
func (w walks) Space() ito.Space {
	return ito.Space{Parts: []ito.Part{{Name: "walk", Shape: []int{w.length, 2}}}}
}

func (w walks) Read(dst ito.States, _ []float64, from int) error {
	x := dst.Like(dst.D)
	for i := range x.ID {
		x.ID = slices.Clone(x.ID)
		x.ID[i] = uint64(from + i)
	}
	ito.Seed(5).Normal(x, rng.PurposeUser, uint32(w.length), 0)
	copy(dst.X, x.X)
	for i := range dst.N {
		for k := 2; k < dst.D; k++ {
			dst.Row(i)[k] += dst.Row(i)[k-2]
		}
	}
	return nil
}

func (w walks) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	for i, id := range dst.ID {
		if err := w.Read(dst.Slice(i, i+1), nil, rng.NewKey(seed, rng.PurposeData, step, 0).Intn(id, 0,
			w.n)); err != nil {
			return err
		}
	}
	return nil
}

// both are walks of two lengths, taken in turn by address.
type both struct{ walks }

func (both) Buckets() []ito.Source { return []ito.Source{walks{100, 4}, walks{100, 8}} }
func (both) Bucket(seed uint64, step uint32) int {
	return rng.NewKey(seed, rng.PurposeData, step, 7).Intn(0, 0, 2)
}

// States of two sizes train one network, stopping and resuming gives the same bytes, and the field of the larger
// size is what is learnt.
func TestBuckets(t *testing.T) {
	src := both{walks{100, 8}}
	c := short(40)
	net := must(nn.New(pointwise{}, ScoreMatching{}.Ports(src.Space(), 0, false), 3))
	fresh := func() *Trainer {
		tr := must(NewTrainer(c, net, src, Drawn{}))
		if err := tr.Bind(path.VP{}); err != nil {
			t.Fatal(err)
		}
		return tr
	}
	whole, part, rest := fresh(), fresh(), fresh()
	ctx := context.Background()
	if err := errors.Join(whole.Run(ctx, 40, LoopOptions{}), part.Run(ctx, 13, LoopOptions{}),
		rest.Restore(part.State()),
		rest.Run(ctx, 40, LoopOptions{})); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(whole.State(), rest.State()) {
		t.Error("a resumed training ended elsewhere")
	}
	if slices.Equal(whole.State().Params, net.Params) {
		t.Error("nothing was learnt")
	}
	if f := must(whole.Field()); f.OutDim(16) != 16 {
		t.Errorf("predictions of %d values", f.OutDim(16))
	}
	mlp := must(nn.New(nn.MLP{Width: 8}, ScoreMatching{}.Ports(src.Space(), 0, false), 3))
	var size *nn.ConfigError
	if err := must(NewTrainer(c, mlp, src, Drawn{})).Bind(path.VP{}); !errors.As(err, &size) {
		t.Errorf("a network of one size: %v", err)
	}
}

// The held-out loss is computed at the same steps with the same value whether the training was interrupted or not,
// and of rows that are the training rows' brothers it falls.
func TestHeldOut(t *testing.T) {
	d := moons(400)
	train, rest := Data{X: d.X.Slice(0, 300), Cond: d.Cond.Slice(0, 300)}, Data{X: d.X.Slice(300, 400),
		Cond: d.Cond.Slice(300, 400)}
	c := short(60)
	c.EMA.Decay = .9
	fresh := func() *Trainer {
		tr := must(NewTrainer(c, small(t, 2, 2), train, Drawn{}))
		pr := tr.problem
		pr.Source = rest
		if err := errors.Join(tr.Bind(path.VP{}),
			tr.Loop.HoldOut(must(c.Objective.Bind(path.VP{}, pr)), 20, 0)); err != nil {
			t.Fatal(err)
		}
		return tr
	}
	whole, part, end := fresh(), fresh(), fresh()
	ctx := context.Background()
	if err := errors.Join(whole.Run(ctx, 60, LoopOptions{}), part.Run(ctx, 25, LoopOptions{}),
		end.Restore(part.State()),
		end.Run(ctx, 60, LoopOptions{})); err != nil {
		t.Fatal(err)
	}
	h := whole.State().HeldOut
	if len(h) != 3 || h[0].Step != 20 || h[2].Step != 60 || !(h[2].Loss < h[0].Loss) {
		t.Errorf("held-out losses %v", h)
	}
	if !reflect.DeepEqual(whole.State(), end.State()) {
		t.Errorf("an interrupted training has %v", end.State().HeldOut)
	}
}

// Moments by columns are the diagonal of those in full, to rounding, and of nodes those of all nodes that are there.
func TestColumnMoments(t *testing.T) {
	d := moons(1000)
	full, columns := must(metric.Moments(d.X)), must(columnMoments(d, d.Space()))
	for k := range 2 {
		if math.Abs(full.Mean[k]-columns.Mean[k]) > 1e-12 || math.Abs(full.Variance(k)-columns.Variance(k)) > 1e-12 {
			t.Errorf("column %d: %g, %g by columns, %g, %g in full", k, columns.Mean[k], columns.Variance(k),
				full.Mean[k], full.Variance(k))
		}
	}
	space := ito.Space{Mask: &ito.NodeMask{N: 2}, Parts: []ito.Part{{Name: "x", Shape: []int{2, 1}, Nodes: 1},
		{Name: "a", Shape: []int{2, 2}, Nodes: 2, Symmetric: true, Hollow: true}}}
	g := Data{X: ito.NewStates(2, 6, 0), Cond: ito.Cond{C: 2, X: []float64{1, 1, 1, 0}}, In: space}
	copy(g.X.X, []float64{1, 3, 0, 5, 5, 0, 8, 0, 0, 0, 0, 0})
	m := must(columnMoments(g, space))
	// x: 1, 3, 8; pairs: 5, 5 of the first graph; a node is not paired with itself.
	if want := []float64{4, 4, 0, 5, 5, 0}; !reflect.DeepEqual(m.Mean, want) {
		t.Errorf("means %v, want %v", m.Mean, want)
	}
	if v := (9. + 1 + 16) / 3; math.Abs(m.Cov[0]-v) > 1e-12 || m.Cov[0] != m.Cov[1] || m.Cov[3] != 0 {
		t.Errorf("variances %v", m.Cov)
	}
}

// A mask is no condition that can be dropped.
func TestMaskIsNotDropped(t *testing.T) {
	space := ito.Space{Mask: &ito.NodeMask{At: 1, N: 2}, Parts: []ito.Part{{Name: "x", Shape: []int{2, 1}, Nodes: 1}}}
	d := Data{X: ito.NewStates(1, 2, 0), Cond: ito.Cond{C: 3, X: []float64{7, 1, 1}}, In: space}
	b := newBatch(Setup{Source: d, Batch: 5, Dropout: 1})
	if err := b.fill(0); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if !slices.Equal(b.cond[3*i:3*i+3], []float32{0, 1, 1}) {
			t.Errorf("row %d: %v", i, b.cond[3*i:3*i+3])
		}
	}
}

// halfway is a user's objective: the distance of x_t to x_0 by its own program, on any diagonal path of one mode.
type halfway struct{ ScoreMatching }

func (halfway) Name() string { return "halfway" }

// A user's objective trains as the house's own.
func TestUsersObjective(t *testing.T) {
	RegisterObjective("A test.", func() Objective { return halfway{} })
	o := must(ParseObjective("halfway"))
	c := short(5)
	c.Objective = o
	tr := must(NewTrainer(c, small(t, 2, 2), moons(20), Drawn{}))
	if err := errors.Join(tr.Bind(path.VP{}), tr.Run(context.Background(), 5, LoopOptions{})); err != nil {
		t.Fatal(err)
	}
	if tr.Step() != 5 {
		t.Error(tr.Step())
	}
}
