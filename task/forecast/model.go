package forecast

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/store"
)

// Forecaster is a model that can be asked, and what its file says. It is safe for concurrent use.
type Forecaster struct {
	Header forecast.Header
	Fitted forecast.Fitted
	file   bool // the header is of a file
}

// LoadForecaster reads a file that ito forecast train wrote.
func LoadForecaster(file string) (*Forecaster, error) {
	h, f, err := forecast.Load(file)
	if err != nil {
		return nil, err
	}
	return &Forecaster{h, f, true}, nil
}

// ReadForecaster is LoadForecaster of a file that is open and verified; it keeps none of its bytes.
func ReadForecaster(name string, f *store.File) (*Forecaster, error) {
	h, fitted, err := forecast.Restore(name, f)
	if err != nil {
		return nil, err
	}
	return &Forecaster{h, fitted, true}, nil
}

// Panel are the series that the model draws together, all of them or none; nil: each is drawn by itself.
func (m *Forecaster) Panel() []string { return forecast.PanelOf(m.Fitted) }

// fits reports data that a file's model was not made for.
func (m *Forecaster) fits(d *forecast.Set) error {
	if !m.file {
		return nil
	}
	return m.Header.Fits(d)
}

// reaches reports a horizon that a file's model does not have.
func (m *Forecaster) reaches(name string, horizon int) error {
	h := m.Header
	if !m.file || horizon <= h.Horizon || forecast.IsBaseline(h.Model.Kind) {
		return nil
	}
	return &ito.InputError{Where: "`horizon`", What: fmt.Sprintf("%s was trained for %d steps", name, h.Horizon),
		Do: "ask for no more, or train for more"}
}

// load takes a file, or fits a baseline, which learns nothing.
func (c *PredictConfig) load(ctx context.Context) (*Forecaster, error) {
	if isFile(c.Model) {
		m, err := LoadForecaster(c.Model)
		if err != nil {
			return nil, err
		}
		return m, m.reaches(c.Model, c.Horizon)
	}
	kind, _, _ := strings.Cut(c.Model, ":")
	if !slices.Contains(forecast.Kinds(), kind) {
		return nil, unknown(c.Model)
	}
	m, err := forecast.Parse(c.Model)
	if err != nil {
		return nil, err
	}
	if !forecast.IsBaseline(kind) {
		return nil, &ito.InputError{Where: c.Model, What: "it must be trained first",
			Do: "train it with `model=" + c.Model + "` and give the file"}
	}
	if c.Horizon == 0 {
		return nil, &ito.InputError{Where: "`horizon`", What: "a baseline does not know how many steps to forecast",
			Do: "give a number"}
	}
	f, err := m.Fit(ctx, nil, forecast.FitOptions{Horizon: c.Horizon})
	return &Forecaster{forecast.Header{Horizon: c.Horizon}, f, false}, err
}
