package job

import (
	"context"
	"io"
	"slices"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// Kind is a command that can be cut into shards; T is its configuration, with the tags of internal/spec.
type Kind[T any] struct {
	Name     string
	Portable bool                      // a shard does not depend on how this machine calls its files
	Refused  []string                  // settings that a manifest must not have, besides those of [Manifest]
	Out      func(c *T) *string        // where the result goes
	Inputs   func(c *T) []Reference    // the files that it reads
	Refuse   func(c *T) error          // what cannot be a job, before anything is opened; nil: nothing
	Given    func(c *T, keys []string) // takes the settings that the manifest has; nil: they do not matter
	Open     func(ctx context.Context, c *T, env Env) (Work, error)
}

// Env surrounds a job.
type Env struct {
	task.Env
	Words func(string) string // writes what a report says of settings as its readers give them
}

// Reference is a setting that names a file; Path may be set to where the same file is on another machine.
type Reference struct {
	Setting string
	Path    *string
}

// Work is a job that is ready to be computed. Its methods may be called at the same time.
type Work interface {
	// Total is how much there is, in rows or whatever is counted.
	Total() int64
	// Most is the number of shards that it can be cut into. A Work that is never cut says why by a method
	// Whole() (why, do string).
	Most() int
	// Shard computes shard i of n into w on so many processors, which change no byte, and returns how much of the
	// total it is.
	Shard(ctx context.Context, i, n, workers int, w io.Writer, progress func(done int64)) (rows int64, err error)
	// Join writes the result at the place Out from the shards in their order, and returns the files that it is.
	Join(ctx context.Context, parts []Part) (files []string, err error)
	Close()
}

// Part is a committed shard.
type Part struct {
	Rows int64
	Open func() (io.ReadCloser, error) // the bytes that Shard wrote; reading to their end checks their digest
}

// kinds are those that are registered.
var kinds = map[string]kind{}

// Register makes a kind of job known. It is called in an init function.
func Register[T any](k Kind[T]) { kinds[k.Name] = kindOf[T]{k} }

// EachKind calls f with every registered kind and a pointer to its configuration at its defaults.
func EachKind(f func(name string, config any)) {
	for _, name := range kindNames() {
		f(name, kinds[name].fresh())
	}
}

func kindNames() []string {
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// kind is a Kind whose configuration has lost its type.
type kind interface {
	name() string
	refused() []string
	fresh() any
	portable() bool
	parse(file, text string, keys []string) (Header, any, error)
	out(c any) *string
	inputs(c any) []Reference
	refuse(c any) error
	open(ctx context.Context, c any, env Env) (Work, error)
}

type kindOf[T any] struct{ k Kind[T] }

// headed is a manifest as it is read.
type headed[T any] struct {
	Header
	Config T `embed:""`
}

func (k kindOf[T]) name() string      { return k.k.Name }
func (k kindOf[T]) refused() []string { return k.k.Refused }

func (k kindOf[T]) fresh() any {
	c := spec.New[T]()
	return &c
}

func (k kindOf[T]) portable() bool { return k.k.Portable }

func (k kindOf[T]) parse(file, text string, keys []string) (Header, any, error) {
	m := spec.New[headed[T]]()
	err := spec.Parse(file, text, &m)
	if k.k.Given != nil {
		k.k.Given(&m.Config, keys)
	}
	if err == nil {
		err = spec.Check(&m)
	}
	return m.Header, &m.Config, err
}

func (k kindOf[T]) out(c any) *string        { return k.k.Out(c.(*T)) }
func (k kindOf[T]) inputs(c any) []Reference { return k.k.Inputs(c.(*T)) }

func (k kindOf[T]) refuse(c any) error {
	if k.k.Refuse == nil {
		return nil
	}
	return k.k.Refuse(c.(*T))
}

func (k kindOf[T]) open(ctx context.Context, c any, env Env) (Work, error) {
	return k.k.Open(ctx, c.(*T), env)
}
