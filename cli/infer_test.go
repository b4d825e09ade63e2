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
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/examples/models"
	samplers "github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task/infer"
)

// The defaults of the flags are those of the library.
func TestInferDefaults(t *testing.T) {
	if got, want := spec.New[samplers.Settings](), samplers.DefaultSettings(); got != want {
		t.Errorf("flags %+v, library %+v", got, want)
	}
}

// Every flag of the sampler with every method: what the method has is taken, and what it has not is refused with
// those that have it.
func TestInferUnusedSettings(t *testing.T) {
	fields, flags := infer.SettingNames()
	for _, m := range samplers.Methods() {
		for i, flag := range flags {
			with := samplers.MethodsWith(fields[i])
			has := slices.Contains(with, m.Name)
			if err := infer.Unused(m, []string{"out", flag}); (err == nil) != has || err != nil &&
				(!errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), with[len(with)-1])) {
				t.Errorf("%s --%s: %v", m.Name, flag, err)
			}
			if text := settingsText(m); flag != "seed" && flag != "draws" && flag != "chains" &&
				slices.Contains(strings.Split(text, ", "), "--"+flag) != has {
				t.Errorf("the manual gives %s %s", m.Name, text)
			}
		}
	}
}

// A setting without effect is bad usage, whichever way it has none.
func TestInferRefusesIdleSettings(t *testing.T) {
	for line, want := range map[string]string{
		"--method nuts --beta .3": "--beta: the method nuts has no such " +
			"setting; leave it out, or take a method that has it: pcn\n",
		"--method pis --temperatures 7": "the method pis has no such setting; " +
			"leave it out, or take a method that has it: pt\n",
		"--method dds --leapfrogs 3 --iterations 2": "that has it: hmc, pt, smc, ais\n",
		"--method pdds --rounds 3 --scale 9": "the method pdds has it only with the " +
			"learned potential",
		"--method smc --whiten-iterations 9":      "only with the mean-field fit",
		"--method nuts --metric dense --warmup 0": "only in a warm-up of one step or more",
		"--method dmcmc --width 9":                "only led by a trained model",
		"--method smc --metric dense --draws 9 --model zoo:eight_schools": "a dense metric of 9 particles in 10 " +
			"dimensions",
	} {
		args := append([]string{"infer", "zoo:two", "--out", filepath.Join(t.TempDir(), "d.csv")},
			strings.Fields(line)...)
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
		"arK": "arK.json", "brownian": "brownian.json", "eight_schools": "eight_schools.json", "funnel": "",
		"german_credit": "german_credit.csv", "gp_regr": "gp_regr.json",
		"kidscore_momiq": "kidscore_momiq.json", "lgcp": "pines_126.csv", "logistic": "sonar.csv",
		"low_dim_gauss_mix": "low_dim_gauss_mix.json", "many_well": "",
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "lgcp" {
				t.Skip("1600 dimensions")
			}
			dir := t.TempDir()
			args := []string{"infer", filepath.Join(dir, name+".star"), "--method", "nuts", "--warmup", "3", "--draws",
				"2", "--chains", "2", "--max-depth", "3", "--out", filepath.Join(dir, "d.csv"), "--json"}
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
