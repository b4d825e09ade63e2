package serve

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/infer"
)

// inferFormats are those that draws are written in, the default first.
var inferFormats = []format{
	{"json", "application/json", ".json", true, "One object: the columns, what ito infer reports, and the draws, " +
		"each parameter [chain][draw] and its own shape."},
	{"csv", "text/csv", ".csv", false, "The bytes of a .csv file of ito infer, which holds one chain: of several, " +
		"chain=1, … says which."},
	{"npy", "application/x-npy", ".npy", false, "The bytes that ito infer writes to an .npy file, " +
		"[chains,draws,columns]."},
	{"parquet", "application/vnd.apache.parquet", ".parquet", false, "The bytes that ito infer writes to a .parquet " +
		"file."},
}

// What an inference may take here: coordinates, and numbers of draws, states and trainings.
const mostCoordinates, mostNumbers = 1 << 16, 1 << 23

type inferInput struct {
	Name    string `path:"name" doc:"Name of a model file"`
	RawBody []byte `contentType:"application/json"`
}

func (s *Server) inferRoutes(api huma.API) {
	const at = "/v1/models/{name}/infer"
	op := huma.Operation{OperationID: "infer", Method: http.MethodPost, Path: at, Tags: []string{"draws"},
		Summary: "Draw from the density of a model file", Description: "The body is the data of the model, as ito " +
			"infer reads them: a JSON object, or a table; without data it is empty. The settings are those of ito " +
			"infer, and so are the bytes of the answer. What takes more memory than a server allows is bad input " +
			"(400) before anything is drawn.",
		MaxBodyBytes: int64(s.c.MaxData), SkipValidateBody: true, Errors: sampleErrors,
		Responses: answersOf(inferFormats)}
	op.Parameters = append(answerParametersOf(inferFormats), parametersOf(infer.Config{})...)
	op.Parameters = append(op.Parameters, &huma.Param{Name: "chain", In: "query", Description: "Of CSV: the chain, " +
		"from 1.", Schema: &huma.Schema{Type: huma.TypeInteger}})
	huma.Register(api, op, func(_ context.Context, in *inferInput) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			s.infer(w, r, in.Name, in.RawBody)
		}}, nil
	})
	body := api.OpenAPI().Paths[at].Post.RequestBody
	body.Required, body.Content = false, map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
		Type: huma.TypeObject}}, "text/csv": {}}
}

// inferring is a request for draws that has been read.
type inferring struct {
	model    *served
	c        infer.Config
	chain    int // of CSV, from 1; 0: none is named
	data     []byte
	format   format
	deadline time.Duration
	etag     string
}

// askInfer reads a request.
func (s *Server) askInfer(name string, r *http.Request, data []byte) (*inferring, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX")
	}
	q := &inferring{c: spec.New[infer.Config](), data: data}
	if q.format, err = formatOf(inferFormats, query, r); err != nil {
		return nil, err
	}
	if q.deadline, err = s.deadline(query); err != nil {
		return nil, err
	}
	if text := take(query, "chain"); text != "" {
		if q.chain, err = strconv.Atoi(text); err != nil || q.chain < 1 {
			return nil, newProblem(http.StatusBadRequest, "chain", fmt.Sprintf("%q is no chain", clip(text)),
				"count them from 1")
		}
		if q.format.name != "csv" {
			return nil, newProblem(http.StatusBadRequest, "chain", q.format.name+" has all chains",
				"leave it out, or ask for csv")
		}
	}
	if err := spec.DecodeQuery(query, &q.c); err != nil {
		return nil, err
	}
	if err := spec.Check(&q.c.Settings); err != nil {
		return nil, err
	}
	q.c.Given = slices.Sorted(maps.Keys(query))
	if packed(data) {
		return nil, newProblem(http.StatusBadRequest, "body", "packed and Parquet files are not read from a request",
			"send JSON or CSV")
	}
	if q.model, err = s.models.density(name); err != nil {
		return nil, err
	}
	q.etag = q.digest(s.env.Version)
	return q, nil
}

// digest names the bytes of the answer.
func (q *inferring) digest(version string) string {
	c := q.c
	c.Out, c.Workers, c.Model, c.Data = "", 0, "", ""
	return tagOf(q.model, q.format, version, spec.Canonical(&c), strings.Join(q.c.Given, ","), strconv.Itoa(q.chain),
		store.Digest(q.data))
}

// dataName is what the data of the body are called: their reader goes by the ending.
func (q *inferring) dataName() string {
	switch b := bytes.TrimSpace(bytes.TrimPrefix(q.data, []byte("\ufeff"))); {
	case len(b) == 0:
		return ""
	case b[0] == '{':
		return "body.json"
	}
	return "body.csv"
}

// infer answers a request for draws.
func (s *Server) infer(w http.ResponseWriter, r *http.Request, name string, data []byte) {
	q, err := s.askInfer(name, r, data)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	h := w.Header()
	if tagged(w, r, q.etag, q.model) {
		return
	}
	h.Set("Content-Type", q.format.contentType())
	ctx, cancel := context.WithTimeout(r.Context(), q.deadline)
	defer cancel()
	dir, err := os.MkdirTemp("", "ito-infer-*")
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer os.RemoveAll(dir)
	leave, err := s.alone(ctx)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer leave()
	out := newAnswer(w)
	s.end(w, r, out, s.drawDensity(ctx, q, dir, nil, out))
}

// alone waits for a place, and until no other inference runs. An inference takes seconds and more, so it keeps no
// worker from those who draw samples: it has a thread of its own, and there is one at a time.
func (s *Server) alone(ctx context.Context) (func(), error) {
	began := time.Now()
	leave, err := s.gate.enter(ctx)
	if err == nil {
		select {
		case s.inferring <- struct{}{}:
			inner := leave
			leave = func() { <-s.inferring; inner() }
		case <-ctx.Done():
			leave()
			err = ctx.Err()
		}
	}
	s.metrics.waited(time.Since(began))
	return leave, err
}

// drawDensity draws into files of a directory and writes the answer to out. With a checkpoint in the directory it goes
// on where it was.
func (s *Server) drawDensity(ctx context.Context, q *inferring, dir string, progress func(task.ProgressEvent),
	out io.Writer) error {
	c := q.c
	c.Model, c.Data, c.Workers = q.model.name+language, q.dataName(), 1
	c.Out = filepath.Join(dir, "draws"+q.format.end)
	c.Resume = task.Exists(infer.Checkpoint(c.Out))
	var notes []string
	env := infer.Env{
		Env: task.Env{Version: s.env.Version, Progress: progress, Note: func(line string) {
			notes = append(notes, plain(line))
		}},
		Most: infer.Limits{Coordinates: mostCoordinates, Numbers: mostNumbers},
		Read: func(name string) ([]byte, error) {
			if name == c.Model {
				return q.model.source, nil
			}
			return q.data, nil
		},
	}
	if err := q.whichChain(); err != nil {
		return err
	}
	report, err := infer.Run(ctx, c, env)
	if err != nil {
		if cause := ctx.Err(); cause != nil {
			return cause
		}
		return inDir(err, dir)
	}
	if q.format.json {
		return q.writeJSON(out, report, notes)
	}
	file := report.Files[0]
	if q.format.name == "csv" {
		if q.chain > len(report.Files) {
			return newProblem(http.StatusBadRequest, "chain", fmt.Sprintf("%d, and there are %d", q.chain,
				len(report.Files)), "count them from 1")
		}
		file = report.Files[max(q.chain, 1)-1]
	}
	return copyFile(out, file)
}

// whichChain refuses CSV of several chains of which none is named, where that is plain from the settings.
func (q *inferring) whichChain() error {
	if q.format.name == "csv" && q.chain == 0 && q.c.Chains != 1 {
		return newProblem(http.StatusBadRequest, "chain", "a CSV file holds one chain, as CmdStan's, and none is named",
			"ask for chain=1, chain=2, …, for chains=1, or for json, npy or parquet, which hold all")
	}
	return nil
}

// inDir is an error without the place of the files that were written.
func inDir(err error, dir string) error {
	if p := problemOf(err); p.Status == http.StatusBadRequest {
		clean := func(s string) string {
			s = strings.ReplaceAll(s, dir+string(filepath.Separator), "")
			return strings.ReplaceAll(s, "name a file of them with data", "send them as the body")
		}
		return newProblem(p.Status, clean(p.Where), clean(cmp.Or(p.What, p.Detail)), clean(p.Do))
	}
	return err
}
