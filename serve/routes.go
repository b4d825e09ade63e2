package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed9a7962a8/ito/task/sample"
)

// routes are the places of the server.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "ito serve", Version: s.env.Version, Description: "Samples of trained models. " +
				"The same request gives the same bytes, today, after a restart, and on another replica of the same " +
				"program on the same vector level: those of ito sample with the same settings."},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/",
				huma.DefaultSchemaNamer)},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
	})
	s.secure(api)
	s.modelRoutes(api)
	s.sampleRoutes(api)
	s.evaluateRoutes(api)
	s.forecastRoutes(api)
	s.inferRoutes(api)
	s.jobRoutes(api)
	document := sync.OnceValue(func() []byte { // it takes longer than a sample, and few ask for it
		b, err := json.MarshalIndent(api.OpenAPI(), "", " ")
		if err != nil {
			panic(err) // a broken program
		}
		return b
	})
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(document())
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics.handler())
	pageRoutes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { nowhere(mux, w, r) })
	return mux
}

// jsonFormat writes JSON without escapes that only HTML needs.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(v)
	},
	Unmarshal: json.Unmarshal,
}

// readyz answers 200 while requests are taken and there is a model.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.draining():
		newProblem(http.StatusServiceUnavailable, "", "the server stops", "").write(w)
	case s.models.count() == 0:
		newProblem(http.StatusServiceUnavailable, "", "there is no model", "").write(w)
	default:
		fmt.Fprintln(w, "ready")
	}
}

// nowhere answers for a place that there is not, or not by that method.
func nowhere(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{"GET", "POST", "DELETE"} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "" && pattern != "/" && method != r.Method {
			allowed = append(allowed, method)
		}
	}
	if allowed != nil {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		newProblem(http.StatusMethodNotAllowed, "", clip(r.Method)+" is not answered here", "use "+strings.Join(allowed,
			" or ")).write(w)
		return
	}
	newProblem(http.StatusNotFound, "", fmt.Sprintf("there is nothing at %q", clip(r.URL.Path)), "GET /openapi.json "+
		"lists what there is").write(w)
}

// secure documents the token.
func (s *Server) secure(api huma.API) {
	if s.token == nil {
		return
	}
	o := api.OpenAPI()
	o.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	o.Security = []map[string][]string{{"token": {}}}
}

// listed is a model in the list of all.
type listed struct {
	Name  string `json:"name"`
	Card  *Card  `json:"card,omitempty"`
	Fault string `json:"fault,omitempty" doc:"Why it cannot be used; with a card: why an older one is used than its file holds"`
}

type listOutput struct {
	Body struct {
		Models []listed `json:"models"`
	}
}

type cardInput struct {
	Name string `path:"name" doc:"Name of a model: that of its file without .safetensors"`
}

type cardOutput struct {
	ETag string `header:"ETag"`
	Body *Card
}

// errorsOf are the statuses of problems.
var errorsOf = []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable}

func (s *Server) modelRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "list-models", Method: http.MethodGet, Path: "/v1/models",
		Summary: "List the models with their cards", Tags: []string{"models"}},
		func(ctx context.Context, _ *struct{}) (*listOutput, error) {
			out := &listOutput{}
			out.Body.Models = []listed{}
			for _, name := range s.models.names() {
				if err := ctx.Err(); err != nil {
					return nil, problemOf(err)
				}
				out.Body.Models = append(out.Body.Models, s.models.listed(name))
			}
			return out, nil
		})
	huma.Register(api, huma.Operation{OperationID: "get-model", Method: http.MethodGet, Path: "/v1/models/{name}",
		Summary: "The card of a model", Tags: []string{"models"}, Errors: errorsOf},
		func(_ context.Context, in *cardInput) (*cardOutput, error) {
			m, err := s.models.get(in.Name)
			if err != nil {
				return nil, problemOf(err)
			}
			out := &cardOutput{ETag: `"` + m.digest[:32] + `"`, Body: m.card}
			if fault := s.models.faultOf(in.Name); fault != "" {
				c := *m.card
				c.Fault, out.Body, out.ETag = fault, &c, ""
			}
			return out, nil
		})
}

// listed is what the list has of a model. The model itself need not be in memory.
func (m *models) listed(name string) listed {
	l := listed{Name: name}
	e := m.look(false)[name]
	if e != nil && e.current.Load() == nil && e.card.Load() != nil && e.unchanged() {
		l.Card = e.card.Load()
		return l
	}
	s, err := m.get(name)
	if err != nil {
		l.Fault = problemOf(err).Detail
		return l
	}
	l.Card, l.Fault = s.card, m.faultOf(name)
	return l
}

// faultOf is why a model that answers is an older one than its file holds; "": it is not.
func (m *models) faultOf(name string) string {
	if e := m.look(false)[name]; e != nil {
		if fault := e.faultNow(); fault != nil {
			return unusable(name, fault).Detail
		}
	}
	return ""
}

type sampleInput struct {
	Name    string `path:"name" doc:"Name of a model"`
	RawBody []byte `contentType:"application/json"`
}

type sampleQuery struct {
	Name string `path:"name" doc:"Name of a model"`
}

func (s *Server) sampleRoutes(api huma.API) {
	const at = "/v1/models/{name}/sample"
	schema := requestSchema(api)
	about := "Samples first, first+1, … of a seed. Sample i of a seed is the same whatever n and first are, so a " +
		"large job may be asked for in parts, and a download that broke off goes on with the next id. Large answers " +
		"stream; one that fails half-way breaks its connection. A request is bad input (400) before anything is drawn."
	post := huma.Operation{OperationID: "sample", Method: http.MethodPost, Path: at, Summary: "Draw samples",
		Description: about, Tags: []string{"samples"}, MaxBodyBytes: int64(s.c.MaxBody), SkipValidateBody: true,
		Parameters: answerParameters(), Responses: answers(), Errors: sampleErrors}
	huma.Register(api, post, func(_ context.Context, in *sampleInput) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			s.sample(w, r, in.Name, in.RawBody)
		}}, nil
	})
	body := api.OpenAPI().Paths[at].Post.RequestBody
	body.Required, body.Content = false, map[string]*huma.MediaType{"application/json": {Schema: schema,
		Example: map[string]any{"n": 5, "seed": 1}}}
	get := huma.Operation{OperationID: "get-sample", Method: http.MethodGet, Path: at, Tags: []string{"samples"},
		Summary: "Draw samples: the settings are in the query, so that they are a link", Description: about,
		Parameters: append(answerParameters(), parametersOf(sample.Config{})...), Responses: answers(),
		Errors: sampleErrors}
	huma.Register(api, get, func(_ context.Context, in *sampleQuery) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			s.sample(w, r, in.Name, nil)
		}}, nil
	})
}

var sampleErrors = slices.Concat(errorsOf, []int{http.StatusNotAcceptable, http.StatusRequestEntityTooLarge,
	http.StatusUnprocessableEntity, http.StatusTooManyRequests})

// answerParameters are the settings of an answer that change no sample.
func answerParameters() []*huma.Param { return answerParametersOf(formats) }

func answerParametersOf(formats []format) []*huma.Param {
	var words []any
	for _, f := range formats {
		words = append(words, f.name)
	}
	text := func(in, name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: in, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return []*huma.Param{
		{Name: "format", In: "query", Description: "The format, instead of the header Accept; the answer is then for " +
			"a file.", Schema: &huma.Schema{Type: huma.TypeString, Enum: words}},
		text("query", "timeout", "Longest time for the answer, as 500ms or 30s; the server has a limit of its own."),
		text("header", "If-None-Match", "Tags of answers that the client has: the same bytes are not sent again."),
	}
}

// answers documents the formats.
func answers() map[string]*huma.Response { return answersOf(formats) }

func answersOf(formats []format) map[string]*huma.Response {
	content := map[string]*huma.MediaType{}
	var all bytes.Buffer
	for _, f := range formats {
		content[f.media] = &huma.MediaType{Schema: &huma.Schema{Description: f.doc}}
		fmt.Fprintf(&all, " %s: %s", f.name, f.doc)
	}
	header := func(doc string) *huma.Param {
		return &huma.Param{Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Response{
		"200": {Description: "The answer." + all.String(), Content: content, Headers: map[string]*huma.Param{
			"ETag":             header("Names these bytes: a digest of model, settings, format and program."),
			"Ito-Model-Digest": header("SHA-256 of the model's file."),
		}},
		"304": {Description: "The client has these bytes already."},
	}
}
