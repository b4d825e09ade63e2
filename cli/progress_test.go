package cli

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/learn"
	"go.uber.org/goleak"
)

// Without a terminal there is a line every ten seconds and no more.
func TestLines(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	m := (&app{stderr: &out}).meter("a", "b")
	m.log, m.now, m.last = slog.New(slog.NewTextHandler(&out, nil)), func() time.Time { return now }, now
	for s := range 25 {
		now = time.Unix(int64(s), 0)
		m.train(learn.TrainEvent{Name: "VP-10", Step: s, Steps: 100, Loss: .5, Stage: 2, Stages: 40,
			Elapsed: now.Sub(time.Unix(0, 0))})
	}
	m.count("sample", 10, 20)
	now = time.Unix(40, 0)
	m.count("sample", 14, 20)
	m.close()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	if want := "msg=VP-10 step=10 of=100 loss=0.5 elapsed=10s left=1m30s stage=2 stages=40"; !strings.Contains(lines[0], want) {
		t.Errorf("got %s, want %s", lines[0], want)
	}
	if want := "msg=sample done=14 of=20 left=24s"; !strings.Contains(lines[2], want) { // four in 16 seconds
		t.Errorf("got %s, want %s", lines[2], want)
	}
}

// A second training of the same name has its own time left, and never less than none.
func TestLeftOfTheNext(t *testing.T) {
	m := (&app{quiet: true, stderr: &bytes.Buffer{}}).meter()
	second := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for s := range 101 {
		m.follow("train", learn.TrainEvent{Step: s, Steps: 100, Elapsed: second(10 * s)})
	}
	for s := 1; s <= 50; s++ {
		e := learn.TrainEvent{Step: s, Steps: 50, Elapsed: second(s)}
		m.follow("train", e)
		left, known := m.remains("train", e)
		if known != (s > 1) || known && left != second(50-s) {
			t.Errorf("step %d of the second: %v left, known %v", s, left, known)
		}
	}
}

// Bars end with the command, finished or not, and leave no goroutine.
func TestBars(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var out bytes.Buffer
	m := (&app{stderr: &out, bars: true}).meter("one", "two")
	m.train(learn.TrainEvent{Name: "one", Step: 5, Steps: 10, Loss: 1})
	m.train(learn.TrainEvent{Name: "one", Step: 10, Steps: 10, Loss: 1})
	m.train(learn.TrainEvent{Name: "three", Step: 1, Steps: 10})
	m.count("sample", 3, 10)
	m.close()
	m.close()
}
