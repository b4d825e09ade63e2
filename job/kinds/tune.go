package kinds

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task/tune"
)

func init() {
	job.Register(job.Kind[tune.Config]{
		Name:     "tune",
		Portable: true,
		Out:      func(c *tune.Config) *string { return &c.Out },
		Inputs: func(c *tune.Config) []job.Reference {
			return []job.Reference{{Setting: "model", Path: &c.Model}}
		},
		Open: func(_ context.Context, c *tune.Config, env job.Env) (job.Work, error) {
			if len(c.NFE) == 0 {
				return nil, &ito.InputError{Where: "`nfe`", What: "there are no numbers of calls",
					Do: "give some, as nfe = [5, 8, 10]"}
			}
			m, err := store.LoadModel(c.Model)
			if err != nil {
				return nil, err
			}
			return &searches{*c, m, env}, nil
		},
	})
}

// searches are schedules of a model: a shard is those for some of the numbers of calls, in a copy of the model.
type searches struct {
	c   tune.Config
	m   *ito.Model
	env job.Env
}

func (s *searches) Total() int64 { return int64(len(s.c.NFE)) }
func (s *searches) Most() int    { return len(s.c.NFE) }
func (s *searches) Close()       {}

// calls are those of shard i of n.
func (s *searches) calls(i, n int) []int {
	return s.c.NFE[share(len(s.c.NFE), i, n):share(len(s.c.NFE), i+1, n)]
}

// Shard implements job.Work.
func (s *searches) Shard(ctx context.Context, i, n, workers int, w io.Writer, _ func(int64)) (int64, error) {
	c, env := s.c, tune.Env{Env: s.env.Env}
	c.NFE, c.Workers = s.calls(i, n), workers
	env.Checkpoints = forgetful{}
	env.Save = func(m *ito.Model) error {
		dir, err := os.MkdirTemp("", "ito-tune-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		file := filepath.Join(dir, "m")
		if err := store.SaveModel(file, m); err != nil {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, f)
		return errors.Join(err, f.Close())
	}
	_, err := tune.Run(ctx, c, env)
	return int64(len(c.NFE)), err
}

// Join implements job.Work.
func (s *searches) Join(_ context.Context, parts []job.Part) ([]string, error) {
	m, err := store.LoadModel(s.c.Model)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ito-tune-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for i, p := range parts {
		file := filepath.Join(dir, "m")
		r, err := p.Open()
		if err != nil {
			return nil, err
		}
		err = store.WriteFile(file, func(w io.Writer) error {
			_, err := io.Copy(w, r)
			return err
		})
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		tuned, err := store.LoadModel(file)
		if err != nil {
			return nil, err
		}
		if err := recipe.AdoptSchedules(m, tuned, s.calls(i, len(parts)), s.c.Guidance); err != nil {
			return nil, err
		}
	}
	return []string{s.c.Out}, store.SaveModel(s.c.Out, m)
}

// forgetful keeps no checkpoints: a shard begins anew.
type forgetful struct{}

func (forgetful) Load() (*store.Checkpoint, error) { return nil, os.ErrNotExist }
func (forgetful) Save(*store.Checkpoint) error     { return nil }
func (forgetful) Remove() error                    { return nil }
func (forgetful) String() string                   { return "nowhere" }
