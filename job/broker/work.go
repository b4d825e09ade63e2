package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/task"
)

// worker computes shards of the jobs that brokers announce.
type worker struct {
	c     job.WorkerConfig
	env   job.Env
	js    jetstream.JetStream
	store job.Store
	files map[string]string
	by    string

	mu     sync.Mutex
	known  map[string]*assigned // by job
	looked time.Time
}

// assigned is a job that was announced.
type assigned struct {
	id       string
	job      *job.Job // nil: refused
	work     job.Work
	patience time.Duration
	why      string
	again    time.Time // when a refusal is thought over
}

// Work implements job.Broker.
func (jetStream) Work(ctx context.Context, c job.WorkerConfig, env job.Env) error {
	w := &worker{c: c, env: env, by: job.Myself(), known: map[string]*assigned{}}
	var err error
	if w.files, err = job.FilesByDigest(c.Files); err != nil {
		return err
	}
	if w.store, err = job.OpenStore(ctx, c.Store); err != nil {
		return err
	}
	conn, js, err := connect(c.Join, c.TokenFile, "ito worker "+w.by)
	if err != nil {
		return err
	}
	defer conn.Close()
	w.js = js
	defer w.close()
	g, ctx := errgroup.WithContext(ctx)
	for range task.Workers(c.Workers) {
		g.Go(func() error { return w.lane(ctx) })
	}
	return g.Wait()
}

func (w *worker) close() {
	for _, a := range w.known {
		if a.work != nil {
			a.work.Close()
		}
	}
}

// lane computes one shard after the other.
func (w *worker) lane(ctx context.Context) error {
	idle := 0
	for ctx.Err() == nil {
		jobs, err := w.jobs(ctx)
		did := false
		for _, a := range jobs {
			ok, e := w.next(ctx, a)
			did = did || ok
			if e != nil && err == nil {
				err = e
			}
		}
		if did {
			idle = 0
			continue
		}
		if idle++; w.c.Once && err == nil && idle > 2 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
	return ctx.Err()
}

// jobs are those that are announced and fit.
func (w *worker) jobs(ctx context.Context) ([]*assigned, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	if time.Since(w.looked) > time.Second {
		err = w.look(ctx)
		w.looked = time.Now()
	}
	var fit []*assigned
	for _, a := range w.known {
		if a.job != nil {
			fit = append(fit, a)
		}
	}
	return fit, err
}

// look reads the announcements; w.mu is held.
func (w *worker) look(ctx context.Context) error {
	call, cancel := within(ctx)
	defer cancel()
	s, err := w.js.Stream(call, planStream)
	if err != nil {
		return err
	}
	info, err := s.Info(call, jetstream.WithSubjectFilter("ito.plan.*"))
	if err != nil {
		return err
	}
	for id, a := range w.known {
		if info.State.Subjects["ito.plan."+id] == 0 { // it is done
			delete(w.known, id)
			if a.work != nil {
				a.work.Close()
			}
		}
	}
	for subject := range info.State.Subjects {
		id := strings.TrimPrefix(subject, "ito.plan.")
		if a := w.known[id]; a != nil && (a.job != nil || time.Now().Before(a.again)) {
			continue
		}
		m, err := s.GetLastMsgForSubject(call, subject)
		if err != nil {
			continue
		}
		var said announcement
		if err := json.Unmarshal(m.Data, &said); err != nil || said.Plan == nil || said.Plan.ID() != id {
			continue
		}
		w.accept(ctx, id, said)
	}
	return nil
}

// accept takes a job, or refuses it and says why; w.mu is held.
func (w *worker) accept(ctx context.Context, id string, said announcement) {
	a := &assigned{id: id, patience: max(said.Patience, time.Second)}
	var err error
	if a.job, err = job.Remote(ctx, said.Plan, w.store, w.files, w.env); err == nil {
		if a.work, err = a.job.Work(ctx); err != nil {
			a.job = nil
		}
	}
	if err != nil {
		a.again = time.Now().Add(30 * time.Second)
		if was := w.known[id]; was == nil || was.why != err.Error() {
			w.env.Tell("job " + id + " is refused: " + err.Error())
			w.publish(ctx, fmt.Sprintf("ito.trouble.%s.%s.0", id, token(w.by)), receipt{By: w.by, Error: err.Error(),
				Refused: true})
		}
		a.why = err.Error()
	} else {
		w.env.Tell(fmt.Sprintf("job %s: %s in %d shards", id, said.Plan.Kind, said.Plan.Shards))
	}
	w.known[id] = a
}

// next computes a shard of a job, if one waits.
func (w *worker) next(ctx context.Context, a *assigned) (bool, error) {
	call, cancel := within(ctx)
	tasks, err := w.js.Consumer(call, taskStream, "job-"+a.id)
	cancel()
	if err != nil {
		return false, err
	}
	batch, err := tasks.Fetch(1, jetstream.FetchMaxWait(700*time.Millisecond))
	if err != nil {
		return false, err
	}
	did := false
	for m := range batch.Messages() {
		did = true
		w.compute(ctx, a, m)
	}
	return did, nil
}

// compute computes the shard of a task.
func (w *worker) compute(ctx context.Context, a *assigned, m jetstream.Msg) {
	i, err := strconv.Atoi(m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:])
	if err != nil || i < 0 || i >= a.job.Plan.Shards {
		m.Term()
		return
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // it is still worked at
		for tick := time.NewTicker(a.patience / 3); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				m.InProgress()
			}
		}
	})
	began := time.Now()
	r, err := a.job.Compute(ctx, a.work, i, 1, w.by, func(int64) {})
	close(done)
	wg.Wait()
	var disagree *job.DisagreeError
	switch {
	case err == nil || errors.As(err, &disagree): // the store has both digests, and the job ends by them
		said := receipt{By: w.by, Seconds: time.Since(began).Seconds()}
		if r != nil {
			said.Receipt = *r
		}
		said.Shard = i
		w.publish(ctx, fmt.Sprintf("ito.receipt.%s.%d", a.id, i), said)
		m.Ack()
		if err != nil {
			w.env.Tell(err.Error())
		}
	case ctx.Err() != nil:
		m.Nak()
	default:
		w.env.Tell(fmt.Sprintf("shard %d: %v", i, err))
		w.publish(ctx, fmt.Sprintf("ito.trouble.%s.%s.%d", a.id, token(w.by), i), receipt{
			Receipt: job.Receipt{Shard: i}, By: w.by, Error: err.Error()})
		m.NakWithDelay(2 * time.Second)
	}
}

// publish tells the coordinator; what is lost it sees in the store.
func (w *worker) publish(ctx context.Context, subject string, r receipt) {
	b, err := json.Marshal(r)
	if err != nil {
		return
	}
	ctx, cancel := within(ctx)
	defer cancel()
	w.js.Publish(ctx, subject, b)
}

// token makes a name fit for a subject.
func token(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '*' || r == '>' || r <= ' ' {
			return '_'
		}
		return r
	}, name)
}
