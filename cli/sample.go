package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/task/drawing"
	"github.com/seed9a7962a8/ito/task/sample"
)

// sampleCmd is "ito sample".
type sampleCmd struct {
	drawing.Config
	JSON bool `name:"json" help:"Print what was done as one JSON object: samples, solver, steps, network calls, seconds, broken constraints; of a search, drafts and completions their report"`
}

func (*sampleCmd) manual() page {
	return page{
		synopsis: "MODEL -n N --out FILE [--where COL=VALUE,…] [--solver NAME] [--nfe K | --tol X]",
		text: []string{
			"Sample i of a seed is the same whatever the number of samples, --first, the format, or the number of " +
				"workers; so several machines may each " +
				"draw a part. Rows are in the columns and units of the data that the model learnt. CSV has a header " +
				"and the data columns only; --with-id puts the id before them.",
			"--nfe counts network calls per sample and is never exceeded: heun takes two a step, and --guidance " +
				"other than 1 doubles them. Where ito tune has stored a schedule for so many calls, it is used, " +
				"and standard error says so, unless --solver, --grid or --final is given. dopri5 and others choose " +
				"their own steps by --tol; with --trajectory they also stop at the 51 times that are kept, which " +
				"changes their samples within the tolerance. ito solvers lists all solvers and grids and their " +
				"settings.",
			"--grid also takes the levels themselves, or a text file of them: σ/α from where samples start, 80 for " +
				"edm, to where they are done; 0 at the end is the data. As many steps are made, and --nfe is not " +
				"needed.",
			"With --reward every sample is searched: particles go down the noise levels, and --select says which " +
				"of their possible steps are taken, by the reward of what they are predicted to become. best: whole " +
				"runs, the best at the end; svdd: one particle, the best step at every level; beam: --width " +
				"particles; rbf: the first step that is better than the best before; smc: resampled by e^(reward/T), " +
				"whose law is the model's times that. All spend --budget network calls a sample exactly. Of " +
				"a table with types a level is a word in EXPR and what is missing None; on path mixed, and with " +
				"--where, " +
				"there is best: candidates of 30 calls each. With --start samples begin at drafts with noise of " +
				"--level, and the part of a draft's error that " +
				"survives is printed.",
			"With --inpaint and --colourise samples have what is known: the filled cells of a table, the pixels of " +
				"a picture that are not transparent or that --mask shows, or the grey of a picture in colour. " +
				"ito restore has the other ways to measure, and noise.",
			"Memory does not grow with -n. A file that is being written is called FILE.partial; after ctrl-C, a " +
				"crash or kill -9, the same command " +
				"with --resume makes the same file as if nothing had happened. A Parquet file is written whole or " +
				"not at all, and is not resumed. A finished file has no place for its " +
				"settings: --resume compares its columns and number of rows, and draws its first and last row " +
				"once more.",
		},
		files: [][2]string{
			{"FILE", "the samples, written whole or not at all"},
			{"FILE.partial", "unfinished samples, and beside them FILE.partial.journal, which says how far they are " +
				"good"},
		},
		examples: [][2]string{
			{"ito sample m.safetensors -n 1000 --out s.csv", "A thousand samples."},
			{"ito sample digits.safetensors -n 20 --where label=3 --guidance 2 --out threes.npy",
				"Samples for a condition, more typical than the data."},
			{"ito sample m.safetensors -n 10000000 --first 10000000 --with-id --resume --out part2.csv",
				"The second ten million of a large job, from where it stopped."},
			{"ito sample m.safetensors --solver unipc-3:b=bh1 --grid karras:rho=5 --nfe 10 --final denoise --out s.csv",
				"A solver and a grid with settings of their own, and no noise left at the end."},
			{"ito sample e.safetensors --solver ddim:eta=0.5 --grid 80,24,5.8,0.97,0.085,0 --out s.csv",
				"Five steps between levels that are given."},
			{"ito sample m.safetensors --nfe 8 --out s.csv", "Few network calls, after ito tune m.safetensors --nfe " +
				"8 has searched how to spend them."},
			{"ito sample move.safetensors --from before.csv -n 500 --solver interpolant-sde --epsilon 0.5 --out " +
				"after.csv", "Carry rows to the other end of an interpolant, with noise."},
			{"ito sample m.safetensors -n 5 --nfe 20 --out - | column -t -s,", "A look at a few."},
			{"ito sample m.safetensors -n 100 --reward '-(x-1)*(x-1)' --select rbf --budget 500 --out near.csv",
				"Samples near x = 1, each searched with 500 network calls."},
			{"ito sample m.safetensors -n 100 --start drafts.csv --level .5 --out repaired.csv",
				"Drafts, repaired by the model."},
			{"ito sample faces.safetensors -n 16 --inpaint photo.png --mask hole.png --out whole.npy",
				"Sixteen ways to fill what hole.png has black."},
		},
	}
}

// Run implements the command.
func (c *sampleCmd) Run(ctx context.Context, a *app) error {
	var err error
	if c.Grid, err = gridWord(c.Grid); err != nil {
		return err
	}
	cfg := c.Config
	cfg.Asked = slices.DeleteFunc(slices.Clone(a.given), func(name string) bool {
		return name == "quiet" || name == "force" || name == "json" // which every command has
	})
	if err := cfg.Check(); err != nil {
		return err
	}
	plain := cfg.Kind() == drawing.Plain
	if plain && c.JSON && c.Out == "-" {
		return &ito.InputError{Where: "--json", What: "the samples go to standard output", Do: "give --out a file"}
	}
	if plain {
		a.goesOn(func() string { return resumeHint(sample.Partial(c.Out)) })
	}
	if err := a.replaces(c.Out, plain && c.Resume); err != nil {
		return err
	}
	m := a.meter()
	all, err := drawing.Run(ctx, cfg, sample.Env{Env: a.env(m)})
	m.close()
	if err != nil {
		return afterSignal(ctx, err, a.told())
	}
	if !plain {
		return c.tellSteered(a, all)
	}
	r := *all.Plain
	if c.JSON {
		return a.printJSON(struct {
			Out string `json:"out"`
			N   int    `json:"n"`
			sample.Report
		}{c.Out, c.N, r})
	}
	if r.Tables != nil {
		for _, t := range r.Tables {
			more := ""
			if t.Resumed {
				more = " more, behind those that were there"
			}
			fmt.Fprintf(a.stderr, "wrote %s: %d rows%s\n", t.File, t.N, more)
			for _, b := range t.Broken {
				fmt.Fprintf(a.stderr, "constraint %s: %d of %d samples break it\n", b.Rule, b.Rows, t.N)
			}
		}
		return nil
	}
	if a.bars && c.Out != "-" && r.Solver != "" {
		fmt.Fprintf(a.stderr, "%d samples in %s, %d network calls each (%s, %d steps)\n", c.N, seconds(r.Seconds),
			r.NFE, r.Solver, r.Steps)
	}
	for _, b := range r.Broken {
		fmt.Fprintf(a.stderr, "constraint %s: %d of %d samples break it\n", b.Rule, b.Rows, c.N)
	}
	return nil
}
