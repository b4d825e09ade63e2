package recipe

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Every whole number and every float of a training and a sampling may be told to be as large as it can be: that is
// refused, or does no harm, and nothing is allocated before.
func TestHugeSettings(t *testing.T) {
	m := tinyModel(t, func(c *TrainConfig) { c.Path, c.Steps = "vp", 2 })
	harmless := map[string]bool{"seed": true, "first": true, "guidance": true}
	try := func(name string, err error) {
		if !errors.Is(err, ito.ErrInput) && !(err == nil && harmless[name]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, path := range []string{"vsdm", "vp", "cld"} {
		c := reflect.ValueOf(DefaultTrain())
		for i := range c.NumField() {
			f := c.Type().Field(i)
			for _, huge := range []float64{1e18, math.Inf(1)} {
				cfg := DefaultTrain()
				v := reflect.ValueOf(&cfg).Elem().Field(i)
				switch {
				case v.Kind() == reflect.Int && !math.IsInf(huge, 0):
					v.SetInt(int64(huge))
				case v.Kind() == reflect.Float64 && math.IsInf(huge, 0):
					v.SetFloat(huge)
				default:
					continue
				}
				cfg.Path = path
				if path != "vsdm" && (f.Name == "StagePaths" || f.Name == "StageGrid" || f.Name == "StageSteps" ||
					f.Name == "Stages") {
					continue // a fixed path has none
				}
				_, _, err := Fit(context.Background(), moons(20), cfg, RunOptions{})
				try(path+" "+spec.FlagName(f.Name), err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*SampleConfig)
	}{
		{"n", func(c *SampleConfig) { c.N = math.MaxInt }}, {"nfe", func(c *SampleConfig) { c.NFE = 1e18 }},
		{"tol", func(c *SampleConfig) { c.Tol = math.Inf(1) }},
		{"guidance", func(c *SampleConfig) { c.Guidance = math.Inf(-1) }},
		{"epsilon", func(c *SampleConfig) { c.Epsilon = math.Inf(1) }},
	} {
		cfg := DefaultSample()
		c.change(&cfg)
		_, err := Sample(context.Background(), m, cfg, RunOptions{},
			func(ito.States) error { return errors.New("drawn") })
		harmless["guidance"] = false
		try(c.name, err)
	}
}
