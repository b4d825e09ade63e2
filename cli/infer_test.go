package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
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
	mixed, apart := draws.Summary{Parameters: []draws.Row{{RHat: 1.001}}, Advice: "fine"}, draws.Summary{Parameters: []draws.Row{{RHat: 1.3}}, Advice: "a method such as parallel tempering"}
	for want, o := range map[string]inferResult{
		"not a number at mu = 3: find":                      {Kind: "chains", Undefined: &undefined{Count: 2, at: "mu = 3"}, against: 1},
		"do not use these particles for means":              {Kind: "particles", Spread: &spread{say: "too narrow"}, Occupancy: &occupancy{}},
		"the components of mu change places":                {Kind: "chains", Switched: []string{"mu"}, against: 2, Summary: apart},
		"give more --temperatures, 12 or so":                {Kind: "chains", Method: "pt", against: 1, Summary: apart, Swaps: &swaps{Least: .04, RoundTrips: 3, Temperatures: 10, Barrier: 6.1}},
		"no state has travelled":                            {Kind: "chains", Method: "pt", against: 1, Summary: apart, Swaps: &swaps{Least: .3}},
		"after 7 round trips: draw several times":           {Kind: "chains", Method: "pt", against: 1, Summary: apart, Swaps: &swaps{Least: .3, RoundTrips: 7}},
		"draw longer than a few steps":                      {Kind: "chains", Method: "pt", against: 1, Summary: apart},
		"fine":                                              {Kind: "chains", Method: "pt", against: 1, Summary: mixed, Swaps: &swaps{Least: .3, RoundTrips: 7}},
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

// Every flag of the sampler with every method: what the method has is taken, and what it has not is refused with those that have it.
func TestInferUnusedSettings(t *testing.T) {
	fields, flags := settingFlags()
	for _, m := range infer.Methods() {
		for i, flag := range flags {
			with := infer.MethodsWith(fields[i])
			has := slices.Contains(with, m.Name)
			if err := unused(m, []string{"out", flag}); (err == nil) != has || err != nil && (!errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), with[len(with)-1])) {
				t.Errorf("%s --%s: %v", m.Name, flag, err)
			}
			if text := settingsText(m); flag != "seed" && flag != "draws" && flag != "chains" && slices.Contains(strings.Split(text, ", "), "--"+flag) != has {
				t.Errorf("the manual gives %s %s", m.Name, text)
			}
		}
	}
}

// A setting without effect is bad usage, whichever way it has none.
func TestInferRefusesIdleSettings(t *testing.T) {
	for line, want := range map[string]string{
		"--method nuts --beta .3":                                         "--beta: the method nuts has no such setting; leave it out, or take a method that has it: pcn\n",
		"--method pis --temperatures 7":                                   "the method pis has no such setting; leave it out, or take a method that has it: pt\n",
		"--method dds --leapfrogs 3 --iterations 2":                       "that has it: hmc, pt, smc, ais\n",
		"--method pdds --rounds 3 --scale 9":                              "the method pdds has it only with the learned potential",
		"--method smc --whiten-iterations 9":                              "only with the mean-field fit",
		"--method nuts --metric dense --warmup 0":                         "only in a warm-up of one step or more",
		"--method dmcmc --width 9":                                        "only led by a trained model",
		"--method smc --metric dense --draws 9 --model zoo:eight_schools": "a dense metric of 9 particles in 10 dimensions",
	} {
		args := append([]string{"infer", "zoo:two", "--out", filepath.Join(t.TempDir(), "d.csv")}, strings.Fields(line)...)
		if i := slices.Index(args, "--model"); i >= 0 {
			args[1], args = args[i+1], args[:i]
		}
		var out, errs bytes.Buffer
		a := &app{stdout: &output{w: &out}, stderr: &errs, now: time.Now}
		if code := a.main(t.Context(), args); code != exitInput || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: exit code %d: %s", line, code, errs.String())
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
