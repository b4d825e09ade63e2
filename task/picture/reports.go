package picture

import (
	"encoding/json"
	"os"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/recipe/systems"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task/bench"
	"github.com/seed9a7962a8/ito/task/compare"
)

func readSpectrum(name, label string) (drawable, error) {
	m, err := store.LoadModel(name)
	if err != nil {
		return nil, err
	}
	v, ok := m.Path.(path.Variational)
	if !ok {
		return nil, &ito.InputError{Where: name, What: "the path " + m.Path.Name() + " has no matrix A to draw",
			Do: "draw samples of the model, or a model on the path vsdm"}
	}
	return spectrumOf{label, [][]float64{v.Spectrum()}}, nil
}

// readReport reads what is drawn of a report: of a training the losses, and the spectrum of A after each
// stage; of a demonstration, of a table of solvers and of a comparison the errors.
func readReport(name, label string) (drawable, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	refuse := func(what string) error {
		return &ito.InputError{Where: name, What: what, Do: "give the output of ito train, ito compare or ito bench " +
			"solvers with `json`, or the report.json of ito demo"}
	}
	var has struct{ Losses, Columns, NFE, Lines, Solvers []json.RawMessage }
	if err := json.Unmarshal(b, &has); err != nil {
		return nil, refuse("it is not a report: " + err.Error())
	}
	switch {
	case len(has.Losses) > 0:
		var r recipe.TrainReport
		if err := json.Unmarshal(b, &r); err != nil {
			return nil, refuse("it is not the report of a training: " + err.Error())
		}
		return lossesOf(label, r), nil
	case len(has.Columns) > 0:
		var r systems.DemoReport
		if err := json.Unmarshal(b, &r); err != nil || len(r.Rows) == 0 {
			return nil, refuse("it is not the report of a demonstration")
		}
		return errorsOfDemo(name, r), nil
	case len(has.NFE) > 0 && len(has.Lines) > 0:
		var r bench.SolversReport
		if err := json.Unmarshal(b, &r); err != nil || !r.IsComplete() {
			return nil, refuse("it is not the table of ito bench solvers")
		}
		return errorsOfBench(name, r), nil
	case len(has.NFE) > 0 && len(has.Solvers) > 0:
		var r compare.Report
		if err := json.Unmarshal(b, &r); err != nil || !wholeComparison(&r) {
			return nil, refuse("it is not the report of ito compare")
		}
		return errorsOfComparison(name, r), nil
	}
	return nil, refuse("it is no report with losses or errors")
}

func lossesOf(label string, r recipe.TrainReport) lossOf {
	l := lossOf{Curve: plot.Curve{Name: label}}
	for _, p := range r.Losses {
		l.X = append(l.X, float64(p.Step))
		l.Y = append(l.Y, p.Loss)
	}
	l.held.Name = label + ", held-out rows"
	for _, p := range r.HeldOut {
		l.held.X = append(l.held.X, float64(p.Step))
		l.held.Y = append(l.held.Y, p.Loss)
	}
	for _, s := range r.Stages {
		l.stages = append(l.stages, s.Modes)
	}
	return l
}
