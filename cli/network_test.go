package cli

import (
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

func init() {
	nn.Register("Two layers of 3×3 windows over an image, as a module of its own registers it.",
		func() nn.Network { return windows{} })
}

// windows is a network over images [H,W,C]: two layers that see 3×3 pixels each, the same weights everywhere.
type windows struct {
	Width int `json:"width,omitempty" default:"8" min:"1" help:"Channels."`
}

func (windows) Kind() string { return "windows" }

func (n windows) Resolve() (nn.Network, error) {
	if n.Width == 0 {
		n.Width = 8
	}
	return n, nil
}

func (n windows) Trace(s *nn.Scope, in nn.Inputs) []ad.Value {
	x := in.X[0]
	if x.Rank() != 3 {
		s.Refuse("windows are laid over an image of height, width and channels, not over %v", x.Shape())
	}
	t := ad.SiLU(s.Linear("time", in.Time, n.Width))
	for i, c := range in.Cond {
		t = ad.Add(t, s.Linear("cond"+in.Ports.Cond[i].Name, c, n.Width))
	}
	h := ad.SiLU(ad.Add(s.Linear("first", around(x), n.Width), ad.BroadcastTo(t, x.Shape()[0], x.Shape()[1], n.Width)))
	return []ad.Value{s.Head("second", around(h), in.Ports.Out[0].Shape[2])}
}

// around is [H,W,9C]: of each pixel the 3×3 pixels about it, zeros beyond the edge.
func around(x ad.Value) ad.Value {
	h, w := x.Shape()[0], x.Shape()[1]
	wide := ad.Pad(ad.Pad(x, 0, 1, 1), 1, 1, 1)
	var parts []ad.Value
	for dy := range 3 {
		for dx := range 3 {
			parts = append(parts, ad.Slice(ad.Slice(wide, 0, dy, dy+h), 1, dx, dx+w))
		}
	}
	return ad.Concat(2, parts...)
}

// writeImages is the command "images FILE": 48 images of 16×16×3 bytes as npy, smooth Gaussian fields in a border
// of black. A field is a sum of 16 plane waves with normal amplitudes of variance ∝ 1/(1+|k|²).
func writeImages(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: images FILE")
	}
	const n, h, c = 48, 16, 3
	x := ito.NewStates(n, h*h*c, 0)
	key := rng.NewKey(1, rng.PurposeData, 0, 0)
	waves := make([]float64, 2*16*c)
	for i := range n {
		key.Normals64(waves, len(waves), []uint64{uint64(i)})
		for y := 1; y < h-1; y++ {
			for px := 1; px < h-1; px++ {
				for k := range c {
					v := 0.0
					for f := range 16 {
						kx, ky := float64(f%4), float64(f/4)
						sin, cos := math.Sincos(2 * math.Pi * (kx*float64(px) + ky*float64(y)) / h)
						v += (waves[(2*f)*c+k]*cos + waves[(2*f+1)*c+k]*sin) / (1 + kx*kx + ky*ky)
					}
					x.Row(i)[(y*h+px)*c+k] = math.Round(min(max(128+40*v, 0), 255))
				}
			}
		}
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	w := data.NewSampleWriter(f, data.NPY{Shape: []int{n, h, h, c}, Bytes: true})
	ts.Check(w.WriteRows(x))
	ts.Check(w.Close())
	ts.Check(f.Close())
}

// writeArrays is the command "arrays FILE N,H,W": N arrays of normal numbers, smooth along their first axis.
func writeArrays(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: arrays FILE N,H,W")
	}
	var shape []int
	for word := range strings.SplitSeq(args[1], ",") {
		n, err := strconv.Atoi(word)
		ts.Check(err)
		shape = append(shape, n)
	}
	n, h, w := shape[0], shape[1], shape[2]
	x := ito.NewStates(n, h*w, 0)
	ito.Seed(3).Normal(x, rng.PurposeUser, 0, 0)
	for i := range n {
		for k := w; k < h*w; k++ {
			x.Row(i)[k] = .8*x.Row(i)[k-w] + .6*x.Row(i)[k]
		}
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	out := data.NewSampleWriter(f, data.NPY{Shape: shape})
	ts.Check(out.WriteRows(x))
	ts.Check(out.Close())
	ts.Check(f.Close())
}

// npyOf is the command "npy FILE DESCR SHAPE LOW HIGH": the type and shape of an npy file and bounds of its numbers.
func npyOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: npy FILE DESCR SHAPE LOW HIGH")
	}
	text := ts.ReadFile(args[0])
	if len(text) < 128 {
		ts.Fatalf("%s has %d bytes", args[0], len(text))
	}
	head := text[:128]
	for _, want := range []string{"'descr': '" + args[1] + "'", "'shape': (" + args[2] + ")"} {
		if !strings.Contains(head, want) {
			ts.Fatalf("%s: %q is not in %q", args[0], want, head)
		}
	}
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	a, err := data.ReadNPY(f, args[0])
	ts.Check(err)
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range a.X {
		lo, hi = min(lo, v), max(hi, v)
	}
	if !(lo >= number64(ts, args[3]) && hi <= number64(ts, args[4]) && lo < hi) {
		ts.Fatalf("%s: numbers from %g to %g", args[0], lo, hi)
	}
}

func number64(ts *testscript.TestScript, text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	ts.Check(err)
	return v
}

// tails is the command "tails A B": A ends with the rows of B, which have a header.
func tails(ts *testscript.TestScript, neg bool, args []string) {
	a, b := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	_, rows, ok := strings.Cut(b, "\n")
	if !ok || rows == "" || !strings.HasSuffix(a, rows) {
		ts.Fatalf("%s does not end with the rows of %s", args[0], args[1])
	}
}
