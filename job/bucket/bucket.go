// Package bucket keeps the shards of jobs in an object store that speaks S3. An object is written with
// If-None-Match: *, so the first of several writers of one name wins, and the others read what it wrote; a reply that
// is lost and repeated looks the same.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/job"
)

func init() {
	job.RegisterStore("s3", Open)
	job.RegisterStore("s3+http", Open)
}

// store implements job.Store.
type store struct {
	client         *minio.Client
	bucket, prefix string
	address        string
}

// Open opens s3://HOST[:PORT]/BUCKET[/PREFIX], or s3+http:// without TLS. The keys are those of the environment
// (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), the region too (AWS_REGION, else us-east-1).
func Open(ctx context.Context, address string) (job.Store, error) {
	refuse := func(what, do string) error { return &ito.InputError{Where: "`store` " + address, What: what, Do: do} }
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, refuse("it is no address of an object store", "write s3://HOST/BUCKET/PREFIX, and the keys into "+
			"the environment")
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if bucket == "" {
		return nil, refuse("it names no bucket", "write s3://HOST/BUCKET/PREFIX")
	}
	if prefix != "" {
		prefix += "/"
	}
	region := os.Getenv("AWS_REGION")
	if region == "" {
		region = "us-east-1"
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewEnvAWS(), Secure: u.Scheme == "s3",
		Region: region, BucketLookup: minio.BucketLookupPath})
	if err != nil {
		return nil, refuse(err.Error(), "write s3://HOST/BUCKET/PREFIX")
	}
	s := &store{client, bucket, prefix, address}
	there, err := client.BucketExists(ctx, bucket)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if !there {
		return nil, refuse("there is no bucket "+bucket, "make it first")
	}
	return s, nil
}

func (s *store) String() string { return s.address }

// lacks turns the answer that there is no such object into fs.ErrNotExist.
func (s *store) lacks(name string, err error) error {
	if err == nil {
		return nil
	}
	if r := minio.ToErrorResponse(err); r.Code == "NoSuchKey" || r.StatusCode == http.StatusNotFound {
		err = fs.ErrNotExist
	}
	return fmt.Errorf("%s: %s: %w", s.address, name, err)
}

// Open implements job.Store.
func (s *store) Open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	o, err := s.client.GetObject(ctx, s.bucket, s.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, s.lacks(name, err)
	}
	info, err := o.Stat()
	if err != nil {
		o.Close()
		return nil, 0, s.lacks(name, err)
	}
	return o, info.Size, nil
}

// Tail implements job.Store.
func (s *store) Tail(ctx context.Context, name string, n int64) ([]byte, int64, error) {
	info, err := s.client.StatObject(ctx, s.bucket, s.prefix+name, minio.StatObjectOptions{})
	if err != nil {
		return nil, 0, s.lacks(name, err)
	}
	n = min(n, info.Size)
	if n == 0 {
		return nil, info.Size, nil
	}
	var o minio.GetObjectOptions
	if err := o.SetRange(info.Size-n, info.Size-1); err != nil {
		return nil, 0, err
	}
	r, err := s.client.GetObject(ctx, s.bucket, s.prefix+name, o)
	if err != nil {
		return nil, 0, s.lacks(name, err)
	}
	defer r.Close()
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, 0, s.lacks(name, err)
	}
	return b, info.Size, nil
}

// List implements job.Store.
func (s *store) List(ctx context.Context, prefix string) ([]string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var names []string
	for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + prefix}) {
		if o.Err != nil {
			return nil, fmt.Errorf("%s: %w", s.address, o.Err)
		}
		names = append(names, strings.TrimPrefix(o.Key, s.prefix))
	}
	return names, ctx.Err()
}

// Remove implements job.Store.
func (s *store) Remove(ctx context.Context, name string) error {
	err := s.lacks(name, s.client.RemoveObject(ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{}))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Create implements job.Store. The object is collected in a temporary file.
func (s *store) Create(ctx context.Context, name string) (job.Pending, error) {
	f, err := os.CreateTemp("", "ito-object-*")
	if err != nil {
		return nil, err
	}
	return &pending{File: f, s: s, ctx: ctx, name: name}, nil
}

// pending is an object that is being collected.
type pending struct {
	*os.File
	s    *store
	ctx  context.Context // of the writing, for which the object is made
	name string
	done bool
}

// Commit implements job.Pending.
func (p *pending) Commit(replace bool) error {
	defer p.Abort()
	size, err := p.File.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = p.File.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	o := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true}
	if !replace {
		o.SetMatchETagExcept("*")
	}
	_, err = p.s.client.PutObject(p.ctx, p.s.bucket, p.s.prefix+p.name, p.File, size, o)
	if r := minio.ToErrorResponse(err); err != nil && (r.StatusCode == http.StatusPreconditionFailed ||
		r.StatusCode == http.StatusConflict) {
		return job.ErrThere
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", p.s.address, p.name, err)
	}
	return nil
}

// Abort implements job.Pending.
func (p *pending) Abort() {
	if !p.done {
		p.done = true
		p.File.Close()
		os.Remove(p.File.Name())
	}
}
