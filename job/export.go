package job

import (
	"context"
	"errors"

	"github.com/seed9a7962a8/ito"
)

// Export joins the shards of a job that has all of them, and leaves them where they are.
func (j *Job) Export(ctx context.Context) (*Result, error) {
	s, err := j.State(ctx)
	if err != nil {
		return nil, err
	}
	if s.Result != nil {
		if j.missing(s.Result) == "" {
			return s.Result, nil
		}
		names, err := j.Store.List(ctx, "shard-")
		if err != nil {
			return nil, err
		}
		if len(names) < s.Shards {
			return nil, &ito.InputError{Where: "job " + s.Job, What: "its shards were joined and removed, and " +
				"the result is not at " + j.manifest.Out(), Do: "copy it, or run the job again"}
		}
	}
	if err := Incomplete(s); err != nil {
		return nil, err
	}
	w, err := j.Work(ctx)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	r, err := j.Join(ctx, w, s, true)
	if errors.Is(err, errDamaged) {
		return nil, errors.Join(err, &ito.InputError{Where: "job " + s.Job, What: "a shard was damaged",
			Do: "run the job once more, which computes it again"})
	}
	return r, err
}
