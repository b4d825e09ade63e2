package mcmc_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/target/model"
)

// compile reads an example model with its data.
func compile(t *testing.T, star, file string) *model.Model {
	t.Helper()
	src, err := models.Files.ReadFile(star)
	if err != nil {
		t.Fatal(err)
	}
	b, err := models.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := modeldata.Read(file, b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Compile(star, string(src), data, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// columns runs a kernel on a model from scattered starts and returns the chains [column][chain][draw] of all that
// the model reports.
func columns(t *testing.T, m *model.Model, k infer.Kernel, chains, draws int, seed uint64) ([][][]float64,
	infer.Report) {
	t.Helper()
	s := infer.NewState(k, chains, m.Dim(), 0)
	if err := s.Scatter(t.Context(), m, seed, 2); err != nil {
		t.Fatal(err)
	}
	out := make([][][]float64, m.Width())
	for c := range out {
		out[c] = make([][]float64, chains)
	}
	row := ito.NewStates(chains, m.Width(), 0)
	r, err := infer.Run(t.Context(), m, k, s, infer.RunOptions{Seed: seed, Draws: draws,
		Sink: func(d infer.Draw) error {
			if err := m.Draw(t.Context(), row, d.State.Particles(), seed, uint32(d.Index)); err != nil {
				return err
			}
			for c := range out {
				for g := range chains {
					out[c][g] = append(out[c][g], row.Row(g)[c])
				}
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return out, r
}

// NUTS agrees with the 10 000 reference draws of posteriordb: every mean of every posterior within 4·√(MCSE² +
// MCSE_ref²), R̂ < 1.01. 28 means of fixed seed; a false alarm of the first kind in 500 seeds.
func TestPosteriorDB(t *testing.T) {
	b, err := models.Files.ReadFile("reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]struct{ Mean, SD, MCSE float64 }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	slow := map[string]bool{"low_dim_gauss_mix": true} // 1000 observations
	for name, reference := range all {
		t.Run(name, func(t *testing.T) {
			if slow[name] && testing.Short() {
				t.Skip("seconds of gradients")
			}
			m := compile(t, name+".star", name+".json")
			got, r := columns(t, m, mcmc.NUTS{Warmup: 500}, 4, 1000, 3)
			for parameter, want := range reference {
				c := slices.Index(m.Columns(), parameter)
				if c < 0 {
					t.Errorf("the model has no %s", parameter)
					continue
				}
				s := metric.Summarise(parameter, got[c])
				if !(math.Abs(s.Mean-want.Mean) < 4*math.Hypot(s.MCSEMean, want.MCSE)) || !(s.RHat < 1.01) {
					t.Errorf("%s: %.5g ± %.2g, R̂ %.4f; the reference is %.5g ± %.2g", parameter, s.Mean, s.MCSEMean,
						s.RHat, want.Mean, want.MCSE)
				}
			}
			t.Logf("%.0f gradients, acceptance %.2f, %d divergences", r.Gradients, r.Accept, r.Divergent)
		})
	}
}
