package job

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/seed9a7962a8/ito"
)

// Config says which job, and where its shards are.
type Config struct {
	Manifest string `arg:"" where:"local" help:"The job: a TOML file with kind, shards and the settings of the command"`
	Store    string `where:"local" placeholder:"DIR" help:"Where the shards are: a directory, which many machines may share, or s3://HOST/BUCKET/PREFIX; without it the result's name and .job"`
}

// RunConfig says who computes.
type RunConfig struct {
	Config
	Executor string `where:"local" default:"auto" enum:"auto,local,indexed,broker" help:"Who computes: ${enum}. local: the processors of this machine. indexed: this process is one of several and computes its part alone. broker: workers that ask a broker, see ito worker. auto: indexed where Kubernetes or SLURM gave a number, broker where --broker or --listen is given, else local"`
	Workers  int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Keep     bool   `where:"local" help:"Leave the shards in the store when they have been joined"`

	BrokerConfig `embed:"" group:"For workers elsewhere"`
}

// BrokerConfig says how a broker is reached, or what it is.
type BrokerConfig struct {
	Broker    []string      `where:"local" placeholder:"URL,…" help:"Brokers that run already, as nats://HOST:4222; of a cluster some or all"`
	Listen    string        `where:"local" placeholder:"HOST:PORT" help:"Be the broker, at this address, as 127.0.0.1:4222"`
	TokenFile string        `where:"local" placeholder:"FILE" help:"A file whose first line workers and brokers must bring"`
	Replicas  int           `where:"local" default:"1" min:"1" max:"5" help:"Brokers that keep each task: 3 where there are three of a cluster"`
	Patience  time.Duration `where:"local" default:"30s" above:"0" help:"Time after which a task is given to another worker when the one that has it says nothing"`
}

// WorkerConfig says what a worker works for.
type WorkerConfig struct {
	Join      []string `where:"local" required:"" placeholder:"URL,…" help:"The brokers, as nats://HOST:4222"`
	Files     []string `arg:"" optional:"" where:"local" help:"The models and other files that jobs may name: they are known by their content"`
	Store     string   `where:"local" required:"" placeholder:"DIR" help:"Where the shards go: the store that the job was begun with"`
	TokenFile string   `where:"local" placeholder:"FILE" help:"A file whose first line the brokers want"`
	Workers   int      `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use, each for a shard of its own; 0: all"`
	Once      bool     `where:"local" help:"End when there is nothing more to do"`
}

// ClusterConfig is a broker of its own.
type ClusterConfig struct {
	Listen        string   `where:"local" default:"127.0.0.1:4222" placeholder:"HOST:PORT" help:"Where workers and jobs reach it"`
	Dir           string   `where:"local" required:"" placeholder:"DIR" help:"Where it keeps its tasks"`
	Name          string   `where:"local" placeholder:"NAME" help:"Its name, another for each broker of a cluster"`
	ClusterListen string   `where:"local" placeholder:"HOST:PORT" help:"Where the other brokers reach it"`
	Routes        []string `where:"local" placeholder:"URL,…" help:"The other brokers, as nats://HOST:6222"`
	TokenFile     string   `where:"local" placeholder:"FILE" help:"A file whose first line workers, jobs and brokers must bring"`
}

// Broker distributes shards to workers elsewhere.
type Broker interface {
	// Executor is one whose shards workers compute.
	Executor(c BrokerConfig, note func(string)) (Executor, error)
	// Work computes shards until ctx ends.
	Work(ctx context.Context, c WorkerConfig, env Env) error
	// Serve is a broker until ctx ends.
	Serve(ctx context.Context, c ClusterConfig, note func(string)) error
}

var broker Broker

// RegisterBroker makes this program able to distribute shards. It is called in an init function.
func RegisterBroker(b Broker) { broker = b }

// TheBroker is what RegisterBroker was given; without, an *ito.InputError that says where there is one.
func TheBroker() (Broker, error) {
	if broker == nil {
		return nil, &ito.InputError{Where: "broker", What: "this program has no broker in it, for its start would " +
			"take longer", Do: "use the program ito-cluster, which is ito with one"}
	}
	return broker, nil
}

// Choose returns the executor of a configuration.
func (c *RunConfig) Choose(shards int, note func(string)) (Executor, error) {
	kind := c.Executor
	x, found, err := FromEnvironment(os.LookupEnv, shards)
	if kind == "auto" {
		switch {
		case len(c.Broker) > 0 || c.Listen != "":
			kind = "broker"
		case err != nil:
			return nil, err
		case found:
			kind = "indexed"
		default:
			kind = "local"
		}
	}
	if kind != "broker" && (len(c.Broker) > 0 || c.Listen != "") {
		return nil, &ito.InputError{Where: "`executor`", What: kind + " has no broker", Do: "leave `broker` and " +
			"`listen` out, or give `executor=broker`"}
	}
	switch kind {
	case "indexed":
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, &ito.InputError{Where: "`executor`", What: "indexed, and neither JOB_COMPLETION_INDEX nor " +
				"SLURM_ARRAY_TASK_ID is set", Do: "start it by Kubernetes or SLURM, or set JOB_COMPLETION_INDEX"}
		}
		x.Local = Local{c.Workers}
		note(fmt.Sprintf("process %d of %d", x.Index, x.Of))
		return x, nil
	case "broker":
		b, err := TheBroker()
		if err != nil {
			return nil, err
		}
		return b.Executor(c.BrokerConfig, note)
	}
	return Local{c.Workers}, nil
}

// Open loads the manifest of a configuration and opens its store.
func (c *Config) Open(ctx context.Context) (*Manifest, Store, error) {
	m, err := Load(c.Manifest)
	if err != nil {
		return nil, nil, err
	}
	if c.Store == "" {
		c.Store = m.Out() + ".job"
	}
	s, err := OpenStore(ctx, c.Store)
	return m, s, err
}
