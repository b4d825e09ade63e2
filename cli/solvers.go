package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/task/solvers"
	"github.com/seed9a7962a8/ito/tune"
)

// solversCmd is "ito solvers".
type solversCmd struct {
	solvers.Config
	JSON bool `name:"json" help:"Print the lists as one JSON object"`
}

func (*solversCmd) manual() page {
	return page{
		synopsis: "[--path PATH] [--json]",
		text: []string{
			"Lists what --solver and --grid of ito sample, ito eval, ito compare and ito bench solvers take. Order " +
				"is the one that is measured in tests, weak for stochastic solvers; calls are evaluations of the " +
				"network in a step, of which --guidance other than 1 makes two each. Solvers with variable calls " +
				"choose their own steps, sample by sample, by --tol.",
			"The paths: diagonal is every path of ito train; one-mode are those in which all directions have the " +
				"same noise, which vsdm is not; linear are momentum " +
				"paths and others with full matrices; two-ended are interpolants between two sets of data.",
			"Settings follow a solver's name after a colon, with commas between them, " +
				"NAME:SETTING=VALUE,SETTING=VALUE, in any order; the list says what each takes and, in brackets, " +
				"what it is otherwise. +denoise or +euler " +
				"at the end of the word does what --final does: dpmpp-2m:second=taylor+denoise.",
			"Of the grids, ends is fine at both ends of the path: for interpolants whose noise begins and ends as a " +
				"square root, which take it by default. " +
				"interpolant-sde makes one call a step: the network gives velocity and score together.",
		},
		examples: [][2]string{
			{"ito solvers", "All of them."},
			{"ito sample m.safetensors --solver pc:predictor=em,steps=2,snr=0.1 --nfe 100 --out s.csv",
				"A predictor and a corrector of one's choice, on a path of one mode."},
			{"ito sample m.safetensors --solver dpmpp-2m --grid logsnr --nfe 10 --out s.csv", "A fast one."},
			{"ito compare m.safetensors --against DATA --nfe 5,10,20", "Which is best for a model."},
		},
	}
}

// listedGrids are the ways to list levels instead of naming a grid.
var listedGrids = [][2]string{
	{"80,24,…,0 or sigmas:…", "levels of σ/α, from where samples start; sigmas:FILE, or FILE, has them in a text file"},
	{"times:1,0.5,…", "times of the path"},
	{"lambdas:-5,0,…", "levels of log(α/σ)"},
}

// Run implements the command.
func (c *solversCmd) Run(ctx context.Context, a *app) error {
	r, err := solvers.Run(ctx, c.Config, a.env(nil))
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	lines := r.Solvers
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "solver\torder\tcalls\tkind\tpaths\tsource")
	for _, l := range lines {
		calls, kind := strconv.Itoa(l.Evals), "ODE"
		if l.Adaptive {
			calls = "variable"
		}
		if l.Stochastic {
			kind = "SDE"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", l.Name, l.Order, calls, kind, strings.Join(l.Paths, ", "), l.Source)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "\nsettings, NAME:SETTING=VALUE,…:")
	for _, of := range settingsBySolver(lines) {
		fmt.Fprintf(a.stdout, "\n  %s\n", strings.Join(of.names, ", "))
		for _, c := range of.settings {
			fmt.Fprintf(w, "    %s=%s\t(%s)\t%s\n", c.Name, c.Values, c.Default, c.Help)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.stdout, "\ngrids: %s\n\n", strings.Join(r.Grids, ", "))
	for _, g := range append(solve.GridHelp(), listedGrids...) {
		fmt.Fprintf(w, "  %s\t%s\n", g[0], g[1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\nusf (%s) and dpm-v3 (%s) need what belongs to one model: ito tune finds and "+
		"stores it.\n", tune.USF{}.Info().Source, tune.DPMv3{}.Info().Source)
	return err
}

// sameSettings are solvers with the same settings.
type sameSettings struct {
	names    []string
	settings []solvers.Setting
}

func settingsBySolver(lines []solvers.Solver) []sameSettings {
	var out []sameSettings
	for _, l := range lines {
		if len(l.Settings) == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(s sameSettings) bool { return slices.Equal(s.settings, l.Settings) })
		if i < 0 {
			i = len(out)
			out = append(out, sameSettings{settings: l.Settings})
		}
		out[i].names = append(out[i].names, l.Name)
	}
	return out
}
