package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/read"
)

// Bounds of what Prometheus is asked and answers. It refuses more than 11,000 points a series.
const (
	mostPoints  = 10_000
	mostAnswer  = 256 << 20
	pullTimeout = 20 * time.Second
	pullAgain   = 5 // steps that a pull asks for once more, since the latest may have been incomplete
)

// puller is a server that histories are pulled from.
type puller struct {
	at      *url.URL
	token   []byte
	queries map[string]string // by model
	client  *http.Client
}

// newPrometheus reads the settings; nil: histories are pushed.
func newPrometheus(c *Config) (*puller, error) {
	if c.Prometheus == "" {
		if len(c.Query) > 0 {
			return nil, &ito.InputError{Where: "`query`", What: "nobody is asked", Do: "give `prometheus` a URL"}
		}
		if c.PrometheusToken != "" {
			return nil, &ito.InputError{Where: "`prometheus-token-file`", What: "nobody is asked",
				Do: "give `prometheus` a URL"}
		}
		return nil, nil
	}
	at, err := url.Parse(c.Prometheus)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, &ito.InputError{Where: "`prometheus` " + c.Prometheus, What: "it is no URL of a server",
			Do: "give one as http://prometheus:9090"}
	}
	p := &puller{at: at, queries: map[string]string{}, client: &http.Client{Timeout: pullTimeout}}
	for _, q := range c.Query {
		model, text, ok := strings.Cut(q, "=")
		model = strings.TrimSpace(model)
		switch {
		case !ok || model == "" || strings.TrimSpace(text) == "":
			return nil, &ito.InputError{Where: "`query` " + q, What: "it does not say for which model",
				Do: "write MODEL=PROMQL, as load=sum(rate(http_requests_total[5m]))"}
		case p.queries[model] != "":
			return nil, &ito.InputError{Where: "`query` " + q, What: "the model " + model + " has another",
				Do: "join the two by or"}
		}
		p.queries[model] = strings.TrimSpace(text)
	}
	if len(p.queries) == 0 {
		return nil, &ito.InputError{Where: "`prometheus`", What: "it is not said what is asked",
			Do: "give `query` as MODEL=PROMQL"}
	}
	if c.PrometheusToken != "" {
		if p.token, err = tokenIn("prometheus-token-file", c.PrometheusToken); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// stepOf is the length of a step in seconds, 0 of months and business days, which Prometheus does not have.
func stepOf(f forecast.Freq) int64 {
	switch f.Unit {
	case forecast.Second:
		return int64(f.N)
	case forecast.Minute:
		return 60 * int64(f.N)
	case forecast.Hour:
		return 3600 * int64(f.N)
	case forecast.Day:
		return 86400 * int64(f.N)
	case forecast.Week:
		return 7 * 86400 * int64(f.N)
	}
	return 0
}

// pull asks for the points from since on, in parts, and returns the series that they are. The times lie on multiples
// of the step since 1970.
func (p *puller) pull(ctx context.Context, h *history, since, now time.Time) (*forecast.Set, error) {
	step := stepOf(h.freq)
	if step == 0 {
		return nil, newProblem(http.StatusServiceUnavailable, "model "+h.model, "its step is "+h.freq.String()+
			", which Prometheus does not have", "push its history")
	}
	first, last := (since.Unix()+step-1)/step, now.Unix()/step
	var answers []io.Reader
	left := int64(mostAnswer)
	for from := first; from <= last; from += mostPoints {
		b, err := p.ask(ctx, h.query, from*step, min(from+mostPoints-1, last)*step, step, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(b))
		answers = append(answers, strings.NewReader(string(b)))
	}
	r, err := read.Open("-", read.SeriesOptions{Stdin: io.MultiReader(answers...), Format: read.Prometheus,
		Freq: h.freq.String(), MostSteps: mostSteps})
	if err != nil {
		var in *ito.InputError
		if errors.As(err, &in) {
			return nil, failedPull(strings.ReplaceAll(in.What, "standard input", "the answer"))
		}
		return nil, failedPull(err.Error())
	}
	return r.Set, nil
}

// failedPull is the answer where Prometheus gave none.
func failedPull(what string) error {
	return newProblem(http.StatusServiceUnavailable, "history", "Prometheus gave none: "+clip(what),
		"see the log of the server").after(15 * time.Second)
}

// ask asks query_range.
func (p *puller) ask(ctx context.Context, query string, from, to, step, most int64) ([]byte, error) {
	form := url.Values{"query": {query}, "start": {strconv.FormatInt(from, 10)}, "end": {strconv.FormatInt(to, 10)},
		"step": {strconv.FormatInt(step, 10)}}
	at := p.at.JoinPath("api/v1/query_range").String()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, failedPull(err.Error())
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.token != nil {
		r.Header.Set("Authorization", "Bearer "+string(p.token))
	}
	a, err := p.client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, failedPull(err.Error())
	}
	defer a.Body.Close()
	b, err := io.ReadAll(io.LimitReader(a.Body, most+1))
	switch {
	case err != nil:
		return nil, failedPull(err.Error())
	case int64(len(b)) > most:
		return nil, failedPull("the answer is too long")
	case a.StatusCode != http.StatusOK && !strings.Contains(a.Header.Get("Content-Type"), "json"):
		return nil, failedPull(fmt.Sprintf("it answered with %s", a.Status))
	}
	return b, nil
}
