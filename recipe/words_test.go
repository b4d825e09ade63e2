package recipe

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// A word and the flags that say the same are one configuration, to the letter.
func TestExpand(t *testing.T) {
	for _, c := range []struct {
		name  string
		word  func(*TrainConfig)
		flags func(*TrainConfig)
	}{
		{"path", func(c *TrainConfig) { c.Path = "vp:beta-max=20,power=1.7" },
			func(c *TrainConfig) { c.Path, c.BetaMax, c.Power = "vp", 20, 1.7 }},
		{"variant", func(c *TrainConfig) { c.Path = "vsdm:variant=logistic" }, func(c *TrainConfig) {
			c.Path, c.Variant = "vsdm",
				"logistic"
		}},
		{"its default", func(c *TrainConfig) { c.Path = "vsdm:variant=constant" },
			func(c *TrainConfig) { c.Path = "vsdm" }},
		{"both", func(c *TrainConfig) { c.Path, c.BetaMax = "vp:beta-max=20", 20 },
			func(c *TrainConfig) { c.Path, c.BetaMax = "vp", 20 }},
		{"what no flag has", func(c *TrainConfig) { c.Path = "vp:lo=1e-2,beta-max=30" },
			func(c *TrainConfig) { c.Path, c.BetaMax = "vp:lo=0.01", 30 }},
		{"one end", func(c *TrainConfig) { c.Path = "vsmd:beta-min=10,beta-max=5" },
			func(c *TrainConfig) { c.Path, c.BetaMin, c.BetaMax = "vsmd", 10, 5 }},
		{"interpolant", func(c *TrainConfig) { c.Path = "interpolant:family=trig,noise=sine,kappa=2" },
			func(c *TrainConfig) { c.Path, c.Family, c.Noise, c.Kappa = "interpolant", "trig", "sine", 2 }},
		{"pfgm", func(c *TrainConfig) { c.Path = "pfgm:extra=128" }, func(c *TrainConfig) {
			c.Path, c.Extra = "pfgm",
				128
		}},
		{"objective", func(c *TrainConfig) { c.Objective = "fokker-planck:weight=10" },
			func(c *TrainConfig) { c.Objective, c.FPWeight = "fokker-planck", 10 }},
		{"rows", func(c *TrainConfig) { c.Objective = "fokker-planck:rows=4,weight=10" },
			func(c *TrainConfig) { c.Objective, c.FPWeight = "fokker-planck:rows=4", 10 }},
		{"network", func(c *TrainConfig) { c.Network = "mlp:width=64,depth=2,activation=gelu" },
			func(c *TrainConfig) { c.Network, c.Width, c.Depth, c.Activation = "dense", 64, 2, "gelu" }},
		{"residual", func(c *TrainConfig) { c.Network = "mlp:residual=true" },
			func(c *TrainConfig) { c.Network = "residual" }},
		{"dense", func(c *TrainConfig) { c.Network = "mlp" }, func(c *TrainConfig) { c.Network = "dense" }},
		{"time", func(c *TrainConfig) { c.Network = "mlp:width=64,time=raw" },
			func(c *TrainConfig) { c.Network, c.Width = "mlp:time=raw", 64 }},
	} {
		word, flags := DefaultTrain(), DefaultTrain()
		c.word(&word)
		c.flags(&flags)
		a, err := word.Expand(nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		b, err := flags.Expand(nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if spec.Canonical(&a) != spec.Canonical(&b) || spec.Canonical(&b) != spec.Canonical(&flags) {
			t.Errorf("%s: %s differs\n%+v\n%+v", c.name, spec.Diff(&a, &b), a, b)
		}
		if again, err := a.Expand(nil); err != nil || again.Path != a.Path || spec.Canonical(&again) != spec.Canonical(
			&a) {
			t.Errorf("%s expands again to %+v, %v", c.name, again, err)
		}
	}
}

func TestExpandRefusals(t *testing.T) {
	for _, c := range []struct {
		set   func(*TrainConfig)
		given []string
		want  string
	}{
		{func(c *TrainConfig) { c.Path, c.BetaMax = "vp:beta-max=10", 20 }, nil,
			"`beta-max`: it is 20, and 10 in vp:beta-max=10; say it once"},
		{func(c *TrainConfig) { c.Path = "vsdm:variant=logistic" }, []string{"variant"},
			"`variant`: it is constant, and logistic in vsdm:variant=logistic"},
		{func(c *TrainConfig) { c.Path, c.Variant = "vsdm:variant=constant", "logistic" }, nil,
			"`variant`: it is logistic, and constant in"},
		{func(c *TrainConfig) { c.Path = "vp:beta-mx=10" }, nil,
			"`path`: path vp has no setting \"beta-mx=10\" (column 4); did you mean \"beta-max\"?"},
		{func(c *TrainConfig) { c.Path = "vpp" }, nil, "`path`: unknown path \"vpp\"; did you mean \"vp\"?"},
		{func(c *TrainConfig) { c.Path = "vp:beta-max=-1" }, nil,
			"`path`: path vp takes no beta-max of \"-1\" (column 13)"},
		{func(c *TrainConfig) { c.Path, c.SigmaMax = "vp", 3 }, []string{"path", "sigma-max"},
			"`sigma-max`: path vp has no such setting; leave it out"},
		{func(c *TrainConfig) { c.Path, c.Kappa = "cosine", 3 }, []string{"kappa"},
			"`kappa`: path cosine has no such setting"},
		{func(c *TrainConfig) { c.Objective, c.FPWeight = "fokker-planck:weight=10", 1 }, nil,
			"`fp-weight`: it is 1, and 10 in fokker-planck:weight=10"},
		{func(c *TrainConfig) { c.Objective = "dms" }, nil,
			"`objective`: unknown objective \"dms\"; did you mean \"dsm\"?"},
		{func(c *TrainConfig) { c.Network, c.Width = "mlp:width=64", 128 }, nil,
			"`width`: it is 128, and 64 in mlp:width=64"},
		{func(c *TrainConfig) { c.Network = "mlp:depth=4" }, []string{"depth"},
			"`depth`: it is 3, and 4 in mlp:depth=4"},
		{func(c *TrainConfig) { c.Network = "mpl" }, nil, "`network`: unknown network \"mpl\"; did you mean \"mlp\"?"},
	} {
		cfg := DefaultTrain()
		c.set(&cfg)
		_, err := cfg.Expand(c.given)
		if !errors.Is(err, ito.ErrInput) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v\nwant %s", err, c.want)
		}
	}
}

// mountain is a path of a kind that no flag was made for, and ridge a network.
type mountain struct {
	path.VP `config:"-"`
	BetaMax float64 `json:"beta_max" default:"9" above:"0"`
	Mean    []float64
	Height  int `default:"1"`
}

func (mountain) Name() string                 { return "mountain" }
func (m mountain) Resolve() (mountain, error) { m.VP.BetaMax = m.BetaMax; return m, nil }

type ridge struct {
	nn.MLP `config:"-"`
	Depth  int `default:"5" min:"1"`
}

func (ridge) Kind() string { return "ridge" }

func (r ridge) Resolve() (nn.Network, error) { return r, nil }

// The flags of a training that are given are settings of such kinds, and those that are not given are not.
func TestOtherKinds(t *testing.T) {
	path.Register("mountain", "", mountain.Resolve)
	nn.Register("", func() nn.Network { return ridge{} })
	c := DefaultTrain()
	c.Path, c.BetaMax, c.Network, c.Depth = "mountain:height=3", 12, "ridge", 7
	e, err := c.Expand([]string{"path", "beta-max", "network", "depth"})
	if err != nil || e.Path != "mountain:beta-max=12,height=3" || e.BetaMax != 0 || e.Network != "ridge:depth=7" ||
		e.Depth != 3 {
		t.Fatalf("%s, %g, %s, %d: %v", e.Path, e.BetaMax, e.Network, e.Depth, err)
	}
	p, err := e.path(ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{1, 0, 0, 1}}, path.Settings{})
	if err != nil || p.(mountain).VP.BetaMax != 12 || p.(mountain).Mean[1] != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	e.Objective = "dsm"
	if n, err := e.network(); err != nil || n.(ridge).Depth != 7 {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := c.Expand([]string{"variant"}); err == nil || !strings.Contains(err.Error(),
		"`variant`: path mountain has no such setting") {
		t.Error(err)
	}
	if _, err := c.Expand([]string{"width"}); err == nil || !strings.Contains(err.Error(),
		"`width`: network ridge has no such setting") {
		t.Error(err)
	}
	c.Path = "mountain:beta-max=5"
	if _, err := c.Expand([]string{"beta-max"}); err == nil || !strings.Contains(err.Error(),
		"`beta-max`: it is 12, and 5 in mountain:beta-max=5") {
		t.Error(err)
	}
}
