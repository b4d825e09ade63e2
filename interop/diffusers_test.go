package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

type record struct {
	ID        string          `json:"id"`
	Scheduler string          `json:"scheduler"`
	Config    json.RawMessage `json:"config"`
	Steps     int             `json:"num_inference_steps"`
	Loop      string          `json:"loop"`
	Noise     string          `json:"noise"`
	Eta       float64         `json:"eta"`
	Scale     float64         `json:"init_noise_sigma"`
	Labels    []float64       `json:"timesteps"`
	Sigmas    []float64       `json:"sigmas"`
	StepSums  []float64       `json:"step_abs_sums"`
	AbsSum    float64         `json:"abs_sum"`
	First     []float64       `json:"first8"`
	Published struct {
		Sum    *float64 `json:"abs_sum"`
		Mean   *float64 `json:"abs_mean"`
		TolSum *float64 `json:"tol_sum"`
		Tol    *float64 `json:"tol_mean"`
	} `json:"published"`
}

func records(t *testing.T) []record {
	b, err := os.ReadFile("testdata/diffusers.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tests []record `json:"peer_tests"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Tests) == 0 {
		t.Fatal("no records")
	}
	return file.Tests
}

func (r record) scheduler(t *testing.T) *interop.Scheduler {
	b := append([]byte(`{"_class_name": "`+r.Scheduler+`", `), bytes.TrimSpace(r.Config)[1:]...)
	// a list, as text in the records
	b = bytes.ReplaceAll(b, []byte(`"disable_corrector": "[]"`), []byte(`"disable_corrector": []`))
	s, err := interop.ParseScheduler(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sample is the input of diffusers' tests: x[b,c,h,w] = (((c·8+h)·8+w)·4+b)/768.
func sample() ito.States {
	x := ito.NewStates(4, 192, 0)
	for i := range x.N {
		for j := range x.D {
			x.X[i*x.D+j] = float64(4*j+i) / 768
		}
	}
	return x
}

// dummy is the model of diffusers' tests, x t/(t+1).
func dummy(_ context.Context, dst, x ito.States, label float64, _ ito.Cond) error {
	for i, v := range x.X {
		dst.X[i] = v * label / (label + 1)
	}
	return nil
}

func absSum(x ito.States) float64 {
	s := 0.
	for _, v := range x.X {
		s += math.Abs(v)
	}
	return s
}

// overwrite replaces the states by the scaled input, as the loops of diffusers' tests do.
type overwrite struct {
	solve.None
	p *interop.SchedulerPlan
}

func (o overwrite) Before(_ context.Context, s *ito.Step) error {
	for i := range s.X.X {
		s.X.X[i] *= o.p.InputScale(s.Index)
	}
	return nil
}

// TestDiffusersOwnSums reproduces what diffusers' schedulers compute step by step in float32, and the sums that
// its own tests assert.
func TestDiffusersOwnSums(t *testing.T) {
	for _, r := range records(t) {
		t.Run(r.ID, func(t *testing.T) {
			p, err := r.scheduler(t).Plan(r.Steps, options(r.Eta))
			if err != nil {
				t.Fatal(err)
			}
			near(t, "init_noise_sigma", p.InitialScale(), r.Scale, 1e-6)
			for k, l := range r.Labels {
				near(t, "timestep", p.Labels()[k], l, 1e-6)
			}
			for k, σ := range r.Sigmas {
				l := p.Path.Level(k)
				near(t, "sigma", l.Sigma/l.Alpha, σ, 2e-5)
			}
			opts := solve.RunOptions{Noise: &torch{state: seeded(0)}}
			net := interop.Network(dummy)
			if r.Loop == "scaled_overwrite" { // the network sees what is then the state
				opts.Hooks = append(opts.Hooks, overwrite{p: p})
				net = func(ctx context.Context, dst, x ito.States, label float64, c ito.Cond) error {
					k := 0
					for p.Labels()[k] != label {
						k++
					}
					for i, v := range x.X {
						dst.X[i] = v / p.InputScale(k) * label / (label + 1)
					}
					return nil
				}
			}
			x := sample()
			for i := range x.X {
				x.X[i] *= p.InitialScale()
			}
			every, compared := len(p.Labels())/len(r.StepSums), 0
			opts.Trajectory = func(step int, _ float64, x ito.States) error {
				if step > 0 && step%every == 0 {
					near(t, "sum of a step", absSum(x), r.StepSums[step/every-1], 1e-4)
					compared++
				}
				return nil
			}
			if _, err := p.Run(context.Background(), net, x, opts); err != nil {
				t.Fatal(err)
			}
			if compared != len(r.StepSums) || compared == 0 || len(r.First) == 0 {
				t.Errorf("%d of %d sums of steps and %d values compared", compared, len(r.StepSums), len(r.First))
			}
			pub := r.Published
			if pub.Sum != nil && math.Abs(absSum(x)-*pub.Sum) > *pub.TolSum {
				t.Errorf("sum %.6f, published %.6f ± %g", absSum(x), *pub.Sum, *pub.TolSum)
			}
			if math.Abs(absSum(x)/768-*pub.Mean) > *pub.Tol {
				t.Errorf("mean %.6f, published %.6f ± %g", absSum(x)/768, *pub.Mean, *pub.Tol)
			}
			for i, v := range r.First {
				if math.Abs(x.X[i]-v) > 2e-5+1e-4*math.Abs(v) {
					t.Errorf("value %d is %.9g, want %.9g", i, x.X[i], v)
				}
			}
		})
	}
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*(1+math.Abs(want))) {
		t.Errorf("%s: %.9g, want %.9g", what, got, want)
	}
}

// torch replays the CPU generator of torch 1.13: MT19937, and normals in blocks of sixteen.
type torch struct {
	state [624]uint32
	at    int
}

func seeded(seed uint32) (s [624]uint32) {
	s[0] = seed
	for i := 1; i < len(s); i++ {
		s[i] = 1812433253*(s[i-1]^s[i-1]>>30) + uint32(i)
	}
	return s
}

func (g *torch) next() uint32 {
	if g.at%624 == 0 {
		s := &g.state
		for i := range s {
			y := s[i]&0x80000000 | s[(i+1)%624]&0x7fffffff
			s[i] = s[(i+397)%624] ^ y>>1 ^ (y&1)*0x9908b0df
		}
	}
	y := g.state[g.at%624]
	g.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// Normal implements ito.Noise for draws of a multiple of sixteen, whatever their address.
func (g *torch) Normal(dst ito.States, _ rng.Purpose, _, _ uint32) {
	for i := range dst.X {
		dst.X[i] = float64(g.next()&0xffffff) / (1 << 24)
	}
	for lo := 0; lo < len(dst.X); lo += 16 {
		for j := lo; j < lo+8; j++ {
			r, a := math.Sqrt(-2*math.Log1p(-dst.X[j])), 2*math.Pi*dst.X[j+8]
			dst.X[j], dst.X[j+8] = r*math.Cos(a), r*math.Sin(a)
		}
	}
}

// Uniform implements ito.Noise.
func (*torch) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }

// options are those of a record's η, where it has one.
func options(η float64) interop.CallOptions {
	if η == 0 {
		return interop.CallOptions{}
	}
	return interop.CallOptions{Eta: &η}
}
