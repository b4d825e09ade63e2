package golden_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/recipe"
)

// small is what every training begins from: fifty steps of a small network, with an average that has moved by then.
const small = "steps=50 batch=32 width=16 depth=2 warmup=5 ema=0.9 stages=3 stage-steps=5 stage-paths=60 stage-grid=8"

// training reads settings as NAME=VALUE, as the flags of "ito train" have them.
func training(words string) recipe.TrainConfig {
	var text strings.Builder
	for _, w := range strings.Fields(small + " " + words) {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			panic("a setting without a value: " + w)
		}
		_, number := strconv.ParseFloat(value, 64)
		if number != nil && value != "true" && value != "false" && value[0] != '[' {
			value = strconv.Quote(value)
		}
		text.WriteString(name + " = " + value + "\n")
	}
	c := recipe.DefaultTrain()
	lines := map[string]string{}
	var order []string
	for line := range strings.Lines(text.String()) { // a later setting replaces an earlier one
		name, _, _ := strings.Cut(line, " ")
		if _, again := lines[name]; !again {
			order = append(order, name)
		}
		lines[name] = line
	}
	var toml strings.Builder
	for _, name := range order {
		toml.WriteString(lines[name])
	}
	if err := spec.Parse("case", toml.String(), &c); err != nil {
		panic(err)
	}
	return c
}

// table is rows of d columns: two moons, and polynomials of them.
func table(d, n int) *data.Table {
	moons := must(data.Builtin("moons", n, 1))
	t := &data.Table{Name: "rows", Rows: n, Cols: d}
	for k := range d {
		t.Columns = append(t.Columns, "x"+strconv.Itoa(k))
	}
	for i := range n {
		x, y := moons.Row(i)[0], moons.Row(i)[1]
		for k := range d {
			v := x
			switch {
			case k == 1:
				v = y
			case k > 1:
				v = float64(x*float64(k%3)) + float64(y*float64(k%2)) + float64(float64((i*(k+3))%17)/17)
			}
			t.X = append(t.X, v)
		}
	}
	return t
}

// labelled is two moons with a class, a number and what is learnt.
func labelled() *data.Table {
	t := table(4, 200)
	for i := range t.Rows {
		t.Row(i)[2] = float64(i % 3)
	}
	t.Columns = []string{"x", "y", "label", "size"}
	return t
}

// trainings are all paths with all objectives, and what else changes a training.
func trainings() []group {
	objectives := []string{"dsm", "flow", "edm", "fokker-planck fp-weight=0.1"}
	two := func() *data.Table { return table(2, 200) }
	var out []group
	add := func(name string, rows, from func() *data.Table, list ...string) {
		out = append(out, group{"train " + name, func(t *testing.T, workers int) cases {
			return train(workers, rows, from, list)
		}})
	}
	for _, p := range []string{"vp", "ve", "subvp", "edm", "flow", "pfgm", "pfgm extra=3", "vsdm variant=constant",
		"vsdm variant=diagonal", "vsdm variant=logistic",
		"cld", "vsmd", "onesided family=linear", "onesided family=trig"} {
		var list []string
		for _, o := range objectives {
			list = append(list, "path="+p+" objective="+o)
		}
		add(p, two, nil, list...)
	}
	for _, f := range []string{"linear", "trig", "encdec", "mirror", "sb"} {
		var list []string
		for _, n := range []string{"auto", "brownian", "quadratic", "sine", "none"} {
			list = append(list, "path=interpolant family="+f+" noise="+n)
		}
		add("interpolant "+f, two, nil, list...)
	}
	var targets []string
	for _, o := range []string{"b", "b+eta", "b+s", "v+eta", "v+s"} {
		targets = append(targets, "path=interpolant objective="+o)
	}
	add("interpolant targets", two, nil, targets...)
	add("interpolant between rows", two, func() *data.Table { return must(data.Builtin("gaussians", 150, 2)) },
		append(targets, "path=interpolant family=sb kappa=0.5", "path=interpolant family=encdec")...)
	add("conditions", labelled, nil, "path=vp condition=[\"label\"]", "path=vsdm condition=[\"label\",\"size\"]",
		"path=edm condition=[\"label\"] dropout=0", "path=cld condition=[\"label\"]",
		"path=flow condition=[\"size\"] network=residual", "path=onesided condition=[\"label\"]",
		"path=interpolant condition=[\"label\"]")
	add("networks", two, nil, "path=vp network=residual", "path=vp network=residual activation=gelu",
		"path=vp activation=gelu", "path=vp depth=1", "path=vsdm network=residual depth=3", "path=vp width=33",
		"path=interpolant network=residual", "path=cld network=residual activation=gelu",
		"path=vp network=residual objective=fokker-planck fp-weight=0.1")
	add("optimiser", two, nil, "path=vp schedule=constant", "path=vp schedule=exponential", "path=vp clip=0",
		"path=vp clip=0.01", "path=vp decay=0.1", "path=vp ema=0", "path=vp warmup=0", "path=vp lr=0.01",
		"path=vp batch=1", "path=vp batch=300", "path=vp seed=7",
		"path=interpolant schedule=constant decay=0.1", "path=vp times=0", "path=vp times=1", "path=vsdm times=0",
		"path=edm times=10")
	add("stages", two, nil, "path=vsdm", "path=vsdm stages=0", "path=vsdm warm=true", "path=vsdm centre=false",
		"path=vsdm zeta=0", "path=vsdm eta=1 eta-power=0", "path=vsdm eta-stages=5", "path=vsdm d-min=0.5 d-max=3",
		"path=vsdm prior=own", "path=vsdm variant=diagonal warm=true",
		"path=vsdm variant=logistic warm=true centre=false",
		"path=vsmd free-spring=true", "path=vsmd kappa=0.9", "path=vsmd centre=false", "path=vsmd prior=own",
		"path=cld centre=false", "path=cld prior=moments", "path=vp prior=moments")
	add("columns", two, nil, "path=vsdm transform=none", "path=vsdm transform=whiten",
		"path=vp transform=none scale=[1,8]", "path=vp transform=whiten", "path=edm transform=none",
		"path=cld transform=whiten", "path=vp beta-min=0.2 beta-max=12 power=2", "path=ve sigma-min=0.02 sigma-max=20",
		"path=cld beta-max=6")
	for _, d := range []int{1, 5, 12, 40} {
		add(fmt.Sprintf("%d columns", d), func() *data.Table { return table(d, 120) }, nil, "path=vp", "path=vsdm",
			"path=vsdm variant=diagonal", "path=vsdm variant=logistic", "path=edm", "path=flow", "path=cld",
			"path=vsmd", "path=pfgm", "path=interpolant", "path=onesided")
	}
	return out
}

// where says the conditions of one condition and of two.
var where = []string{1: "label=1", 2: "label=1,size=1"}

// train trains and samples: by the default solver, and by the SDE where the path has one.
func train(workers int, rows, from func() *data.Table, list []string) cases {
	out := cases{}
	pool := ad.NewPool(workers)
	defer pool.Close()
	run := recipe.RunOptions{Pool: pool, Workers: workers}
	for _, words := range list {
		var start *data.Table
		if from != nil {
			start = from()
		}
		m, r, err := recipe.FitBetween(ctx, rows(), start, training(words), run)
		if err != nil {
			out.set(words, "", err)
			continue
		}
		losses := newSum()
		for _, l := range r.Losses {
			losses.floats(l.Loss)
		}
		out.set(words+": losses", losses.text(), nil)
		out.set(words+": weights", newSum().singles(m.Field.(*field.Net).Weights.Params).text(), nil)
		for _, solver := range []string{"heun", "em", "interpolant-sde"} {
			c := recipe.DefaultSample()
			c.N, c.NFE, c.Solver, c.Chunk = 16, 8, solver, 5
			if start != nil {
				c.Start = start.States()
			}
			d, err := sampled(m, c, run)
			out.set(words+": rows by "+solver, d, err)
		}
		if len(m.Conditions) > 0 {
			c := recipe.DefaultSample()
			c.N, c.NFE = 16, 16
			c.Where = where[min(len(m.Conditions), 2)]
			if strings.Contains(words, `["size"]`) {
				c.Where = "size=1"
			}
			d, err := sampled(m, c, run)
			out.set(words+": rows under a condition", d, err)
			c.Guidance = 2.5
			d, err = sampled(m, c, run)
			out.set(words+": guided rows", d, err)
		}
	}
	return out
}

func sampled(m *ito.Model, c recipe.SampleConfig, run recipe.RunOptions) (string, error) {
	s := newSum()
	_, err := recipe.Sample(ctx, m, c, run, func(x ito.States) error {
		s.floats(x.X...)
		return nil
	})
	return s.text(), err
}
