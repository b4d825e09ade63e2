package systems

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
)

// toy is a recipe on a built-in set in the plane: networks that share everything but their path, measured
// by W2 at every budget, and its targets.
type toy struct {
	name, summary string
	set           string
	scale         []float64
	networks      []contender
	rows          []tableRow
	checks        func(r *Result)
	steps         int // training steps; 0: demoSteps
}

// tableRow is a row of a table: the network that it samples, and from where it starts.
type tableRow struct {
	name, network, prior string
	control              bool
}

// toyColumns are those of every toy.
func toyColumns() []string {
	return append(budgetNames(), "straight x", "straight y", "sd x", "sd y", "D min", "D max", "error of D")
}

var toys = []toy{
	{"vsdm-spiral", "the variational Schrödinger path on a spiral of 8:1 in raw units, beside VP and the controls",
		"spiral", spiralScale, contenders, spiralRows(),
		checkSpiral, 0},
	{"vsdm-checkerboard", "the variational Schrödinger path on a checkerboard of 6:1 in raw units", "checkerboard",
		[]float64{6, 1},
		[]contender{contenders[0], contenders[1], contenders[2], contenders[3], contenders[5]},
		[]tableRow{{"VP-20", "VP-20", "own", false}, {stock, stock, "own", true},
			{"VSDM constant", "VSDM constant", "moments", false},
			{"VSDM logistic", "VSDM logistic", "moments", false},
			{"VP-10 standardised", "VP-10 standardised", "own", true}}, checkCheckerboard, 0},
	{"vp-spiral", "variance-preserving paths on the spiral of 8:1 in raw units", "spiral", spiralScale, contenders[2:5],
		[]tableRow{{"VP-10", "VP-10", "own", false}, {"VP-20", "VP-20", "own", false}, {stock, stock, "own",
			true}, {"VP-10 + moment prior", "VP-10",
			"moments", true}}, checkVP, 0},
	{"paths-spiral", "every path on standardised columns of the spiral of 8:1; W2 in raw units", "spiral", spiralScale,
		everyPath(),
		[]tableRow{{"vp", "vp", "own", false}, {authors, authors, "own", true}, {"ve", "ve", "own", false},
			{"subvp", "subvp", "own", false},
			{"edm", "edm", "own", false},
			{"flow", "flow", "own", false}, {"vsdm", "vsdm", "moments", false}}, func(*Result) {}, 0},
	momentumSpiral, pfgmSpiral(),
}

// spiralRows are the demo's, with stock VP among the controls: the verdict of a recipe says whether one of them wins.
func spiralRows() []tableRow {
	rows := append([]tableRow(nil), demoTable...)
	for i := range rows {
		rows[i].control = rows[i].control || rows[i].name == stock
	}
	return rows
}

// authors is vp, whose clock is stock by default, on that of the authors of VSDM, which is VSDM's default.
const authors = "vp, power 1.7"

// everyPath is one network for each path, on standardised columns with the path's defaults, and vp on VSDM's clock.
func everyPath() []contender {
	var list []contender
	for _, name := range []string{"vp", "ve", "subvp", "edm", "flow", "vsdm"} {
		list = append(list, contender{name, func(c *recipe.TrainConfig) { c.Path, c.Transform = name, "standardise" }})
	}
	return append(list, contender{authors, func(c *recipe.TrainConfig) {
		c.Path, c.Power, c.Transform = "vp", 1.7, "standardise"
	}})
}

func (t toy) recipe() Recipe {
	return Recipe{Name: t.name, Summary: t.summary, run: t.run}
}

func (t toy) run(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	r.Columns = toyColumns()
	pr := cfg.protocol.orHouse()
	for _, seed := range cfg.Seeds {
		rows, err := data.Builtin(t.set, demoRows, seed)
		if err != nil {
			return err
		}
		truth, err := scaled(t.set, t.scale, seed+truthSeed)
		if err != nil {
			return err
		}
		base := Demo{Seed: seed}.train(cmp.Or(cfg.Steps, cmp.Or(t.steps, demoSteps)))
		base.Scale = t.scale
		models, err := trainAll(ctx, t.networks, base, rows, run)
		if err != nil {
			return err
		}
		r.Budget = budgetOf(base)
		for _, row := range t.rows {
			n := models[row.network]
			m, err := measure(ctx, n.model, truth, row.prior, pr, seed, run)
			if err != nil {
				return fmt.Errorf("seed %d, %s: %w", seed, row.name, err)
			}
			lo, hi := dRange(n.report)
			off, err := dError(n.model, truth, lo, hi)
			if err != nil {
				return err
			}
			r.add(row.name, row.control, append(append([]float64(nil), m.w2...), m.straight.Smooth[0],
				m.straight.Smooth[1], m.sd[0], m.sd[1], lo, hi, off)...)
		}
		if err := r.addLevels(ctx, truth, pr, seed); err != nil {
			return err
		}
	}
	t.checks(r)
	return nil
}

// dRange is the range of D = I−2A that a training ended with; 1 where it has none.
func dRange(r *recipe.TrainReport) (lo, hi float64) {
	m := lastModes(r)
	if len(m) == 0 {
		return 1, 1
	}
	return 1 - 2*m[len(m)-1], 1 - 2*m[0]
}

// dError is the distance of the ends of D from those of the fixed point for the centred moments of rows in the
// states of the model, of the constant variant of VSDM; 0 for what has none.
func dError(m *ito.Model, rows ito.States, lo, hi float64) (float64, error) {
	p, ok := m.Path.(*path.VSDM)
	if !ok || p.Config().Variant != path.Constant {
		return 0, nil
	}
	x := rows.Clone()
	for i := range x.N {
		if err := m.Transform.Forward(x.Row(i), rows.Row(i)); err != nil {
			return 0, err
		}
	}
	g, err := metric.Moments(x)
	if err != nil {
		return 0, err
	}
	_, end := p.Span()
	a, err := path.ConstantFromGaussian(g, p.B(end))
	if err != nil {
		return 0, err
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(x.D, a), false) {
		return 0, &ito.InputError{Where: "fixed point", What: "A has no eigenvalues"}
	}
	v := e.Values(nil) // rising
	return math.Max(math.Abs(lo-(1-2*v[len(v)-1])), math.Abs(hi-(1-2*v[0]))), nil
}

// budgetOf is what every network of a table of sets in the plane has.
func budgetOf(c recipe.TrainConfig) string {
	c = c.Sized(0, 0)
	return fmt.Sprintf("%d steps of %d rows, network %d×%d, Adam %g, average %g", c.Steps, c.Batch,
		cmp.Or(c.Width, recipe.SmallWidth), c.Depth, c.LR, c.EMA)
}

// The standard deviations of the stretched axes of the spiral and the checkerboard.
const spiralSD, checkerboardSD = 18.67, 21.75

// checkD compares D with its fixed point for the centred moments of the data: (1.067, 1.774) on the spiral. A is
// estimated from a few thousand simulated paths, and .1 in D is .05 in A.
func checkD(r *Result) {
	off, _ := spread(r.column("VSDM constant", "error of D"))
	lo, _ := spread(r.column("VSDM constant", "D min"))
	hi, _ := spread(r.column("VSDM constant", "D max"))
	r.atMost(.1, off, "distance of D (%.3f, %.3f) from its fixed point for the centred moments", lo, hi)
}

// besideStock notes how VSDM and VP on both clocks compare where calls are fewest, at 20 of Euler and at 50 of Heun.
func besideStock(r *Result) {
	for _, k := range []string{"E6", "E20", "H50"} {
		text := ""
		for _, name := range []string{"VSDM constant", "VSDM logistic", "VP-20", stock} {
			w, _ := spread(r.column(name, k))
			text += fmt.Sprintf(", %s %.3g", name, w)
		}
		r.Notes = append(r.Notes, k+": "+text[2:])
	}
}

func checkSpiral(r *Result) {
	besideStock(r)
	w, _ := spread(r.column("VSDM constant", "H50"))
	r.atMost(2.0, w, "W2 of VSDM constant at H50, mean over seeds")
	a, b := r.column("VSDM constant", "E20"), r.column("VP-20", "E20")
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	r.atMost(.85, median(ratios), "W2 of VSDM constant over that of VP-20 at E20, median over seeds")
	sx, _ := spread(r.column("VSDM constant", "straight y"))
	sv, _ := spread(r.column("VP-20", "straight y"))
	r.atMost(sv, sx, "straightness of y of VSDM constant against VP-20's")
	sd, _ := spread(r.column("VSDM constant", "sd y"))
	r.atMost(.05, math.Abs(sd/spiralSD-1), "relative error of the sd of y of VSDM constant (%.2f)", sd)
	checkD(r)
}

func checkCheckerboard(r *Result) {
	besideStock(r)
	w, _ := spread(r.column("VSDM constant", "H50"))
	r.atMost(2.5, w, "W2 of VSDM constant at H50, mean over seeds")
	sd, _ := spread(r.column("VSDM constant", "sd x"))
	r.atMost(.05, math.Abs(sd/checkerboardSD-1), "relative error of the sd of x of VSDM constant (%.2f)", sd)
	checkD(r)
}

// The straightness of VP on the exact field of the spiral.
func checkVP(r *Result) {
	for _, c := range []struct {
		row  string
		want float64
	}{{"VP-10", 10.0}, {"VP-20", 46.7}} {
		s, _ := spread(r.column(c.row, "straight y"))
		r.atMost(.05, math.Abs(s/c.want-1), "relative error of the straightness of y of %s (%.1f) against the exact "+
			"field's", c.row, s)
	}
	w, _ := spread(r.column("VP-20", "H50"))
	r.atMost(2.1, w, "W2 of VP-20 at H50 (exact field: 1.8 ± .3)")
}
