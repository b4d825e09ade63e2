package recipe

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/tune"
)

// tuneState is the part of a tuning's checkpoint that is not tensors.
type tuneState struct {
	Reference float64                 `json:"reference"`
	Finished  []tune.DecisionSchedule `json:"finished"` // searched, in the order of the calls
	Search    *tune.SearchState       `json:"search"`   // under way
}

// saver writes checkpoints, not too often.
type saver struct{ last time.Time }

// identity is what a checkpoint belongs to: the configuration, the numbers of calls and the model without its
// schedules.
func (t *tuning) identity() (string, error) {
	h := sha256.New()
	kind, text, err := path.Marshal(t.m.Path)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%s %s\n", kind, text)
	if n, ok := t.m.Field.(*field.Net); ok {
		if err := binary.Write(h, binary.LittleEndian, n.Weights.Params); err != nil {
			return "", err
		}
	}
	return spec.Canonical(&t.cfg) + fmt.Sprintf("nfe = %s\nmodel = %q\n", mustJSON(t.nfes),
		fmt.Sprintf("%x", h.Sum(nil))), nil
}

func mustJSON(v []int) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // integers
	}
	return string(b)
}

// begin has the references, from the checkpoint if there is one.
func (t *tuning) begin(ctx context.Context) error {
	resumed, err := t.resume()
	if err != nil || resumed {
		return err
	}
	for i, task := range []*tune.Task{&t.search, &t.judge} {
		t.event("reference", i, 2, 0)
		want, change, err := tune.Converged(ctx, *task, t.cfg.Tol, t.run.WorkerCount())
		var lost *ito.NonFiniteError
		if errors.As(err, &lost) {
			return &ito.InputError{Where: "the model", What: "its probability flow cannot be followed: " + err.Error(),
				Do: "train it for longer"}
		}
		if err != nil {
			return err
		}
		task.Want, t.st.Reference = want, math.Max(t.st.Reference, change)
	}
	t.event("reference", 2, 2, 0)
	return t.save(true)
}

// evolve is the search of USF, from where it was.
func (t *tuning) evolve(ctx context.Context, i, nfe, evals int) (tune.Fixed, error) {
	if i >= len(t.st.Finished) {
		o := tune.Search{Evals: evals, Generations: t.cfg.Generations, Rounds: t.cfg.Rounds, Seed: t.cfg.Seed,
			Workers: t.run.WorkerCount()}
		if t.cfg.Rounds == 0 {
			o.Rounds = -1
		}
		if t.st.Search == nil {
			st, err := o.Start(ctx, t.search)
			if err != nil {
				return tune.Fixed{}, err
			}
			t.st.Search = st
		}
		for t.st.Search.Generation < o.Length() {
			if err := o.Advance(ctx, t.search, t.st.Search, 1); err != nil {
				return tune.Fixed{}, errors.Join(err, t.save(true))
			}
			t.tell(nfe, t.st.Search.Generation, o.Length(), t.st.Search.Best())
			if err := t.save(false); err != nil {
				return tune.Fixed{}, err
			}
		}
		t.st.Finished, t.st.Search = append(t.st.Finished, t.st.Search.Parents[0]), nil
		if err := t.save(true); err != nil {
			return tune.Fixed{}, err
		}
	}
	s := t.st.Finished[i]
	return tune.Fixed{Solver: s.Solver(), Name: "usf", Times: s.Times}, nil
}

// save writes the checkpoint, if there is a place for it and it is time or now.
func (t *tuning) save(now bool) error {
	every := t.run.Every
	if every == 0 {
		every = 2 * time.Second
	}
	if t.run.Checkpoint == nil || !now && t.run.Clock().Sub(t.saver.last) < every {
		return nil
	}
	id, err := t.identity()
	if err != nil {
		return err
	}
	text, err := json.Marshal(t.st)
	if err != nil {
		return err
	}
	c := store.Checkpoint{Config: id, State: text}
	for _, part := range t.parts() {
		x := part.task.Want
		c.Tensors = append(c.Tensors, store.NewF64(part.name, x.X, x.N, x.D))
	}
	if err := t.run.Checkpoint.Save(&c); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	t.saver.last = t.run.Clock()
	return nil
}

// resume puts the search where the checkpoint left it, and reports whether there was one.
func (t *tuning) resume() (bool, error) {
	if t.run.Checkpoint == nil || !t.run.Resume {
		return false, nil
	}
	c, err := t.run.Checkpoint.Load()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	id, err := t.identity()
	if err != nil {
		return false, err
	}
	if err := store.CompareConfig(c.Config, id); err != nil {
		return false, err
	}
	damaged := func(err error) (bool, error) {
		return false, &ito.InputError{Where: t.run.Checkpoint.String(),
			What: "the checkpoint does not belong to this search: " + err.Error(), Do: "start anew without `resume`"}
	}
	if err := json.Unmarshal(c.State, &t.st); err != nil {
		return damaged(err)
	}
	if len(t.st.Finished) > len(t.nfes) || t.st.Search != nil && len(t.st.Search.Parents) == 0 {
		return damaged(fmt.Errorf("%d searches are finished of %d", len(t.st.Finished), len(t.nfes)))
	}
	for _, part := range t.parts() {
		v, err := c.Tensor(part.name)
		if err != nil {
			return damaged(err)
		}
		x := part.task.Starts.Like(t.s.d)
		values, err := v.Float64s()
		if err != nil || len(values) != len(x.X) {
			return damaged(fmt.Errorf("%d reference values of %d (%v)", len(values), len(x.X), err))
		}
		x.X = values
		part.task.Want = x
	}
	return true, nil
}

// part is a task by its name in a checkpoint.
type part struct {
	name string
	task *tune.Task
}

func (t *tuning) parts() []part { return []part{{"search", &t.search}, {"judge", &t.judge}} }
