package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// Result is a job whose shards were joined.
type Result struct {
	Job    string    `json:"job"`
	Files  []File    `json:"files"`
	Shards []Receipt `json:"shards"`
}

// File is a file of a result.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	Digest string `json:"sha256"`
}

// result reads what the store says of a finished job; nil: it is not.
func (j *Job) result(ctx context.Context) (*Result, error) {
	b, err := readAll(ctx, j.Store, receiptsName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if err := json.Unmarshal(b, r); err != nil || r.Job != j.ID || len(r.Shards) != j.Plan.Shards {
		return nil, nil // cut off: joining again costs time and nothing else
	}
	return r, nil
}

// Join writes the result from the shards of a state that has all of them, and keeps their receipts. With keep the
// shards stay in the store. A shard that is damaged is errDamaged, and removed: it is to be computed again.
func (j *Job) Join(ctx context.Context, w Work, s *State, keep bool) (*Result, error) {
	lock, err := j.joining(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	defer os.Remove(lock.Name())
	if res, err := j.result(ctx); err == nil && res != nil && j.missing(res) == "" { // another process was faster
		return res, j.clean(ctx)
	}
	var parts []Part
	for i := range s.Committed {
		r := &s.Committed[i]
		parts = append(parts, Part{Rows: r.Rows, Open: func() (io.ReadCloser, error) { return j.open(ctx, r) }})
	}
	names, err := w.Join(ctx, parts)
	if err != nil {
		var damaged *damagedError
		if errors.As(err, &damaged) {
			err = errors.Join(err, j.Store.Remove(ctx, shardName(damaged.shard)))
		}
		return nil, err
	}
	res := &Result{Job: j.ID, Shards: s.Committed}
	for _, name := range names {
		f, err := describe(name)
		if err != nil {
			return nil, err
		}
		res.Files = append(res.Files, f)
	}
	b, err := json.MarshalIndent(res, "", " ")
	if err != nil {
		return nil, err
	}
	if err := write(ctx, j.Store, receiptsName, append(b, '\n'), true); err != nil {
		return nil, err
	}
	if keep {
		return res, nil
	}
	return res, j.clean(ctx)
}

// joining takes the lock of whoever joins the shards. It waits while another process does.
func (j *Job) joining(ctx context.Context) (*os.File, error) {
	name, told := j.manifest.Out()+".joining", false
	for {
		lock, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			var pe *fs.PathError
			if errors.As(err, &pe) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			return nil, &ito.InputError{Where: "`out` " + j.manifest.Out(), What: err.Error(), Do: "give another place"}
		}
		if store.Lock(lock) {
			mine, err := lock.Stat()
			if now, e := os.Stat(name); err == nil && e == nil && os.SameFile(mine, now) {
				return lock, nil
			}
			lock.Close() // it was removed by the one who had it
			continue
		}
		lock.Close()
		if !told {
			j.env.Tell("another process joins the shards of " + j.manifest.Out() + "; waiting for it")
			told = true
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// clean removes the shards, which the result has.
func (j *Job) clean(ctx context.Context) error {
	names, err := j.Store.List(ctx, "shard-")
	for _, name := range names {
		err = errors.Join(err, j.Store.Remove(ctx, name))
	}
	if d, ok := j.Store.(dir); ok {
		err = errors.Join(err, d.sweep("shard-"))
	}
	return err
}

// describe reads a file once.
func describe(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return File{filepath.Base(path), n, hex.EncodeToString(h.Sum(nil))}, err
}

// missing names a file of the result that is not where the manifest wants it, or has another length; "": none.
func (j *Job) missing(r *Result) string {
	for _, f := range r.Files {
		path := filepath.Join(filepath.Dir(j.manifest.Out()), f.Name)
		if info, err := os.Stat(path); err != nil || info.Size() != f.Bytes {
			return path
		}
	}
	return ""
}

// Incomplete is the error of a join that lacks shards. It matches ito.ErrInput.
func Incomplete(s *State) error {
	todo := s.Todo()
	if len(todo) == 0 {
		return nil
	}
	return &ito.InputError{Where: "job " + s.Job, What: fmt.Sprintf("%d of %d shards are not there, the first of "+
		"them %d", len(todo), s.Shards, todo[0]), Do: "run the job until they are"}
}
