package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/interop/draws"
)

// The defaults of the flags are those of the library.
func TestInferDefaults(t *testing.T) {
	if got, want := spec.New[infer.Settings](), infer.DefaultSettings(); got != want {
		t.Errorf("flags %+v, library %+v", got, want)
	}
}

// The last line is the worst that the numbers say.
func TestInferVerdict(t *testing.T) {
	x := func(v float64) *float64 { return &v }
	fine := draws.Summary{Advice: "nothing speaks against these"}
	for want, o := range map[string]inferResult{
		"has no draws and no log Z: give mu a proper prior": {Kind: "chains", Improper: []string{"mu"}, Modes: 3},
		"nothing speaks against":                            {Kind: "chains", Modes: 1, Summary: fine},
		"raise the acceptance":                              {Kind: "particles", against: 1, LogZSD: x(3), Summary: draws.Summary{Advice: "raise the acceptance"}},
		"the pilot saw 4 modes":                             {Kind: "chains", Method: "nuts", Modes: 4, Summary: fine},
		"could not be sorted":                               {Kind: "particles", Occupancy: &occupancy{}},
		"their proportions cannot":                          {Kind: "particles", Occupancy: &occupancy{TV: x(.3), Floor: x(.02)}},
		"differs by 3":                                      {Kind: "particles", LogZSD: x(3), Summary: fine},
		"not finite were put back":                          {Kind: "chains", Method: "ula", Dropped: 7, Summary: fine},
	} {
		if got := o.verdict(); !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("%+v says %q, want %q", o, got, want)
		}
	}
}

// Whatever the method, a setting that it has is taken and one that it has not is refused.
func TestInferUnusedSettings(t *testing.T) {
	p, err := openProblem("zoo:two", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ method, has, hasNot string }{
		{"nuts", "draws warmup chains thin accept step-size metric max-depth radius", "leapfrogs scale steps beta"},
		{"hmc", "leapfrogs metric warmup", "max-depth moves"},
		{"pt", "temperatures least-beta scale warmup leapfrogs", "accept iterations"},
		{"smc", "draws chains scale ess-fraction moves leapfrogs", "warmup thin rule steps"},
		{"dilation", "steps finish rule step-size draws chains", "scale warmup walkers"},
		{"stretch", "walkers warmup", "step-size accept"},
		{"dmcmc", "scale step-size warmup", "moves"},
	} {
		m, err := infer.FindMethod(c.method)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(c.has) {
			if err := unused(m, p.Target, infer.DefaultSettings(), []string{name}); err != nil {
				t.Errorf("%s: %v", c.method, err)
			}
		}
		for _, name := range strings.Fields(c.hasNot) {
			if err := unused(m, p.Target, infer.DefaultSettings(), []string{name}); err == nil {
				t.Errorf("%s takes --%s", c.method, name)
			}
		}
	}
}

// Every example runs from its files alone, and its draws have the columns of the model.
func TestInferExamples(t *testing.T) {
	for name, data := range map[string]string{
		"arK": "arK.json", "brownian": "brownian.json", "eight_schools": "eight_schools.json", "funnel": "", "german_credit": "german_credit.csv", "gp_regr": "gp_regr.json",
		"kidscore_momiq": "kidscore_momiq.json", "lgcp": "pines_126.csv", "logistic": "sonar.csv", "low_dim_gauss_mix": "low_dim_gauss_mix.json", "many_well": "",
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "lgcp" {
				t.Skip("1600 dimensions")
			}
			dir := t.TempDir()
			args := []string{"infer", filepath.Join(dir, name+".star"), "--method", "nuts", "--warmup", "3", "--draws", "2", "--chains", "2", "--max-depth", "3", "--out", filepath.Join(dir, "d.csv"), "--json"}
			files := []string{name + ".star"}
			if data != "" {
				files = append(files, data)
				args = append(args, "--data", filepath.Join(dir, data))
			}
			for _, f := range files {
				b, err := models.Files.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, f), b, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs bytes.Buffer
			a := &app{stdout: &output{w: &out}, stderr: &errs, now: time.Now}
			if code := a.main(t.Context(), args); code != exitOK {
				t.Fatalf("exit code %d: %s", code, errs.String())
			}
			set, err := draws.Read(filepath.Join(dir, "d_1.csv"), filepath.Join(dir, "d_2.csv"))
			if err != nil || set.Draws != 2 || set.Chains != 2 || len(set.Parameters()) == 0 {
				t.Fatalf("%+v, %v", set, err)
			}
		})
	}
}
