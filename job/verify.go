package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
)

// Verification is what was found when a job was looked at again.
type Verification struct {
	Job       string    `json:"job"`
	Shards    int       `json:"shards"`
	Done      int       `json:"done"`
	Read      int       `json:"read"` // shards whose bytes were compared with their receipts
	Files     []string  `json:"files,omitempty"`
	Computed  []int     `json:"computed"`
	Equal     int       `json:"equal"` // of the computed
	Damaged   []int     `json:"damaged,omitempty"`
	Disagree  []Dispute `json:"disagree,omitempty"`
	BadFiles  []string  `json:"bad_files,omitempty"`
	Confirmed bool      `json:"confirmed"`
}

// Verify compares what is there with its digests, and computes count of the committed shards once more, all of them
// where there are not more, chosen at random with this seed. What differs is in the result, and no error.
func (j *Job) Verify(ctx context.Context, count int, seed uint64, workers int) (*Verification, error) {
	s, err := j.State(ctx)
	var disagree *DisagreeError
	if err != nil && !errors.As(err, &disagree) {
		return nil, err
	}
	v := &Verification{Job: j.ID, Shards: s.Shards, Done: s.Done, Damaged: s.Damaged}
	if err := j.readAgain(ctx, s, v); err != nil {
		return nil, err
	}
	var there []int
	for i, r := range s.Committed {
		if r.Digest != "" && !slices.Contains(v.Damaged, i) {
			there = append(there, i)
		}
	}
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(there), func(a, b int) { there[a], there[b] = there[b], there[a] })
	for _, d := range s.Disagree { // these first
		there = slices.DeleteFunc(there, func(i int) bool { return i == d.Shard })
		there = slices.Insert(there, 0, d.Shard)
	}
	v.Computed = slices.Clone(there[:min(max(count, len(s.Disagree)), len(there))])
	slices.Sort(v.Computed)
	if len(v.Computed) == 0 {
		v.Confirmed = len(v.Damaged)+len(v.BadFiles) == 0
		return v, nil
	}
	w, err := j.Work(ctx)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for k, i := range v.Computed {
		again, err := j.compute(ctx, w, i, workers, discard{}, func(int64) {})
		if err != nil {
			return nil, err
		}
		if want := s.Committed[i].Digest; again.Digest != want {
			v.Disagree = append(v.Disagree, Dispute{Shard: i, There: want, Here: again.Digest, By: Myself()})
		} else {
			v.Equal++
		}
		j.env.Count("verify", int64(k+1), int64(len(v.Computed)))
	}
	v.Confirmed = len(v.Damaged)+len(v.BadFiles)+len(v.Disagree) == 0
	return v, nil
}

// readAgain compares the bytes that are there with their digests: those of the shards, or of the result where they
// have been joined.
func (j *Job) readAgain(ctx context.Context, s *State, v *Verification) error {
	for i := range s.Committed {
		if s.Committed[i].Digest == "" {
			continue
		}
		err := j.intact(ctx, &s.Committed[i])
		switch {
		case errors.Is(err, errDamaged):
			v.Damaged = append(v.Damaged, i)
		case errors.Is(err, fs.ErrNotExist) && s.Result != nil: // joined
			continue
		case err != nil:
			return err
		}
		v.Read++
	}
	if s.Result == nil {
		return nil
	}
	for _, f := range s.Result.Files {
		path := filepath.Join(filepath.Dir(j.manifest.Out()), f.Name)
		v.Files = append(v.Files, path)
		switch got, err := describe(path); {
		case errors.Is(err, fs.ErrNotExist):
			v.BadFiles = append(v.BadFiles, path+": it is gone")
		case err != nil:
			return err
		case got.Bytes != f.Bytes:
			v.BadFiles = append(v.BadFiles, fmt.Sprintf("%s: it has %d bytes and had %d", path, got.Bytes, f.Bytes))
		case got.Digest != f.Digest:
			v.BadFiles = append(v.BadFiles, fmt.Sprintf("%s: its digest is %s and was %s", path, brief(got.Digest),
				brief(f.Digest)))
		}
	}
	return nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
