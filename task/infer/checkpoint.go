package infer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

func (r *inference) partial() string { return r.c.Out + ".partial" }

// finished reports a run to be resumed whose files are there and whose checkpoint is not. Files of another run are
// an error that names the first setting that differs.
func (r *inference) finished() ([]string, bool, error) {
	if !r.c.Resume || task.There(r.places) {
		return nil, false, nil
	}
	files, err := draws.Outputs(r.c.Out, r.meta.Chains)
	if err != nil {
		return nil, false, err
	}
	// of one chain where there are several, and the other way round
	other, err := draws.Outputs(r.c.Out, 2-min(r.meta.Chains-1, 1))
	if err != nil {
		return nil, false, err
	}
	for _, f := range slices.Compact([]string{files[0], other[0]}) {
		if !task.Exists(f) {
			continue
		}
		if err := r.sameRun(f); err != nil {
			return nil, false, err
		}
	}
	for _, f := range files {
		if !task.Exists(f) {
			return nil, false, nil
		}
	}
	return files, true, nil
}

// sameRun compares the settings that a finished file records with those of this run.
func (r *inference) sameRun(file string) error {
	m, err := draws.Describe(file)
	if err != nil {
		return fmt.Errorf("`resume`: %w", err)
	}
	was := draws.TOML(m.Config)
	if was == "" {
		return &ito.InputError{Where: file, What: "it does not say with which settings it was made, so `resume` " +
			"cannot tell whether it is this run", Do: "start anew without `resume`, or name another output"}
	}
	var changed *store.ConfigError
	if err := store.CompareConfig(was, asked(r.config)); errors.As(err, &changed) {
		changed.Where = "the finished file"
		return fmt.Errorf("%s: %w", file, changed)
	} else if err != nil {
		return &store.FormatError{Path: file, What: "its settings cannot be read", Do: "start anew without `resume`",
			Err: err}
	}
	return nil
}

// asked is a configuration without what nobody asks for: the version of the program and the SIMD level.
func asked(toml string) string {
	var b strings.Builder
	for line := range strings.Lines(toml) {
		if !strings.HasPrefix(line, "version =") && !strings.HasPrefix(line, "simd =") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// progress is what a checkpoint says besides the sampler's bytes.
type progress struct {
	Rows      int64     `json:"rows"`             // of the journal
	Digest    string    `json:"digest,omitempty"` // of these rows; checkpoints of older programs have none
	Trainings []trained `json:"trainings,omitempty"`
}

// open begins the journal, or goes on from the checkpoint.
func (r *inference) open() (err error) {
	if _, err := draws.Stale(r.c.Out, r.meta.Chains); err != nil { // before the work, not after it
		return err
	}
	if !r.c.Resume || !task.There(r.places) {
		if err := r.places.Remove(); err != nil {
			return err
		}
		r.journal, err = draws.CreateJournal(r.partial(), &r.meta)
		return err
	}
	ck, err := r.places.Load()
	if damaged := (*store.FormatError)(nil); errors.As(err, &damaged) {
		damaged.Do = "start anew without `resume`"
	}
	if err != nil {
		return err
	}
	if err := store.CompareConfig(ck.Config, r.config); err != nil {
		return fmt.Errorf("%s: %w", r.places, err)
	}
	var at progress
	if err := json.Unmarshal(ck.State, &at); err != nil {
		return &store.FormatError{Path: r.places.String(), What: "it is no checkpoint of ito infer",
			Do: "start anew without `resume`", Err: err}
	}
	if err := r.restore(ck, at.Trainings); err != nil {
		return fmt.Errorf("%s: %w", r.places, err)
	}
	r.journal, err = draws.OpenJournal(r.partial(), &r.meta, at.Rows, at.Digest)
	return err
}

// removeStale removes the chains of an earlier run that the new ones do not replace.
func (r *inference) removeStale() error {
	stale, err := draws.Stale(r.c.Out, r.meta.Chains)
	if err != nil {
		return err
	}
	for _, f := range stale {
		if err := task.RemoveIfThere(f); err != nil {
			return err
		}
	}
	if len(stale) > 0 {
		r.env.Tell(fmt.Sprintf("removed %s of an earlier run", strings.Join(stale, ", ")))
	}
	return nil
}

// restore takes training and sampler from a checkpoint.
func (r *inference) restore(ck *store.Checkpoint, trainings []trained) error {
	if r.plan.Train != nil {
		if _, err := ck.Tensor("training"); err == nil {
			return olderTraining
		}
		states, err := trainerStates(ck, trainings)
		if err != nil {
			return err
		}
		if err := r.plan.Train.Restore(states); err != nil {
			return err
		}
	}
	t, err := ck.Tensor("state")
	if err != nil {
		return nil // it was interrupted while it trained
	}
	r.state = new(infer.State)
	return r.state.UnmarshalBinary(t.Data)
}

// save writes a checkpoint: the rows up to here are on the disk before it says so.
func (r *inference) save() error {
	if r.journal == nil { // a part of a run, which begins anew
		return nil
	}
	rows, err := r.journal.Sync()
	if err != nil {
		return err
	}
	ck, at := store.Checkpoint{Config: r.config}, progress{Rows: rows, Digest: r.journal.Digest()}
	if r.plan.Train != nil {
		states, err := r.plan.Train.State()
		if err != nil {
			return err
		}
		at.Trainings = keepTrainings(&ck, states)
	}
	if r.state != nil && r.state.Kernel != "" {
		b, err := r.state.MarshalBinary()
		if err != nil {
			return err
		}
		ck.Tensors = append(ck.Tensors, store.NewU8("state", b, len(b)))
	}
	if ck.State, err = json.Marshal(at); err != nil {
		return err
	}
	r.saved = time.Now()
	return r.places.Save(&ck)
}

// due saves when it is time.
func (r *inference) due() error {
	if time.Since(r.saved) < r.c.Every {
		return nil
	}
	return r.save()
}

// leave ends a run that has failed or was stopped: what can be resumed stays.
func (r *inference) leave(ctx context.Context, err error) error {
	if !task.There(r.places) {
		return errors.Join(err, r.journal.Remove())
	}
	if ctx.Err() == nil {
		hint := "the same command with `resume` goes on from " + r.places.String()
		if n := r.journal.Rows(); n > 0 {
			hint = fmt.Sprintf("%s has the %d draws before, which ito diagnose reads, and %s", r.partial(), n, hint)
		}
		err = fmt.Errorf("%w; %s", err, hint)
	}
	return errors.Join(err, r.journal.Close())
}
