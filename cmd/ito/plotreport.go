package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
)

func readSpectrum(name, label string) (drawable, error) {
	m, err := store.LoadModel(name)
	if err != nil {
		return nil, err
	}
	v, ok := m.Path.(*path.VSDM)
	if !ok {
		return nil, &ito.InputError{Where: name, What: "the path " + m.Path.Name() + " has no matrix A to draw", Do: "draw samples of the model, or a model on the path vsdm"}
	}
	return spectrumOf{label, [][]float64{spectrum(v)}}, nil
}

// readReport reads what is drawn of a report: of a training the losses, and the spectrum of A after each
// stage; of a demonstration the errors.
func readReport(name, label string) (drawable, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	refuse := func(what string) error {
		return &ito.InputError{Where: name, What: what, Do: "give the output of ito train --json, or the report.json of ito demo"}
	}
	var has struct{ Losses, Columns []json.RawMessage }
	if err := json.Unmarshal(b, &has); err != nil {
		return nil, refuse("it is not a report: " + err.Error())
	}
	switch {
	case len(has.Losses) > 0:
		var r recipe.Report
		if err := json.Unmarshal(b, &r); err != nil {
			return nil, refuse("it is not the report of a training: " + err.Error())
		}
		return lossesOf(label, r), nil
	case len(has.Columns) > 0:
		var r recipe.DemoReport
		if err := json.Unmarshal(b, &r); err != nil || len(r.Rows) == 0 {
			return nil, refuse("it is not the report of a demonstration")
		}
		return errorsOf{label, r}, nil
	}
	return nil, refuse("it is no report with losses or errors")
}

func lossesOf(label string, r recipe.Report) lossOf {
	l := lossOf{Curve: plot.Curve{Name: label}}
	for _, p := range r.Losses {
		l.X = append(l.X, float64(p.Step))
		l.Y = append(l.Y, p.Loss)
	}
	for _, s := range r.Stages {
		l.stages = append(l.stages, s.Modes)
	}
	return l
}

// errorsOf are the errors of a demonstration.
type errorsOf struct {
	name   string
	report recipe.DemoReport
}

func (errorsOf) what() string { return "errors" }

// draw draws W2 against network calls, Euler and Heun in a panel each.
func (errorsOf) draw(all []drawable) (plot.Figure, error) {
	f := plot.Figure{ShareX: true, ShareY: true, Cols: 2}
	for _, d := range all {
		e := d.(errorsOf)
		r := e.report
		for _, solver := range []struct{ letter, name string }{{"E", "Euler"}, {"H", "Heun"}} {
			var curves []plot.Curve
			for _, row := range r.Rows {
				c := plot.Curve{Name: row.Name, Dots: true, Dash: row.Control}
				for k, column := range r.Columns {
					calls, err := strconv.ParseFloat(strings.TrimPrefix(column, solver.letter), 64)
					if err != nil || k >= len(row.W2) {
						continue // another solver's
					}
					c.X, c.Y = append(c.X, calls), append(c.Y, row.W2[k])
				}
				curves = append(curves, c)
			}
			p, err := plot.ErrorVsNFE("W2", [2]float64{max(r.Floor-r.FloorSD, 0), r.Floor + r.FloorSD}, curves...)
			if err != nil {
				return f, fmt.Errorf("%s: %w", e.name, err)
			}
			p.Title = solver.name
			f.Panels = append(f.Panels, p)
		}
	}
	return f, nil
}
