// Package task is what the tasks have in common. A task is what a person asks for: train, sample, evaluate, infer.
// Each is a package below this one with a Config, whose tags make it flags, TOML and a request at once; an Env,
// what surrounds the task and changes no byte of its result; and
//
//	Run(ctx, Config, Env) (Report, error)
//
// which the command, a server and a worker call alike. Nothing here prints, ends the process or knows a flag: in
// messages the names of settings stand in backquotes, `steps`, for the caller to write as its users give them. A
// Report is JSON.
//
// Fields of a Config that are files, names of outputs, workers or memory have the tag where:"local", and
// spec.DecodeRemote refuses them in a request.
package task

import (
	"io"
	"runtime"
	"time"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
)

// Env is what surrounds every task. The zero value is silent and has no standard input or output.
type Env struct {
	Stdin    io.Reader           // rows that are called "-"; nil: none are
	Stdout   io.Writer           // results that are written to "-"; nil: none are
	Note     func(string)        // remarks for a person, a line each; nil: none
	Progress func(ProgressEvent) // called from one goroutine at a time; nil: none
	Now      func() time.Time    // clock for what is recorded; nil: time.Now
	Pool     *ad.Pool            // workers of networks' programs; nil: the task has its own
	Version  string              // of the program, for the provenance
	Force    bool                // outputs of others that stand in the way are replaced
	Held     int                 // cells of a table that training holds in memory, more are in a file; 0: 2²⁶

	// Open opens the rows of a name; nil: data.Open, which takes files and built-in sets.
	Open func(name string, o data.OpenOptions) (*data.Table, error)
}

// ProgressEvent is how far a task is.
type ProgressEvent struct {
	Name        string            // what is being done: sample, compare
	Done, Total int64             // Total is 0 where it is not known
	Training    *learn.TrainEvent // of a training
	Sampling    *Sampling         // of a sampler of a density
}

// Sampling is an event of a sampler of a density.
type Sampling struct {
	infer.RunEvent
	Rate float64 // gradients a second
	Beta float64 // least inverse temperature of a sampler that does not know its end; -1: it has none
}

// Reading sets how rows are read.
type Reading struct {
	Header string `where:"local" default:"auto" enum:"auto,yes,no" help:"Whether the first line of a CSV names its columns: ${enum}; auto: if it holds a word, or whole numbers over columns without one"`
}

// Rows opens rows. Columns that are named in words may be words, where the rows have them; those in text must be there.
// What the reader decided is noted.
func (e *Env) Rows(name string, r Reading, text, words []string) (*data.Table, error) {
	if e.IsDraws(name) {
		return e.drawn(name)
	}
	open := e.Open
	if open == nil {
		open = data.Open
	}
	t, err := open(name, data.OpenOptions{Stdin: e.Stdin, Header: r.Header, Text: text, Words: words})
	if err != nil {
		return nil, err
	}
	for _, note := range t.Notes {
		e.Tell(t.Name + ": " + note)
	}
	return t, nil
}

// Tell notes a line.
func (e *Env) Tell(line string) {
	if e.Note != nil {
		e.Note(line)
	}
}

// Count reports that done of total things are finished.
func (e *Env) Count(name string, done, total int64) {
	if e.Progress != nil {
		e.Progress(ProgressEvent{Name: name, Done: done, Total: total})
	}
}

// Train reports an event of a training.
func (e *Env) Train(l learn.TrainEvent) {
	if e.Progress != nil {
		e.Progress(ProgressEvent{Name: l.Name, Done: int64(l.Step), Total: int64(l.Steps), Training: &l})
	}
}

// held is the number of cells that are held in memory.
func (e *Env) held() int {
	if e.Held > 0 {
		return e.Held
	}
	return frame.DefaultHeld
}

// Time is the time now.
func (e *Env) Time() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

// PoolOf is the environment's pool, or a new one of so many workers, 0 being all, which done closes.
func (e *Env) PoolOf(workers int) (pool *ad.Pool, done func()) {
	if e.Pool != nil {
		return e.Pool, func() {}
	}
	pool = ad.NewPool(Workers(workers))
	return pool, pool.Close
}

// Workers is a number of workers, 0 being all processors.
func Workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
