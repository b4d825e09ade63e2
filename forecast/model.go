package forecast

import (
	"context"
	"encoding/json"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/store"
)

// Model is a method of forecasting and its settings: a config struct with tags. [Register] makes it known by its kind.
type Model interface {
	// Kind is the word of the method.
	Kind() string
	// Fit learns from the whole of a set, of which it keeps what Predict needs. It resumes from o.Checkpoints where
	// there is one of the same settings and data. What the model cannot learn from is an *ito.InputError.
	Fit(ctx context.Context, data *Set, o FitOptions) (Fitted, error)
	// Restore is the fitted model of a state that it wrote.
	Restore(s State) (Fitted, error)
}

// Fitted is a model that can forecast. It is safe for concurrent use.
type Fitted interface {
	// Predict forecasts each window, in order. The forecasts pass [Forecast.Check]; a window that the model cannot
	// forecast gets a labelled fallback or is an error, never an empty forecast.
	Predict(ctx context.Context, ws []Window, r Request) ([]Forecast, error)
	// State is what a file holds of it.
	State() (State, error)
}

// FitOptions surround a fit. Horizon and Seed are part of its result, the others are not.
type FitOptions struct {
	Horizon     int // steps that will be asked for
	Seed        uint64
	Pool        *ad.Pool               // workers; nil: the caller alone
	Progress    func(learn.TrainEvent) // nil: none
	Checkpoints store.Checkpoints      // nil: none are kept
	Every       int                    // steps between checkpoints; 0: 500
}

// Request says what is wanted of each forecast.
type Request struct {
	// Levels of the quantiles, increasing; nil: none but what the model needs itself.
	Levels []float64
	// Paths are the sample paths that come with each forecast, which are its quantiles' too; 0: none come, and
	// the model draws as many as it needs, or none.
	Paths int
	// Together asks that path k of all windows of one origin be a draw of these series together, as far as the model
	// can: see [Together].
	Together bool
	Seed     uint64
	Pool     *ad.Pool // workers; nil: the caller alone
}

// Together is what a [Fitted] may have too: its paths of several series of one origin can hang together. Without it,
// and where Panel is empty and Request.Together is false, each series is drawn by itself.
type Together interface {
	Fitted
	// Panel are the series that it draws in one call only, all of them; nil: any.
	Panel() []string
	// Together reports that path k of several series is a joint draw where Request.Together asks for it.
	Together() bool
}

// PanelOf are the series that a model draws in one call only; nil: any.
func PanelOf(f Fitted) []string {
	if t, ok := f.(Together); ok {
		return t.Panel()
	}
	return nil
}

// IsTogether reports a model whose paths of several series are joint draws where Request.Together asks for it.
func IsTogether(f Fitted) bool {
	t, ok := f.(Together)
	return ok && t.Together()
}

// State is what a file holds of a fitted model: tensors, and a config that the model itself reads.
type State struct {
	Config  json.RawMessage
	Tensors []store.Tensor
}

var registry = newRegistry()

func newRegistry() *spec.Registry[Model] {
	r := spec.NewRegistry("forecaster", Model.Kind)
	r.Resolve = func(m Model) (Model, error) {
		if c, ok := m.(interface{ Resolve() (Model, error) }); ok {
			return c.Resolve()
		}
		return m, nil
	}
	return r
}

// Register makes a method known by its kind: it is stored then, and named on the command line as kind or
// kind:key=value,key=value. empty returns a config with its defaults; the tags of its fields are those of
// nn.Register. A method that has Resolve() (Model, error) has its settings checked and filled by it. doc is a line of
// help. A kind that is taken panics.
func Register(doc string, empty func() Model) { registry.Register(doc, empty) }

// RegisterBaseline registers a method that learns nothing across series, which a model must beat.
func RegisterBaseline(doc string, empty func() Model) {
	Register(doc, empty)
	baselines[empty().Kind()] = true
}

var baselines = map[string]bool{}

// IsBaseline reports a kind that is there to be beaten.
func IsBaseline(kind string) bool { return baselines[kind] }

// Baselines are the kinds of the baselines in the order of their registration.
func Baselines() []string {
	var out []string
	for _, k := range Kinds() {
		if IsBaseline(k) {
			out = append(out, k)
		}
	}
	return out
}

// Kinds are the registered methods in the order of their registration.
func Kinds() []string { return registry.Kinds() }

// Parse returns the method that a word names, as theta or theta:season=24, resolved. What is wrong with the word is an
// ito.InputError with the nearest that works.
func Parse(word string) (Model, error) { return registry.Parse(word) }

// Word is the word of a method: Parse of it is the same.
func Word(m Model) (string, error) { return registry.Word(m) }

// WordOf is the word of a method as a file names it.
func WordOf(n spec.Named) (string, error) {
	m, err := registry.Unmarshal(n)
	if err != nil {
		return "", err
	}
	return Word(m)
}
