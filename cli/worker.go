package cli

import (
	"context"

	"github.com/seed9a7962a8/ito/job"
)

// workerCmd is "ito worker".
type workerCmd struct{ job.WorkerConfig }

func (*workerCmd) manual() page {
	return page{
		synopsis: "--join URL[,URL…] --store DIR [FILE…]",
		text: []string{
			"Computes shards of the jobs that ito job run --listen or --broker distributes, until it is stopped; it " +
				"may be killed at any time, and what it had is given to another. The program is ito-cluster, which " +
				"is ito with a broker and object stores in it.",
			"A broker says only what to compute: settings that name files, programs or processors are not taken from " +
				"it. The files are those given here, known by their content, and shards go to the store given here. " +
				"A job that this machine would compute other bytes for, because program, vector level or files are " +
				"others, is refused, and both sides say why.",
		},
		examples: [][2]string{
			{"ito-cluster worker --join nats://head:4222 --store /shared/samples moons.safetensors",
				"A worker with the model, and a directory that it shares with the others."},
		},
	}
}

// Run implements the command.
func (c *workerCmd) Run(ctx context.Context, a *app) error {
	b, err := job.TheBroker()
	if err != nil {
		return err
	}
	a.drains.Store(true)
	err = b.Work(ctx, c.WorkerConfig, a.jobEnv(nil))
	if ctx.Err() != nil {
		return afterSignal(ctx, ctx.Err(), "its shards go to other workers")
	}
	return err
}

// brokerCmd is "ito broker".
type brokerCmd struct{ job.ClusterConfig }

func (*brokerCmd) manual() page {
	return page{
		synopsis: "--dir DIR [--listen HOST:PORT] [--name NAME --cluster-listen HOST:PORT --routes URL,…]",
		text: []string{
			"A broker on its own, for jobs that are to outlive the machine that began them: NATS JetStream, in this " +
				"program. It keeps tasks and receipts, each on the disk before it is acknowledged, and no sample: a " +
				"job whose brokers are all lost asks for what is missing again. Three of them with --routes to one " +
				"another are a cluster, whose jobs say --replicas 3.",
			"It ends by ctrl-C or SIGTERM with exit code 0. The program is ito-cluster.",
		},
		examples: [][2]string{
			{"ito-cluster broker --dir a --name a --listen :4222 --cluster-listen :6222 --routes " +
				"nats://b:6222,nats://c:6222", "One of three."},
		},
	}
}

// Run implements the command.
func (c *brokerCmd) Run(ctx context.Context, a *app) error {
	b, err := job.TheBroker()
	if err != nil {
		return err
	}
	a.drains.Store(true)
	env := a.env(nil)
	return b.Serve(ctx, c.ClusterConfig, env.Tell)
}
