package serve

import (
	"context"
	"encoding/json"
	"time"
)

// The states of a job.
const (
	jobQueued    = "queued"
	jobRunning   = "running"
	jobDone      = "done"
	jobFailed    = "failed"
	jobCancelled = "cancelled"
)

// Job is a request whose answer is a file of the server: it outlives the client, the connection and the server. Its id
// is that of the bytes, so the same request is the same job.
type Job struct {
	ID       string          `json:"id" doc:"Names the bytes of the result: the same request is the same job"`
	Kind     string          `json:"kind" enum:"sample,evaluate,forecast,infer" doc:"What is asked of the model"`
	Model    string          `json:"model"`
	Digest   string          `json:"model_digest"`
	Format   string          `json:"format"`
	Settings json.RawMessage `json:"settings"`
	State    string          `json:"state" enum:"queued,running,done,failed,cancelled"`
	Position int             `json:"position,omitempty" doc:"In the queue, from 1"`
	Done     int64           `json:"done" doc:"Samples that are written; of an inference its steps, of others 1 at the end"`
	Total    int64           `json:"total"`
	Error    string          `json:"error,omitempty"`
	Bytes    int64           `json:"bytes,omitempty" doc:"Of the result"`
	Result   string          `json:"result,omitempty" doc:"Where the result is"`
	Created  time.Time       `json:"created"`
	Ended    *time.Time      `json:"ended,omitempty"`
	Expires  *time.Time      `json:"expires,omitempty" doc:"When the result is removed"`
}

// job is a job with what runs it.
type job struct {
	Job
	Key     string // Idempotency-Key of the request; ""
	Query   string // of the request, where it is not for samples
	changed chan struct{}
	cancel  context.CancelFunc // of the one that runs; nil
}
