package nn

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// weave is a network that reads a matrix and tokens under a mask and declares a tensor inside a map and a loop.
type weave struct{ Wrong string }

func (weave) Kind() string                { return "weave" }
func (w weave) Resolve() (Network, error) { return w, nil }

func (w weave) Trace(s *Scope, in Inputs) []ad.Value {
	m, tokens := in.X[0], in.X[1]
	if tokens.DType() != ad.I32 {
		s.Refuse("tokens are %v", tokens.DType())
	}
	mask, ok := in.Named("mask")
	if !ok {
		s.Refuse("there is no mask")
	}
	rows := ad.Map1(func(row ad.Value) ad.Value { return s.Linear("row", row, 2) }, 0, m)
	last, _ := ad.Loop(2, []ad.Value{rows}, nil, func(_ ad.Value, carry, _ []ad.Value) ([]ad.Value, []ad.Value) {
		return []ad.Value{ad.Mul(s.Within("loop").Param("gain", Init{Value: 2}), carry[0])}, nil
	})
	s.Param("levels", Init{Bound: 1}, 5, 3)
	shape := 5
	if w.Wrong == "shape" {
		shape = 4
	}
	table := s.Param("levels", Init{Bound: 1}, shape, 3)
	logits := ad.Mul(ad.Gather(table, tokens), ad.Reshape(mask, 4, 1))
	if w.Wrong == "out" {
		return []ad.Value{last[0]}
	}
	return []ad.Value{last[0], logits}
}

func weavePorts() Ports {
	return Ports{
		X:    []Port{{Name: "m", Shape: []int{3, 2}}, {Name: "words", Shape: []int{4}, Levels: 5}},
		Cond: []Port{{Name: "class", Shape: []int{2}}, {Name: "mask", Shape: []int{4}}},
		Out:  []Port{{Name: "m", Shape: []int{3, 2}}, {Name: "words", Shape: []int{4, 3}}},
	}
}

// TestPartsReachTheNetwork: flat rows are taken apart for the network and put together again, and tensors that it
// declares inside a map and a loop are found.
func TestPartsReachTheNetwork(t *testing.T) {
	w, err := New(weave{}, weavePorts(), 3)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tensor := range w.Layout() {
		names = append(names, tensor.Name)
	}
	if got, want := strings.Join(names, " "), "row.weight row.bias loop.gain levels"; got != want {
		t.Fatalf("tensors are %s, want %s", got, want)
	}
	p, err := ad.Compile(func(g *ad.Graph) {
		x, cond := g.Input("x", ad.F32, w.Ports.Reads()), g.Input("cond", ad.F32, w.Ports.CondWidth())
		g.Output("y", w.Apply(g, w.Declare(g, ad.F32), x, ad.Value{}, cond))
	})
	if err != nil {
		t.Fatal(err)
	}
	x := []float32{1, 2, 3, 4, 5, 6, 0, 4, 2, 1}
	cond := []float32{9, 9, 1, 0, 1, 1}
	y := make([]float32, w.Ports.Writes())
	in := append([]ad.Array{ad.F32s(x), ad.F32s(cond)}, w.Arrays(w.Params)...)
	if err := p.Run(context.Background(), ad.Call{N: 1, In: in, Out: []ad.Array{ad.F32s(y)}}); err != nil {
		t.Fatal(err)
	}
	W, b, table := w.Params[:4], w.Params[4:6], w.Params[7:]
	for i := range 3 {
		for k := range 2 {
			want := 4 * (float64(x[2*i]*W[2*k]) + float64(x[2*i+1]*W[2*k+1]) + float64(b[k]))
			if got := float64(y[2*i+k]); math.Abs(got-want) > 1e-5 {
				t.Errorf("m[%d,%d] = %g, want %g", i, k, got, want)
			}
		}
	}
	for i := range 4 {
		for k := range 3 {
			want := table[3*int(x[6+i])+k] * cond[2+i]
			if got := y[6+3*i+k]; got != want {
				t.Errorf("words[%d,%d] = %g, want %g", i, k, got, want)
			}
		}
	}
	x[7] = 5
	err = p.Run(context.Background(), ad.Call{N: 1, In: in, Out: []ad.Array{ad.F32s(y)}})
	var outside *ad.RangeError
	if !errors.As(err, &outside) {
		t.Errorf("a level that there is not gives %v", err)
	}
}

func TestMistakesOfANetwork(t *testing.T) {
	noMask := weavePorts()
	noMask.Cond = noMask.Cond[:1]
	for _, c := range []struct {
		net   Network
		ports Ports
		want  string
	}{
		{weave{}, noMask, "there is no mask"},
		{weave{"shape"}, weavePorts(), "tensor levels has shape [5 3], and is asked for with [4 3]"},
		{weave{"out"}, weavePorts(), "weave writes 1 arrays where 2 are asked for"},
	} {
		_, err := New(c.net, c.ports, 1)
		var e *ConfigError
		if !errors.As(err, &e) || !strings.Contains(e.What, c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestRegistry(t *testing.T) {
	for word, want := range map[string]MLP{
		"mlp": {Width: 128, Depth: 3, Activation: "silu", Time: TimeSinusoidal,
			TimeDim: 32},
		"mlp:width=16,depth=1":        {Width: 16, Depth: 1, Activation: "silu", Time: TimeSinusoidal, TimeDim: 32},
		"mlp:residual=true,time=none": {Residual: true, Width: 128, Depth: 3, Activation: "silu", Time: TimeNone},
		"mlp:time=fourier,time-scale=2.5": {Width: 128, Depth: 3, Activation: "silu", Time: TimeFourier, TimeDim: 32,
			TimeScale: 2.5},
	} {
		n, err := Parse(word)
		if err != nil || n != Network(want) {
			t.Errorf("%s is %+v, %v", word, n, err)
		}
		if back, err := Word(want); err != nil || back != word {
			t.Errorf("%+v has the word %s, %v", want, back, err)
		}
		stored, err := Named(want)
		if err != nil || stored.Kind != "mlp" || stored.Package != "" {
			t.Errorf("%+v, %v", stored, err)
		}
		if back, err := FromNamed(stored); err != nil || back != Network(want) {
			t.Errorf("%s becomes %+v, %v", stored.Config, back, err)
		}
	}
	for word, want := range map[string]string{
		"mpl":                      `unknown network "mpl"; did you mean "mlp"?`,
		"mlp:width=0":              `network mlp takes no width of "0" (column 11); give width=1…`,
		"mlp:time=none,time-dim=2": "time_dim: none time has no features to count",
	} {
		if n, err := Parse(word); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) || n != nil {
			t.Errorf("%s: %v", word, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a kind was registered twice")
		}
	}()
	Register("", func() Network { return &MLP{} })
}
