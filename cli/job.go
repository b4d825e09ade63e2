package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/seed9a7962a8/ito/job"
	_ "github.com/seed9a7962a8/ito/job/kinds" // registers the commands that can be jobs
)

// jobCmd is "ito job".
type jobCmd struct {
	Run    jobRunCmd    `cmd:"" help:"Do a job in shards that any number of processes compute"`
	Status jobStatusCmd `cmd:"" help:"Say how far a job is"`
	Resume jobResumeCmd `cmd:"" help:"Go on with a job that was begun"`
	Verify jobVerifyCmd `cmd:"" help:"Compare a job with its digests, and compute some of it again"`
	Export jobExportCmd `cmd:"" help:"Join the shards of a job to its result"`
}

func (*jobCmd) manual() page {
	return page{
		synopsis: "run|status|resume|verify|export MANIFEST [--FLAG VALUE…]",
		text: []string{"A job is a command cut into shards. Its manifest is a TOML file: kind (sample, infer, " +
			"evaluate, tune or run), shards, out, and the settings of the command by the names of its flags. A shard " +
			"follows from the manifest and its number alone, so any process may compute any of them, in any order, " +
			"and again; joined they are byte for byte what the command writes. docs/jobs.md has the details."},
		examples: [][2]string{
			{"ito job run samples.toml", "Everything on this machine."},
			{"ito job verify samples.toml", "Five shards again: are they the same?"},
		},
	}
}

// jobRunCmd is "ito job run".
type jobRunCmd struct {
	job.RunConfig
	JSON bool `name:"json" after:"keep" help:"Print what happens as lines of JSON"`
}

func (*jobRunCmd) manual() page {
	return page{
		synopsis: "MANIFEST [--store DIR] [--executor local|indexed|broker] [--workers N] [--json]",
		text: []string{
			"Computes the shards that are not in the store and joins them to the result. After ctrl-C, a crash or " +
				"kill -9 the same command goes on; the shards that were done are not done again.",
			"A shard is there whole, with its digest, or not at all. Two results of one shard that differ stop the " +
				"job: it is not reproducible. A program, vector level or file that is another than the job was begun " +
				"with is refused. A shard that was cut off or has other bytes than its digest says is computed again.",
			"Where Kubernetes (JOB_COMPLETION_INDEX) or SLURM (SLURM_ARRAY_TASK_ID) started this process it computes " +
				"the shards of its number, and ito job export joins them when all are done. ITO_JOB_OF says how many " +
				"such processes there are; without it SLURM_ARRAY_TASK_COUNT, or one for each shard.",
			"With --broker or --listen workers on other machines compute: see ito worker.",
		},
		files: [][2]string{
			{"OUT", "the result, byte for byte that of the command"},
			{"OUT.job/plan.json", "what the bytes depend on"},
			{"OUT.job/shard-000000 …", "the shards, removed when they are joined unless --keep is given"},
			{"OUT.job/receipts.json", "their digests, and that of the result"},
		},
		examples: [][2]string{
			{"ito job run samples.toml", "All processors of this machine."},
			{"ito job run samples.toml --store /shared/samples --executor indexed", "One of many processes, in a " +
				"script for SLURM."},
			{"ito-cluster job run samples.toml --listen :4222 --store s3://minio:9000/bucket/samples",
				"Workers on other machines, and an object store."},
		},
	}
}

// jobEnv surrounds a job.
func (a *app) jobEnv(m *meter) job.Env { return job.Env{Env: a.env(m), Words: a.flagged} }

// Run implements the command.
func (c *jobRunCmd) Run(ctx context.Context, a *app) error { return c.run(ctx, a, job.Open) }

// run opens a job and runs it.
func (c *jobRunCmd) run(ctx context.Context, a *app, open func(context.Context, *job.Manifest, job.Store,
	job.Env) (*job.Job, error)) error {
	manifest, store, err := c.Config.Open(ctx)
	if err != nil {
		return err
	}
	m := a.meter()
	defer m.close()
	env := a.jobEnv(m)
	j, err := open(ctx, manifest, store, env)
	if err != nil {
		return err
	}
	x, err := c.Choose(j.Plan.Shards, env.Tell)
	if err != nil {
		return err
	}
	var last job.RunEvent
	s, err := j.Run(ctx, x, c.Keep, func(e job.RunEvent) {
		last = e
		if c.JSON {
			b, _ := json.Marshal(e)
			a.stdout.Write(append(b, '\n'))
		} else if e.Event == "planned" && e.Done > 0 {
			env.Tell(fmt.Sprintf("%d of %d shards are done", e.Done, e.Shards))
		}
	})
	m.close()
	if err != nil {
		hint := ""
		if s != nil {
			hint = fmt.Sprintf("%d of %d shards are done, and the same command goes on from them", last.Done, s.Shards)
		}
		return afterSignal(ctx, err, hint)
	}
	if c.JSON {
		return nil
	}
	switch {
	case last.Event == "finished":
		env.Tell(manifest.Out() + " is finished; nothing to do")
	case last.Event == "joined":
		for _, f := range last.Files {
			fmt.Fprintf(a.stdout, "%s: %d bytes of %d shards in %s, sha256 %s\n", f.Name, f.Bytes, s.Shards,
				seconds(last.Seconds), f.Digest)
		}
	default:
		fmt.Fprintf(a.stdout, "%d of %d shards are done; ito job export %s joins them when all are\n", s.Done,
			s.Shards, shellWord(c.Manifest))
	}
	return nil
}

// jobResumeCmd is "ito job resume".
type jobResumeCmd struct{ jobRunCmd }

func (*jobResumeCmd) manual() page {
	return page{
		synopsis: "MANIFEST [--store DIR] [--executor local|indexed|broker] [--workers N] [--json]",
		text: []string{"Does what ito job run does, for a job that is there: where the store has none, which a wrong " +
			"name may be the reason of, it is refused and nothing is begun."},
		examples: [][2]string{{"ito job resume samples.toml", "After a crash."}},
	}
}

// Run implements the command.
func (c *jobResumeCmd) Run(ctx context.Context, a *app) error { return c.run(ctx, a, job.Existing) }

// jobStatusCmd is "ito job status".
type jobStatusCmd struct {
	job.Config
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*jobStatusCmd) manual() page {
	return page{
		synopsis: "MANIFEST [--store DIR] [--json]",
		text: []string{"Looks at the store: which shards are there, whole and of this job. It needs no process that " +
			"runs, and disturbs none."},
		examples: [][2]string{{"ito job status samples.toml --json", "For a program."}},
	}
}

// Run implements the command.
func (c *jobStatusCmd) Run(ctx context.Context, a *app) error {
	manifest, store, err := c.Config.Open(ctx)
	if err != nil {
		return err
	}
	j, err := job.Existing(ctx, manifest, store, a.jobEnv(nil))
	if err != nil {
		return err
	}
	s, err := j.State(ctx)
	if s == nil {
		return err
	}
	if c.JSON {
		if e := a.printJSON(s); e != nil {
			return e
		}
		return err
	}
	rows := [][2]string{{"job", s.Job}, {"kind", s.Kind},
		{"shards", fmt.Sprintf("%d of %d are done", s.Done, s.Shards)},
		{"rows", fmt.Sprint(s.Rows)}, {"damaged", listed(s.Damaged)}}
	if s.Result != nil {
		for _, f := range s.Result.Files {
			rows = append(rows, [2]string{"result", fmt.Sprintf("%s, %d bytes, sha256 %s", f.Name, f.Bytes, f.Digest)})
		}
	}
	if e := facts(a.stdout, rows); e != nil {
		return e
	}
	return err
}

// listed writes numbers, the first few of many.
func listed(n []int) string {
	text := ""
	for i, v := range n {
		if i == 8 {
			return fmt.Sprintf("%s … (%d)", text, len(n))
		}
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(v)
	}
	return text
}
