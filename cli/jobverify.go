package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed9a7962a8/ito/job"
)

// errVerify is a job that is not what its digests say.
var errVerify = errors.New("the job is not what its digests say")

// jobVerifyCmd is "ito job verify".
type jobVerifyCmd struct {
	job.Config
	Shards  int    `name:"compute" default:"5" min:"0" help:"Shards to compute again, chosen at random; those of which there are two results come first"`
	All     bool   `help:"Compute all of them again"`
	Seed    uint64 `default:"1" help:"Of the choice"`
	Workers int    `where:"local" default:"0" min:"0" max:"4096" help:"Processors to use; 0: all"`
	JSON    bool   `name:"json" help:"Print one JSON object"`
}

func (*jobVerifyCmd) manual() page {
	return page{
		synopsis: "MANIFEST [--store DIR] [--compute K | --all] [--json]",
		text: []string{
			"Reads every shard that is there, and the result, and compares the bytes with their digests: a disk that " +
				"changed a bit is found. Then computes some shards again and compares: a machine that computed wrong " +
				"bytes, which have the right digest of the wrong bytes, is found by --all, or with the share of its " +
				"shards that --compute looks at.",
			"The exit code is 1 where something differs.",
		},
		examples: [][2]string{
			{"ito job verify samples.toml", "The bytes, and five shards again."},
			{"ito job verify samples.toml --all", "Everything, in the time that the job took."},
		},
	}
}

// Run implements the command.
func (c *jobVerifyCmd) Run(ctx context.Context, a *app) error {
	manifest, store, err := c.Config.Open(ctx)
	if err != nil {
		return err
	}
	m := a.meter()
	defer m.close()
	j, err := job.Existing(ctx, manifest, store, a.jobEnv(m))
	if err != nil {
		return err
	}
	count := c.Shards
	if c.All {
		count = j.Plan.Shards
	}
	v, err := j.Verify(ctx, count, c.Seed, c.Workers)
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		if err := a.printJSON(v); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.stdout, "%d of %d shards are done; %d read, %d damaged\n", v.Done, v.Shards, v.Read,
			len(v.Damaged))
		for _, f := range v.Files {
			fmt.Fprintf(a.stdout, "%s read\n", f)
		}
		fmt.Fprintf(a.stdout, "%d of %d computed again are equal\n", v.Equal, len(v.Computed))
	}
	if v.Confirmed {
		return nil
	}
	err = errVerify
	for _, i := range v.Damaged {
		err = fmt.Errorf("%w; shard %d is damaged", err, i)
	}
	for _, f := range v.BadFiles {
		err = fmt.Errorf("%w; %s", err, f)
	}
	for _, d := range v.Disagree {
		err = fmt.Errorf("%w; shard %d is not reproducible: there it has the digest %s, and here %s", err, d.Shard,
			d.There, d.Here)
	}
	return err
}

// jobExportCmd is "ito job export".
type jobExportCmd struct {
	job.Config
	Out  string `where:"local" placeholder:"FILE" help:"Another name for the result"`
	JSON bool   `name:"json" help:"Print one JSON object"`
}

func (*jobExportCmd) manual() page {
	return page{
		synopsis: "MANIFEST [--store DIR] [--out FILE] [--json]",
		text: []string{"Joins the shards of a store to the result, for a job whose processes each computed a part. " +
			"Every shard is compared with its digest on the way. The shards stay."},
		examples: [][2]string{
			{"ito job export samples.toml --store /shared/samples --out samples.npy", "What SLURM computed."},
		},
	}
}

// Run implements the command.
func (c *jobExportCmd) Run(ctx context.Context, a *app) error {
	manifest, store, err := c.Config.Open(ctx)
	if err != nil {
		return err
	}
	if c.Out != "" {
		manifest.SetOut(c.Out)
	}
	m := a.meter()
	defer m.close()
	j, err := job.Existing(ctx, manifest, store, a.jobEnv(m))
	if err != nil {
		return err
	}
	r, err := j.Export(ctx)
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	for _, f := range r.Files {
		fmt.Fprintf(a.stdout, "%s: %d bytes, sha256 %s\n", f.Name, f.Bytes, f.Digest)
	}
	return nil
}
