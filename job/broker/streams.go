package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/job"
)

func init() { job.RegisterBroker(jetStream{}) }

// jetStream implements job.Broker.
type jetStream struct{}

// The streams. A subject holds one message; a task that waits, or that a worker has, is not added again.
const (
	planStream    = "ITO_PLANS"    // ito.plan.JOB: the plans of the jobs that there are
	taskStream    = "ITO_TASKS"    // ito.task.JOB.SHARD: the shards that are missing
	receiptStream = "ITO_RECEIPTS" // ito.receipt.JOB.SHARD, ito.trouble.JOB.WORKER.SHARD: what workers say
)

// receipt is what a worker says of a shard that it has committed, or could not.
type receipt struct {
	job.Receipt
	By      string  `json:"by"`
	Seconds float64 `json:"seconds"`
	Error   string  `json:"error,omitempty"`
	Refused bool    `json:"refused,omitempty"` // the whole job
}

// connect connects to brokers, or to those that come back.
func connect(urls []string, tokenFile, name string) (*nats.Conn, jetstream.JetStream, error) {
	token, err := job.Token(tokenFile)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range urls {
		if !strings.HasPrefix(u, "nats://") && !strings.HasPrefix(u, "tls://") {
			return nil, nil, &ito.InputError{Where: "broker " + u, What: "it is no address of a broker",
				Do: "write it as nats://HOST:4222"}
		}
	}
	c, err := nats.Connect(strings.Join(urls, ","), nats.Name(name), nats.Token(token), nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true), nats.ReconnectWait(200*time.Millisecond), nats.Timeout(2*time.Second),
		nats.PingInterval(5*time.Second), nats.MaxPingsOutstanding(2), nats.ErrorHandler(func(*nats.Conn,
			*nats.Subscription, error) {
		}))
	if err != nil {
		return nil, nil, fmt.Errorf("brokers %s: %w", strings.Join(urls, ", "), err)
	}
	js, err := jetstream.New(c)
	return c, js, err
}

// callTime bounds a call to a broker: one that does not answer has failed.
const callTime = 5 * time.Second

func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, callTime)
}

// ensure makes the streams, where they are not.
func ensure(ctx context.Context, js jetstream.JetStream, replicas int) error {
	for _, c := range []jetstream.StreamConfig{
		{Name: planStream, Subjects: []string{"ito.plan.*"}, MaxMsgsPerSubject: 1},
		{Name: taskStream, Subjects: []string{"ito.task.*.*"}, Retention: jetstream.WorkQueuePolicy,
			MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true},
		{Name: receiptStream, Subjects: []string{"ito.receipt.*.*", "ito.trouble.*.*.*"}, MaxMsgsPerSubject: 1},
	} {
		c.Replicas = replicas
		c.Storage = jetstream.FileStorage
		ctx, cancel := within(ctx)
		_, err := js.Stream(ctx, c.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			_, err = js.CreateStream(ctx, c)
		}
		cancel()
		if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return fmt.Errorf("stream %s: %w", c.Name, err)
		}
	}
	return nil
}

// consumer is that of the tasks of a job, which all workers share.
func consumer(ctx context.Context, js jetstream.JetStream, id string, patience time.Duration) (jetstream.Consumer,
	error) {
	ctx, cancel := within(ctx)
	defer cancel()
	return js.CreateOrUpdateConsumer(ctx, taskStream, jetstream.ConsumerConfig{Durable: "job-" + id,
		FilterSubject: "ito.task." + id + ".*", AckPolicy: jetstream.AckExplicitPolicy, AckWait: patience,
		MaxDeliver: -1, MaxAckPending: 1 << 16})
}

// announcement is a plan with how long a worker may say nothing.
type announcement struct {
	Plan     *job.ShardPlan `json:"plan"`
	Patience time.Duration  `json:"patience"`
}

// announce publishes a plan.
func announce(ctx context.Context, js jetstream.JetStream, id string, a announcement) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	ctx, cancel := within(ctx)
	defer cancel()
	_, err = js.Publish(ctx, "ito.plan."+id, b)
	return err
}

// full reports the refusal of a message whose subject has one.
func full(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == 10077
}
