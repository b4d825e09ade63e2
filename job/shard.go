package job

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Dispute is two results of one shard.
type Dispute struct {
	Shard int    `json:"shard"`
	There string `json:"there"` // digest of the committed bytes
	Here  string `json:"here"`  // of those that came later
	By    string `json:"by,omitempty"`
}

// DisagreeError is a job that is not reproducible: two results of one shard differ.
type DisagreeError struct{ Dispute }

func (e *DisagreeError) Error() string {
	return fmt.Sprintf("shard %d is not reproducible: its bytes have the digest %s, and computed again %s; ito job "+
		"verify says which is right here, and which machine is wrong is to be found before the job goes on", e.Shard,
		e.There, e.Here)
}

// Compute computes a shard and commits it. by names who does. A shard that was committed meanwhile with the same bytes
// is fine; with others it is a *DisagreeError, which stays in the store and stops the job for everybody.
func (j *Job) Compute(ctx context.Context, w Work, i, workers int, by string, progress func(done int64)) (*Receipt,
	error) {
	r, _, err := j.computeOnce(ctx, w, i, workers, by, progress)
	return r, err
}

// computeOnce is Compute, and says whether another process was faster.
func (j *Job) computeOnce(ctx context.Context, w Work, i, workers int, by string, progress func(done int64)) (
	r *Receipt, twice bool, err error) {
	p, err := j.Store.Create(ctx, shardName(i))
	if err != nil {
		return nil, false, err
	}
	defer p.Abort()
	if r, err = j.compute(ctx, w, i, workers, p, progress); err != nil {
		return nil, false, err
	}
	if _, err := io.WriteString(p, r.text()); err != nil {
		return nil, false, err
	}
	err = p.Commit(false)
	if errors.Is(err, fs.ErrNotExist) { // swept away by the process that joined the shards
		if res, e := j.result(ctx); e == nil && res != nil {
			return r, true, nil
		}
	}
	if !errors.Is(err, ErrThere) {
		return r, false, err
	}
	return r, true, j.settle(ctx, w, r, workers, by)
}

// there is the receipt of a shard that somebody committed, or whose job somebody has finished; nil: it is to be
// computed.
func (j *Job) there(ctx context.Context, i int) (*Receipt, error) {
	r, err := j.receipt(ctx, i)
	if errors.Is(err, fs.ErrNotExist) {
		var res *Result
		if res, err = j.result(ctx); res == nil || err != nil {
			return nil, err
		}
		return &res.Shards[i], nil
	}
	if errors.Is(err, errDamaged) {
		return nil, nil
	}
	return r, err
}

// compute writes the bytes of a shard to w and returns what they are.
func (j *Job) compute(ctx context.Context, work Work, i, workers int, w io.Writer, progress func(int64)) (*Receipt,
	error) {
	b := bufio.NewWriterSize(w, 1<<18)
	s := &shardWriter{w: b, h: sha256.New()}
	rows, err := work.Shard(ctx, i, j.Plan.Shards, workers, s, progress)
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return nil, err
	}
	return &Receipt{Job: j.ID, Shard: i, Rows: rows, Bytes: s.n, Digest: hex.EncodeToString(s.h.Sum(nil))}, nil
}

// settle compares a shard with the one that was committed before it.
func (j *Job) settle(ctx context.Context, w Work, r *Receipt, workers int, by string) error {
	there, err := j.receipt(ctx, r.Shard)
	if err == nil && there.Digest == r.Digest {
		return nil
	}
	if err == nil {
		err = j.intact(ctx, there)
	}
	switch {
	case errors.Is(err, errDamaged): // a file that lost its end is no second opinion
		return j.replace(ctx, w, r.Shard, workers)
	case errors.Is(err, fs.ErrNotExist):
		if res, e := j.result(ctx); e == nil && res != nil {
			return nil // the job was finished, and its shards joined
		}
		return j.replace(ctx, w, r.Shard, workers)
	case err != nil:
		return err
	}
	d := Dispute{Shard: r.Shard, There: there.Digest, Here: r.Digest, By: by}
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := write(ctx, j.Store, disagreeName+shardName(r.Shard), b, false); err != nil && !errors.Is(err, ErrThere) {
		return err
	}
	return &DisagreeError{d}
}

// intact reads a shard and reports errDamaged where it is not what its receipt says.
func (j *Job) intact(ctx context.Context, r *Receipt) error {
	body, err := j.open(ctx, r)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return err
}

// replace computes a shard once more and puts it in the place of one that is damaged.
func (j *Job) replace(ctx context.Context, w Work, i, workers int) error {
	p, err := j.Store.Create(ctx, shardName(i))
	if err != nil {
		return err
	}
	defer p.Abort()
	r, err := j.compute(ctx, w, i, workers, p, func(int64) {})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p, r.text()); err != nil {
		return err
	}
	return p.Commit(true)
}

// disputes lists the shards of which there are two results.
func (j *Job) disputes(ctx context.Context) ([]Dispute, error) {
	names, err := j.Store.List(ctx, disagreeName)
	if err != nil {
		return nil, err
	}
	var all []Dispute
	for _, name := range names {
		b, err := readAll(ctx, j.Store, name)
		if err != nil {
			return nil, err
		}
		var d Dispute
		if err := json.Unmarshal(b, &d); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", j.Store, name, err)
		}
		all = append(all, d)
	}
	return all, nil
}
