package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/job"
)

// Executor implements job.Broker.
func (jetStream) Executor(c job.BrokerConfig, note func(string)) (job.Executor, error) {
	if len(c.Broker) > 0 && c.Listen != "" {
		return nil, &ito.InputError{Where: "`listen`", What: "there are brokers already", Do: "give one of the two"}
	}
	if len(c.Broker) == 0 && c.Listen == "" {
		return nil, &ito.InputError{Where: "`executor=broker`", What: "there is no broker", Do: "give `listen` an " +
			"address to be one, or `broker` those that run"}
	}
	return &coordinator{c, note}, nil
}

// coordinator has the shards of a job computed by workers.
type coordinator struct {
	c    job.BrokerConfig
	note func(string)
}

// Joins implements job.Executor.
func (*coordinator) Joins() bool { return true }

// Times between two looks at the store: when receipts come, and when none do.
const soon, late = 200 * time.Millisecond, 3 * time.Second

// mostFailures is how often a shard may fail before the job does.
const mostFailures = 3

// Run implements job.Executor.
func (x *coordinator) Run(ctx context.Context, r *job.Running, _ []int) error {
	if err := r.Portable(); err != nil {
		return err
	}
	urls := x.c.Broker
	if x.c.Listen != "" {
		s, done, err := x.own()
		if err != nil {
			return err
		}
		defer done()
		urls = []string{s.ClientURL()}
		x.note("broker at " + s.ClientURL())
	}
	conn, js, err := connect(urls, x.c.TokenFile, "ito job "+r.ID)
	if err != nil {
		return err
	}
	defer conn.Close()
	d := &dispatch{coordinator: x, r: r, js: js, failures: map[int]int{}, news: make(chan struct{}, 1)}
	defer d.stop()
	for {
		todo, err := r.Look(ctx)
		if err != nil {
			return err
		}
		if err := d.failure(); err != nil {
			return err
		}
		if len(todo) == 0 {
			d.forget()
			return nil
		}
		if err := d.enqueue(ctx, todo); err != nil && ctx.Err() == nil {
			if !d.complained {
				x.note("no broker: " + err.Error() + "; trying again")
			}
			d.complained = true
		} else if d.complained {
			x.note("the broker is back")
			d.complained = false
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(late):
		case <-d.news:
			time.Sleep(soon) // others come with it
		}
	}
}

// own starts a broker in this process, whose tasks are nowhere else and are forgotten.
func (x *coordinator) own() (*server.Server, func(), error) {
	dir, err := os.MkdirTemp("", "ito-broker-*")
	if err != nil {
		return nil, nil, err
	}
	s, err := start(job.ClusterConfig{Listen: x.c.Listen, Dir: dir, TokenFile: x.c.TokenFile})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, func() {
		s.Shutdown()
		s.WaitForShutdown()
		os.RemoveAll(dir)
	}, nil
}

// dispatch is a job on its way.
type dispatch struct {
	*coordinator
	r          *job.Running
	js         jetstream.JetStream
	listening  jetstream.ConsumeContext
	news       chan struct{}
	complained bool

	mu       sync.Mutex
	failures map[int]int // by shard
	failed   error
}

// enqueue asks for the shards that are missing and not asked for.
func (d *dispatch) enqueue(ctx context.Context, todo []int) error {
	if err := ensure(ctx, d.js, d.c.Replicas); err != nil {
		return err
	}
	if err := d.listen(ctx); err != nil {
		return err
	}
	if _, err := consumer(ctx, d.js, d.r.ID, d.c.Patience); err != nil {
		return err
	}
	if err := announce(ctx, d.js, d.r.ID, announcement{d.r.Plan, d.c.Patience}); err != nil {
		return err
	}
	asked, err := d.asked(ctx)
	if err != nil {
		return err
	}
	for _, i := range todo {
		subject := fmt.Sprintf("ito.task.%s.%d", d.r.ID, i)
		if asked[subject] > 0 {
			continue
		}
		call, cancel := within(ctx)
		_, err := d.js.Publish(call, subject, nil)
		cancel()
		if err != nil && !full(err) {
			return err
		}
	}
	return nil
}

// asked is the tasks of the job that wait, or that workers have, by their subject.
func (d *dispatch) asked(ctx context.Context) (map[string]uint64, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	s, err := d.js.Stream(ctx, taskStream)
	if err != nil {
		return nil, err
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter("ito.task."+d.r.ID+".*"))
	if err != nil {
		return nil, err
	}
	return info.State.Subjects, nil
}

// listen takes what workers say.
func (d *dispatch) listen(ctx context.Context) error {
	if d.listening != nil {
		return nil
	}
	ctx, cancel := within(ctx)
	defer cancel()
	c, err := d.js.OrderedConsumer(ctx, receiptStream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{
		"ito.receipt." + d.r.ID + ".*", "ito.trouble." + d.r.ID + ".*.*"}, DeliverPolicy: jetstream.DeliverNewPolicy})
	if err != nil {
		return err
	}
	d.listening, err = c.Consume(d.heard)
	return err
}

// heard is called with every message of a worker.
func (d *dispatch) heard(m jetstream.Msg) {
	var c receipt
	if json.Unmarshal(m.Data(), &c) != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case c.Refused:
		d.note(c.By + " refuses the job: " + c.Error)
	case c.Error != "":
		d.note(fmt.Sprintf("shard %d failed at %s: %s", c.Shard, c.By, c.Error))
		if d.failures[c.Shard]++; d.failures[c.Shard] >= mostFailures {
			d.failed = fmt.Errorf("shard %d failed %d times, at last at %s: %s", c.Shard, mostFailures, c.By, c.Error)
		}
	}
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// failure is why the job cannot be done.
func (d *dispatch) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// forget removes what the brokers have of a job that is done.
func (d *dispatch) forget() {
	ctx, cancel := within(context.Background())
	defer cancel()
	for stream, subject := range map[string]string{planStream: "ito.plan." + d.r.ID, taskStream: "ito.task." + d.r.ID +
		".*", receiptStream: "ito.receipt." + d.r.ID + ".*"} {
		if s, err := d.js.Stream(ctx, stream); err == nil {
			s.Purge(ctx, jetstream.WithPurgeSubject(subject))
		}
	}
	d.js.DeleteConsumer(ctx, taskStream, "job-"+d.r.ID)
}

func (d *dispatch) stop() {
	if d.listening != nil {
		d.listening.Stop()
	}
}
