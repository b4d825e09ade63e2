package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	samplers "github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/infer"
)

// inferCmd is "ito infer".
type inferCmd struct {
	infer.Config
	JSON bool `name:"json" after:"workers" help:"Print the result as one JSON object"`
}

func (*inferCmd) manual() page {
	text := []string{
		"MODEL is a Starlark program that declares parameters, priors and observations (docs/models.md), or the name " +
			"of a density of ito zoo. The program samples it and writes the parameters in their own units, " +
			"what the model derives and generates, and the sampler's statistics, in CmdStan's layout and by " +
			"CmdStan's names. It ends with a table of means, quantiles, R-hat and effective sizes, with log Z " +
			"where the method " +
			"estimates it, with warnings, and with a line that says what to do.",
		"Without --method it is nuts up to 2000 dimensions and 100 million operations a gradient, a count of the " +
			"compiled model and no timing, and hmc beyond either, after a pilot from many starts; where these climb " +
			"to several modes, " +
			"the program says so and names the methods that can cross between them. The pilot also warns where a " +
			"method is asked for that cannot.",
		"smc and ais begin from N(0, I), or, where a wider pilot finds modes that it does not reach and --scale is " +
			"not given, from a normal fitted to these modes, which the program then prints. pdds, where it finds at " +
			"most one mode and neither --scale nor --whiten is given, begins from a mean-field fit. Pdds of several " +
			"modes, pis, dds, dis, bridge and geometric keep what they " +
			"begin from, and so does what --scale says; modes outside, or too narrow, are a warning. Draws of smc, " +
			"ais, pdds, pis, dds and dis have log weights; they and their log Z are of --chains independent " +
			"runs. Particles of dilation, " +
			"geometric and convolutional are checked for the right proportions.",
		"A trained model (on a path with one level of noise, such as edm, ve or vp, and without conditions) is " +
			"sampled by dmcmc: Langevin steps with the field's scores, at noise levels that a classifier chooses. It " +
			"is trained first, on the rows of --data, or, without, on " +
			"4096 samples of the model. Such draws have no density, so there is no lp__, and their steps cannot be " +
			"accepted or rejected, which biases them by the step size: ito sample is nearer to what the model " +
			"learned, dmcmc is for chains.",
		"The draws depend on the seed, the model, its data and the settings of the sampler, not on --workers or on " +
			"interruptions. While it runs, FILE.partial holds the draws and FILE.checkpoint the sampler; after " +
			"ctrl-C, a crash or " +
			"kill -9 the same command with --resume makes the same files as if nothing had happened. Memory does not " +
			"grow with the draws of chains, nor while they are summed up: that takes " +
			"about 100 MB at most, and, beyond two million values, a temporary file in FILE's directory.",
		"map is one place and no draws: the mode of the density of the parameters themselves, as Stan's optimize " +
			"(with --jacobian that of the unconstrained parameters), with standard errors from the second " +
			"derivatives there. laplace, pathfinder and advi draw from normals of the unconstrained parameters and " +
			"draw again by Pareto smoothed weights; k-hat above .7 says that the density is not near enough to the " +
			"normals, and the last line then says not to use them.",
		"Chains and ascents start in (-2, 2) of the unconstrained parameters, at places that are drawn again up to a " +
			"hundred times until density and gradient are finite, or where --init says: at draws of the priors " +
			"(prior), at draws of pathfinder, in a cube (a number), where the chains of a file of draws ended, or at " +
			"the values of a JSON file. Where no start is found the message names the term that is not finite, its " +
			"line and the parameters.",
		"A setting that the method does not have is refused. Every method has --seed, and all but map --draws and " +
			"--chains. The methods and their other settings are:",
	}
	for _, m := range samplers.Methods() {
		text = append(text, fmt.Sprintf("%s: %s (%s). Settings: %s.", m.Name, m.Summary, m.Source, settingsText(m)))
	}
	return page{
		synopsis: "MODEL.star|zoo:NAME|TRAINED.safetensors [--data FILE] [--method WORD] [--init WHERE] " +
			"[--draws N] --out FILE [--plot DIR] [--resume] [--json]",
		text: text,
		files: [][2]string{
			{"FILE", "the draws; a CSV of several chains is FILE_1.csv, FILE_2.csv, …, as CmdStan's, and further " +
				"chains of an earlier run of ito are removed; a file of such a name that ito did not write is " +
				"refused. All settings are in it, and with --resume compared with those of a finished file: in CSV " +
				"above the header, in Parquet in the file's metadata; npy and JSON have them, and the columns' " +
				"names, beside them in FILE.json"},
			{"FILE.partial", "unfinished draws"},
			{"FILE.checkpoint", "the state of the sampler, from which --resume goes on"},
		},
		examples: [][2]string{
			{"ito infer eight_schools.star --data eight_schools.json --out d.csv", "Four chains of a thousand draws."},
			{"ito infer zoo:gmm40 --method dilation --draws 1000 --out d.npy --plot pictures",
				"A thousand particles along the dilation path, over the contours of the density."},
			{"ito infer m.star --data d.json --method map --out mode.csv", "The mode, with standard errors."},
			{"ito infer m.star --data d.json --method nuts --init pathfinder --out d.csv",
				"Chains that begin at draws of Pathfinder."},
			{"ito infer logistic.star --data sonar.csv --method smc --chains 8 --out d.parquet",
				"Evidence from eight runs."},
			{"ito infer zoo:sonar --method pdds --potential learned --iterations 10000 --refresh-draws 30000 --steps " +
				"32 --out d.npy", "PDDS trained as long as in its paper: 2·10⁸ gradients."},
			{"ito infer m.safetensors --data rows.csv --out d.csv",
				"Denoising MCMC led by a field that ito train learnt from these rows."},
			{"ito infer long.star --draws 1000000 --resume --out d.parquet", "From where it stopped."},
		},
	}
}

// Run implements the command.
func (c *inferCmd) Run(ctx context.Context, a *app) error {
	c.Given = a.given
	a.goesOn(func() string { return resumeHint(infer.Checkpoint(c.Out)) })
	if err := a.replaces(c.Out, c.Resume); err != nil {
		return err
	}
	m := a.meter()
	r, err := infer.Run(ctx, c.Config, infer.Env{Env: a.env(m)})
	m.close()
	if err != nil {
		return afterSignal(ctx, err, a.told())
	}
	switch {
	case r.Finished && c.JSON:
		return a.printJSON(map[string]any{"files": r.Files, "finished": true})
	case r.Finished:
		return nil
	}
	task.Words(&r, a.flagged)
	if c.JSON {
		return a.printJSON(r)
	}
	return writeInference(a.stdout, r)
}

// settingsText names the flags that a method has, for the manual.
func settingsText(m samplers.Method) string {
	fields, flags := infer.SettingNames()
	var own []string
	for _, f := range m.Settings() {
		// all have these
		if flag := flags[slices.Index(fields, f)]; !slices.Contains([]string{"seed", "draws", "chains"}, flag) {
			own = append(own, "--"+flag)
		}
	}
	return strings.Join(own, ", ")
}
