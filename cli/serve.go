package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/seed9a7962a8/ito/serve"
)

// serveCmd is "ito serve".
type serveCmd struct {
	serve.Config
	Log string `where:"local" default:"text" enum:"text,json,off" help:"How requests are logged on standard error: ${enum}"`
}

func (*serveCmd) manual() page {
	return page{
		synopsis: "DIR|MODEL… [--addr HOST:PORT] [--token-file FILE] [--tls-cert FILE --tls-key FILE]",
		text: []string{
			"An HTTP server of trained models: their cards, samples as JSON, NDJSON, CSV, npy or Parquet, a page for " +
				"people at /, and /openapi.json, /metrics, /healthz and /readyz for programs. The settings of a " +
				"request are the flags of ito sample, and its bytes are those of ito sample: today, after a restart, " +
				"on another replica of the same program on the same vector level, at any load. Flags that name files " +
				"or processors are for the one who runs the server and are refused in a request.",
			"A model is called as its file without .safetensors or .star. It is read when it is first asked for; " +
				"when its file changes the new one replaces it for the requests that come after, and a file that " +
				"is not whole replaces nothing.",
			"A file of ito forecast train forecasts: POST /v1/models/NAME/forecast takes series as ito forecast " +
				"predict does, and GET /v1/forecast?model=&series=&lead=&q= answers with one number, as KEDA's " +
				"metrics-api wants it, from a history that is pulled from --prometheus by --query or pushed to " +
				"/v1/models/NAME/history, and is refused when its last value is older than --stale.",
			"A model file (.star) is a density: POST /v1/models/NAME/infer takes its data as the body and the " +
				"settings of ito infer as the query, and answers with the bytes of ito infer's files. What would " +
				"take more memory than a server allows is refused before anything is drawn.",
			"Samplings share the processors in turns, so a small request does not wait for a large one to end. A " +
				"client that goes away ends its work at the next step. After SIGTERM or ctrl-C nothing new is taken, " +
				"what is running ends, and the exit code is 0.",
			"The server listens on this machine alone unless --addr says otherwise. Who reaches it may sample: give " +
				"--token-file, and --tls-cert where others can listen.",
		},
		examples: [][2]string{
			{"ito serve models/", "Every model of a directory, at http://127.0.0.1:8080/."},
			{"ito serve digits.safetensors --addr :8080 --token-file token", "For other machines, with a token."},
			{"ito serve load.safetensors --prometheus http://prometheus:9090 --query " +
				"'load=sum(rate(http_requests_total[5m]))'", "Forecasts of a load, of a history that Prometheus has."},
			{"ito serve eight_schools.star", "Draws of a model file, given data: curl --data-binary " +
				"@eight_schools.json 'localhost:8080/v1/models/eight_schools/infer?seed=1'."},
			{"ito serve digits.safetensors > log 2>&1 & curl -d '{\"n\":5,\"seed\":7}' " +
				"localhost:8080/v1/models/digits/sample", "Five samples as JSON: those of ito sample with the same " +
				"settings."},
		},
	}
}

// Run implements the command.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	a.drains.Store(true)
	var h slog.Handler = slog.DiscardHandler
	switch c.Log {
	case "text":
		h = slog.NewTextHandler(a.stderr, nil)
	case "json":
		h = slog.NewJSONHandler(a.stderr, nil)
	}
	return serve.Run(ctx, c.Config, serve.Env{Log: slog.New(h), Version: version(), Ready: func(address string) {
		if c.Log == "off" {
			io.WriteString(a.stderr, fmt.Sprintln("serving at", address))
		}
	}})
}
