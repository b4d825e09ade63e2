package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/task"
)

// Job is a plan with the store of its shards.
type Job struct {
	Plan  *ShardPlan
	ID    string // of the plan
	Store Store

	manifest *Manifest
	env      Env
}

const (
	planName     = "plan.json"
	receiptsName = "receipts.json"
	disagreeName = "disagree-"
)

// Open opens a manifest's job in a store: a new one, or the one that is there, whose plan must be the same
// (*MisfitError, *store.ConfigError). env.Version is that of the program.
func Open(ctx context.Context, m *Manifest, s Store, env Env) (*Job, error) {
	here, err := MakePlan(m, task.Program(env.Version))
	if err != nil {
		return nil, err
	}
	j := &Job{Plan: here, ID: here.ID(), Store: s, manifest: m, env: env}
	there, err := readPlan(ctx, s)
	if errors.Is(err, fs.ErrNotExist) {
		if err = j.writePlan(ctx); errors.Is(err, ErrThere) { // another process was faster
			there, err = readPlan(ctx, s)
		}
	}
	if err != nil {
		return nil, err
	}
	if there != nil {
		if err := there.Fits(here); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// Existing is Open for a job that must be there: *ito.InputError where it is not.
func Existing(ctx context.Context, m *Manifest, s Store, env Env) (*Job, error) {
	if _, err := readPlan(ctx, s); errors.Is(err, fs.ErrNotExist) {
		return nil, &ito.InputError{Where: "`store` " + s.String(), What: "there is no job in it",
			Do: "begin it with ito job run"}
	}
	return Open(ctx, m, s, env)
}

// readPlan reads the plan of a store.
func readPlan(ctx context.Context, s Store) (*ShardPlan, error) {
	b, err := readAll(ctx, s, planName)
	if err != nil {
		return nil, err
	}
	p := &ShardPlan{}
	if err := json.Unmarshal(b, p); err != nil {
		return nil, &ito.InputError{Where: s.String() + ": " + planName, What: "it is no plan of a job",
			Do: "give the store of a job, or an empty one"}
	}
	var flat bytes.Buffer // the file is indented
	if err := json.Compact(&flat, p.Settings); err != nil {
		return nil, err
	}
	p.Settings = flat.Bytes()
	return p, nil
}

func (j *Job) writePlan(ctx context.Context) error {
	b, err := json.MarshalIndent(j.Plan, "", "  ")
	if err != nil {
		return err
	}
	return write(ctx, j.Store, planName, append(b, '\n'), false)
}

func readAll(ctx context.Context, s Store, name string) ([]byte, error) {
	r, _, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, 64<<20))
}

func write(ctx context.Context, s Store, name string, b []byte, replace bool) error {
	p, err := s.Create(ctx, name)
	if err != nil {
		return err
	}
	defer p.Abort()
	if _, err := p.Write(b); err != nil {
		return err
	}
	return p.Commit(replace)
}

// Work opens what computes the shards.
func (j *Job) Work(ctx context.Context) (Work, error) {
	w, err := j.manifest.kind.open(ctx, j.manifest.settings, j.env)
	if err != nil {
		return nil, err
	}
	if n := w.Most(); j.Plan.Shards > n {
		w.Close()
		if whole, ok := w.(interface{ Whole() (why, do string) }); ok {
			why, do := whole.Whole()
			return nil, &ito.InputError{Where: "`shards`", What: fmt.Sprintf("%d, and this job cannot be cut: %s",
				j.Plan.Shards, why), Do: do}
		}
		return nil, &ito.InputError{Where: "`shards`", What: fmt.Sprintf("%d, and this job can be cut into %d",
			j.Plan.Shards, n), Do: "give less"}
	}
	return w, nil
}

// State is how far a job is.
type State struct {
	Job       string    `json:"job"`
	Kind      string    `json:"kind"`
	Shards    int       `json:"shards"`
	Done      int       `json:"done"`
	Rows      int64     `json:"rows"` // of the shards that are done
	Damaged   []int     `json:"damaged,omitempty"`
	Result    *Result   `json:"result,omitempty"`
	Disagree  []Dispute `json:"disagree,omitempty"`
	Committed []Receipt `json:"-"` // by shard; those that are not there have no digest
}

// Todo lists the shards that are not there.
func (s *State) Todo() []int {
	var todo []int
	for i, r := range s.Committed {
		if r.Digest == "" {
			todo = append(todo, i)
		}
	}
	return todo
}

// State looks at the store. Two results of a shard that differ are a *DisagreeError beside the state.
func (j *Job) State(ctx context.Context) (*State, error) {
	s := &State{Job: j.ID, Kind: j.Plan.Kind, Shards: j.Plan.Shards, Committed: make([]Receipt, j.Plan.Shards)}
	var err error
	if s.Result, err = j.result(ctx); err != nil {
		return nil, err
	}
	if s.Result != nil {
		s.Done = s.Shards
		copy(s.Committed, s.Result.Shards)
		for _, r := range s.Result.Shards {
			s.Rows += r.Rows
		}
		return s, nil
	}
	names, err := j.Store.List(ctx, "shard-")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for i := range s.Committed {
		if _, there := slices.BinarySearch(names, shardName(i)); !there {
			continue
		}
		r, err := j.receipt(ctx, i)
		switch {
		case errors.Is(err, errDamaged):
			s.Damaged = append(s.Damaged, i)
			continue
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		s.Committed[i] = *r
		s.Done++
		s.Rows += r.Rows
	}
	if s.Disagree, err = j.disputes(ctx); err != nil {
		return nil, err
	}
	if len(s.Disagree) > 0 {
		return s, &DisagreeError{s.Disagree[0]}
	}
	return s, nil
}
