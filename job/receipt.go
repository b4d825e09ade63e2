package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// A committed shard is its bytes and behind them a receipt of fixed length, so that a shard that was cut off, or
// belongs to another job, is seen for what it is.

// Receipt says what a shard is.
type Receipt struct {
	Job    string `json:"job"` // id of the plan
	Shard  int    `json:"shard"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	Digest string `json:"sha256"`
}

const receiptForm = "\nito-shard job=%16s shard=%08d rows=%019d bytes=%019d sha256=%64s\n"

// receiptLen is the length of every receipt.
var receiptLen = int64(len(fmt.Sprintf(receiptForm, "", 0, 0, 0, "")))

func (r *Receipt) text() string {
	return fmt.Sprintf(receiptForm, r.Job, r.Shard, r.Rows, r.Bytes, r.Digest)
}

// errDamaged is a shard that is not whole, or is not what its receipt says.
var errDamaged = errors.New("it is damaged")

// readReceipt reads the receipt at the end of an object of so many bytes.
func readReceipt(tail []byte, size int64) (*Receipt, error) {
	r := &Receipt{}
	if int64(len(tail)) != receiptLen {
		return nil, fmt.Errorf("%w: %d bytes are less than a receipt", errDamaged, len(tail))
	}
	if _, err := fmt.Sscanf(string(tail[1:]), receiptForm[1:], &r.Job, &r.Shard, &r.Rows, &r.Bytes,
		&r.Digest); err != nil || r.text() != string(tail) {
		return nil, fmt.Errorf("%w: it does not end in a receipt", errDamaged)
	}
	if r.Bytes != size-receiptLen {
		return nil, fmt.Errorf("%w: it has %d bytes and its receipt says %d", errDamaged, size-receiptLen, r.Bytes)
	}
	return r, nil
}

// shardName is the name of a shard's object.
func shardName(i int) string { return fmt.Sprintf("shard-%06d", i) }

// receipt reads that of a shard of this job. A shard that is damaged or of another job is errDamaged.
func (j *Job) receipt(ctx context.Context, i int) (*Receipt, error) {
	tail, size, err := j.Store.Tail(ctx, shardName(i), receiptLen)
	if err != nil {
		return nil, err
	}
	r, err := readReceipt(tail, size)
	if err == nil && (r.Shard != i || r.Job != j.ID) {
		err = fmt.Errorf("%w: it is shard %d of job %s", errDamaged, r.Shard, r.Job)
	}
	return r, err
}

// open reads the bytes of a shard; reaching their end compares the digest with want, errDamaged where it differs.
func (j *Job) open(ctx context.Context, want *Receipt) (io.ReadCloser, error) {
	body, size, err := j.Store.Open(ctx, shardName(want.Shard))
	if err != nil {
		return nil, err
	}
	if size != want.Bytes+receiptLen {
		body.Close()
		return nil, fmt.Errorf("%s: %w", shardName(want.Shard), errDamaged)
	}
	return &checked{body, io.LimitReader(body, want.Bytes), sha256.New(), want}, nil
}

// checked compares what is read with its digest.
type checked struct {
	io.Closer
	r    io.Reader
	h    hash.Hash
	want *Receipt
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.h.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(c.h.Sum(nil)) != c.want.Digest {
		return n, &damagedError{c.want.Shard}
	}
	return n, err
}

// damagedError names a shard whose bytes are not those of its receipt.
type damagedError struct{ shard int }

func (e *damagedError) Error() string {
	return fmt.Sprintf("%s is damaged: its digest is not that of its receipt", shardName(e.shard))
}

func (e *damagedError) Is(target error) bool { return target == errDamaged }

// shardWriter computes the digest of what passes.
type shardWriter struct {
	w io.Writer
	h hash.Hash
	n int64
}

func (s *shardWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.h.Write(p[:n])
	s.n += int64(n)
	return n, err
}
