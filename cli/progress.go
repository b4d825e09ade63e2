package cli

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/task"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// logEvery is the time between two lines of progress where there is no terminal.
const logEvery = 10 * time.Second

// meter shows how far a command is: bars on a terminal, a line of the log every ten seconds elsewhere.
// It writes to standard error alone.
type meter struct {
	mu   sync.Mutex
	now  func() time.Time
	log  *slog.Logger
	last time.Time

	bars  *mpb.Progress               // nil: lines
	began map[string]learn.TrainEvent // the first event of each training
	seen  map[string]learn.TrainEvent // its last
	rows  map[string]*bar

	first map[string]counted // of lines
}

// bar is one line of the terminal.
type bar struct {
	*mpb.Bar
	mu   sync.Mutex
	note string
}

func (b *bar) say(note string) {
	b.mu.Lock()
	b.note = note
	b.mu.Unlock()
}

func (b *bar) said(decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.note
}

// meter makes the meter for a command; names are its bars, in order, where there are several.
func (a *app) meter(names ...string) *meter {
	m := &meter{now: time.Now, log: slog.Default(), rows: map[string]*bar{}, first: map[string]counted{}}
	m.last = m.now()
	if a.quiet {
		m.log = slog.New(slog.DiscardHandler)
	} else if a.bars {
		m.bars = mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(32), mpb.WithRefreshRate(150*time.Millisecond))
		for _, n := range names {
			m.row(n)
		}
	}
	return m
}

// row is the bar of a name, made when it is first heard of.
func (m *meter) row(name string) *bar {
	if b, ok := m.rows[name]; ok {
		return b
	}
	b := &bar{}
	b.Bar = m.bars.New(0, mpb.BarStyle(),
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR), decor.CountersNoUnit("%d/%d", decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace), decor.Any(b.said)))
	m.rows[name] = b
	return b
}

// due reports whether it is time for a line, and counts it as written.
func (m *meter) due() bool {
	now := m.now()
	if now.Sub(m.last) < logEvery {
		return false
	}
	m.last = now
	return true
}

// event shows an event of a task.
func (m *meter) event(e task.ProgressEvent) {
	switch {
	case e.Training != nil:
		m.train(*e.Training)
	case e.Sampling != nil:
		m.sampling(e.Sampling)
	default:
		m.count(e.Name, e.Done, e.Total)
	}
}

// train shows an event of a training.
func (m *meter) train(e learn.TrainEvent) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name, what := e.Name, "loss"
	if name == "" {
		name = "train"
	}
	if e.Phase == "tune" {
		what = "error"
	}
	if m.bars == nil {
		m.follow(name, e)
		if m.due() {
			attrs := []any{"step", e.Step, "of", e.Steps, what, table.Number(e.Loss)}
			if e.Phase != "tune" {
				attrs = append(attrs, "elapsed", e.Elapsed.Round(time.Second))
				if left, ok := m.remains(name, e); ok {
					attrs = append(attrs, "left", left.Round(time.Second))
				}
			}
			if e.Stages > 0 {
				attrs = append(attrs, "stage", e.Stage, "stages", e.Stages)
			}
			m.log.Info(name, attrs...)
		}
		return
	}
	b := m.row(name)
	note := fmt.Sprintf("  %s %.4f", what, e.Loss)
	if e.Stages > 0 {
		note += fmt.Sprintf("  stage %d/%d", e.Stage, e.Stages)
	}
	if e.Phase == "tune" && e.Loss == 0 { // what comes before the search
		note = ""
	}
	b.say(note)
	b.SetTotal(int64(e.Steps), false)
	b.SetCurrent(int64(e.Step))
	if e.Steps > 0 && e.Step >= e.Steps {
		b.SetTotal(-1, true)
	}
}

// follow notes an event of a training. One of fewer steps or seconds than the last is the first of another training
// of the same name.
func (m *meter) follow(name string, e learn.TrainEvent) {
	if m.began == nil {
		m.began, m.seen = map[string]learn.TrainEvent{}, map[string]learn.TrainEvent{}
	}
	last, known := m.seen[name]
	if !known || e.Step < last.Step || e.Elapsed < last.Elapsed {
		m.began[name] = e
	}
	m.seen[name] = e
}

// remains is the time that a training will still take at the speed of this process; unknown at its first event.
func (m *meter) remains(name string, e learn.TrainEvent) (time.Duration, bool) {
	first := m.began[name]
	if e.Step <= first.Step || e.Elapsed < first.Elapsed || e.Steps < e.Step {
		return 0, false
	}
	return time.Duration(float64(e.Elapsed-first.Elapsed) / float64(e.Step-first.Step) * float64(e.Steps-e.Step)), true
}

// count shows that done of total things are finished.
func (m *meter) count(name string, done, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bars == nil {
		if f, ok := m.first[name]; !ok || done < f.last { // or another count of that name
			m.first[name] = counted{at: m.now(), done: done}
		}
		f := m.first[name]
		f.last = done
		m.first[name] = f
		if m.due() {
			m.log.Info(name, append([]any{"done", done, "of", total}, m.left(name, done, total)...)...)
		}
		return
	}
	b := m.row(name)
	b.SetTotal(total, false)
	b.SetCurrent(done)
	if done >= total {
		b.SetTotal(-1, true)
	}
}

// counted is how far something was.
type counted struct {
	at         time.Time
	done, last int64
}

// left is the time that is left of a count, by its rate since it was first heard of; nothing where that is not known.
func (m *meter) left(name string, done, total int64) []any {
	f := m.first[name]
	if done <= f.done || total <= done {
		return nil
	}
	rate := float64(done-f.done) / m.now().Sub(f.at).Seconds()
	return []any{"left", time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second)}
}

// close leaves the bars as they are. A command closes its meter before it writes results.
func (m *meter) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bars == nil {
		return
	}
	for _, b := range m.rows {
		b.Abort(false)
	}
	m.bars.Wait()
	m.bars = nil
}

// sampling shows a step of a sampler, with its gradients a second and its divergences. A sampler that does not know
// its end shows how far its temperature has come.
func (m *meter) sampling(e *task.Sampling) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bars == nil && !m.due() {
		return
	}
	name, done, total := "sample", int64(e.Step), int64(e.Steps)
	if e.Warmup {
		name = "warm-up"
	}
	if e.Beta >= 0 {
		name, done, total = "temper %", int64(100*e.Beta), 100
	}
	if m.bars == nil {
		m.log.Info(name, "done", done, "of", total, "gradients/s", fmt.Sprintf("%.3g", e.Rate), "divergent",
			e.Divergent)
		return
	}
	b := m.row("sample")
	note := fmt.Sprintf("  %.3g gradients/s", e.Rate)
	if e.Divergent > 0 {
		note += fmt.Sprintf("  %d divergent", e.Divergent)
	}
	if name != "sample" {
		note += "  " + name
	}
	b.say(note)
	b.SetTotal(total, false)
	b.SetCurrent(done)
}
