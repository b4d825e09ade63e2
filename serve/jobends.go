package serve

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito/task"
)

// remove ends a job, and removes one that has ended.
func (q *jobs) remove(id string) (Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := q.all[id]
	if j == nil {
		return Job{}, newProblem(http.StatusNotFound, "", fmt.Sprintf("there is no job %q", clip(id)), "")
	}
	switch j.State {
	case jobQueued:
		q.waiting = slices.DeleteFunc(q.waiting, func(k *job) bool { return k == j })
	case jobRunning:
		j.cancel()
	default:
		q.forget(j)
		return q.view(j), nil
	}
	q.end(j, jobCancelled, "")
	return q.view(j), nil
}

// end writes how a job ended; q.mu is held.
func (q *jobs) end(j *job, state, reason string) {
	q.tidy(j)
	q.close(j, state, reason)
}

// fail ends a job whose work ended with err; q.mu is held. Where the disk is full what there is stays, so that the same
// request goes on from it, until the job expires.
func (q *jobs) fail(j *job, err error) {
	q.s.log.Warn("a job failed", "job", j.ID, "error", err)
	reason := strings.ReplaceAll(problemOf(err).Detail, q.dir+string(filepath.Separator), "")
	if full(err) {
		q.close(j, jobFailed, reason)
		return
	}
	q.end(j, jobFailed, reason)
}

// close writes how a job ended, whose files stay; q.mu is held.
func (q *jobs) close(j *job, state, reason string) {
	now := time.Now().UTC()
	late := now.Add(q.ttl)
	j.State, j.Error, j.Ended, j.Expires = state, reason, &now, &late
	if err := q.save(j); err != nil {
		q.s.log.Error("a job cannot be saved", "job", j.ID, "error", err)
	}
	j.note()
}

// forget removes a job and its files; q.mu is held.
func (q *jobs) forget(j *job) {
	delete(q.all, j.ID)
	q.tidy(j)
	for _, f := range []string{q.file(j), q.place(j, ".json")} {
		if err := task.RemoveIfThere(f); err != nil {
			q.s.log.Error("a job's file stays", "job", j.ID, "error", pathless(err))
		}
	}
}

// expire forgets the jobs whose time is over; q.mu is held.
func (q *jobs) expire() {
	for _, j := range q.all {
		if j.Expires != nil && time.Now().After(*j.Expires) {
			q.forget(j)
		}
	}
}
