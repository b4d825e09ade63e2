package serve

import (
	"fmt"
	"net/http"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// sampler is get of a model that draws samples.
func (m *models) sampler(name string) (*served, error) {
	s, err := m.get(name)
	if err == nil && s.model == nil {
		return nil, s.other("draws no samples")
	}
	return s, err
}

// other is the answer where a model is asked for what it does not do.
func (s *served) other(not string) error {
	return newProblem(http.StatusBadRequest, "model "+s.name, "it "+s.card.does()+" and "+not,
		"ask POST /v1/models/"+s.name+"/"+s.card.Kind.place())
}

// forecaster is get of a model that forecasts series.
func (m *models) forecaster(name string) (*served, error) {
	s, err := m.get(name)
	if err == nil && s.forecaster == nil {
		return nil, s.other("makes no forecasts")
	}
	return s, err
}

// theForecaster is forecaster, "" being the only one that there is.
func (m *models) theForecaster(name string) (*served, error) {
	if name != "" {
		return m.forecaster(name)
	}
	var found *served
	var names []string
	for _, n := range m.names() {
		if s, err := m.get(n); err == nil && s.forecaster != nil {
			found, names = s, append(names, n)
		}
	}
	if len(names) == 1 {
		return found, nil
	}
	if len(names) == 0 {
		return nil, newProblem(http.StatusNotFound, "model", "no model here forecasts series", "serve one that ito "+
			"forecast train wrote")
	}
	return nil, newProblem(http.StatusBadRequest, "model", "there are several, and none is named", "choose one of "+
		some(names))
}

// noModel is an error of a setting that names a model that there is not.
func noModel(where, name string, names []string) error {
	return &ito.InputError{Where: where, What: fmt.Sprintf("there is no model %q", clip(name)),
		Do: suggest.Among(name, names)}
}
