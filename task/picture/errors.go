package picture

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/recipe/systems"
	"github.com/seed9a7962a8/ito/task/bench"
	"github.com/seed9a7962a8/ito/task/compare"
)

// errorsOf are errors against network calls: of a demonstration, of a table of solvers, of a comparison.
type errorsOf struct {
	name   string
	panels []errorPanel
}

type errorPanel struct {
	title   string
	measure string
	floor   [2]float64 // its ends; zero: none
	curves  []plot.Curve
}

// mostCurves is how many curves a panel tells apart: every colour with a full line and with a dashed one.
var mostCurves = 2 * len(plot.Palette)

func (errorsOf) what() string { return "errors" }

// draw draws a panel each; the axis of errors is shared where all are measured alike.
func (errorsOf) draw(all []drawable) (plot.Figure, error) {
	f := plot.Figure{ShareX: true, ShareY: true, Cols: 2}
	measure := ""
	for _, d := range all {
		e := d.(errorsOf)
		for _, panel := range e.panels {
			p, err := plot.ErrorVsNFE(panel.measure, panel.floor, panel.curves...)
			if err != nil {
				return f, fmt.Errorf("%s: %w", e.name, err)
			}
			p.Title = panel.title
			f.Panels = append(f.Panels, p)
			f.ShareY = f.ShareY && (measure == "" || measure == panel.measure)
			measure = panel.measure
		}
	}
	if len(f.Panels) == 0 {
		return f, &ito.InputError{Where: all[0].(errorsOf).name, What: "no solver of it has an error that is a number",
			Do: "allow more network calls"}
	}
	return f, nil
}

// errorsOfDemo are W2 against network calls, Euler and Heun in a panel each.
func errorsOfDemo(name string, r systems.DemoReport) errorsOf {
	e := errorsOf{name: name}
	for _, solver := range []struct{ letter, name string }{{"E", "Euler"}, {"H", "Heun"}} {
		p := errorPanel{title: solver.name, measure: "W2", floor: [2]float64{max(r.Floor-r.FloorSD, 0),
			r.Floor + r.FloorSD}}
		for _, row := range r.Rows {
			c := plot.Curve{Name: row.Name, Dash: row.Control}
			for k, column := range r.Columns {
				calls, err := strconv.ParseFloat(strings.TrimPrefix(column, solver.letter), 64)
				if err != nil || k >= len(row.W2) {
					continue // another solver's
				}
				c.X, c.Y = append(c.X, calls), append(c.Y, row.W2[k])
			}
			p.curves = append(p.curves, c)
		}
		e.panels = append(e.panels, p)
	}
	return e
}

// errorsOfBench are the lines of a table of solvers, each grid in panels of its own.
func errorsOfBench(name string, r bench.SolversReport) errorsOf {
	e := errorsOf{name: name}
	var grids []string
	for _, l := range r.Lines {
		if !slices.Contains(grids, l.Grid) {
			grids = append(grids, l.Grid)
		}
	}
	for _, grid := range grids {
		p := errorPanel{title: fmt.Sprintf("%s on %s, %s", r.Field, r.Path, grid), measure: "RMSE"}
		for _, l := range r.Lines {
			c := plot.Curve{Name: l.Name}
			for k, cell := range l.Cells {
				if l.Grid == grid && cell.RMSE != nil {
					c.X, c.Y = append(c.X, float64(r.NFE[k])), append(c.Y, *cell.RMSE)
				}
			}
			p.curves = append(p.curves, c)
		}
		e.add(p)
	}
	return e
}

// errorsOfComparison are the W2 of every solver on its best grid, over the floor.
func errorsOfComparison(name string, r compare.Report) errorsOf {
	e := errorsOf{name: name}
	p := errorPanel{title: r.Model, measure: "W2", floor: [2]float64{max(r.Floor-r.FloorSD, 0), r.Floor + r.FloorSD}}
	for _, s := range r.Solvers {
		c := plot.Curve{Name: s.Solver}
		for k, cell := range s.Cells {
			if cell.Grid != "" {
				c.X, c.Y = append(c.X, float64(r.NFE[k])), append(c.Y, cell.W2)
			}
		}
		p.curves = append(p.curves, c)
	}
	e.add(p)
	return e
}

// add adds the curves of p that have a point, in as many panels as tell them apart.
func (e *errorsOf) add(p errorPanel) {
	curves := slices.DeleteFunc(p.curves, func(c plot.Curve) bool { return len(c.X) == 0 })
	for part := range slices.Chunk(curves, mostCurves) {
		for i := range part {
			part[i].Dash = i >= len(plot.Palette)
		}
		p.curves = part
		e.panels = append(e.panels, p)
	}
}

// wholeComparison reports that every solver has a cell for every number of calls.
func wholeComparison(r *compare.Report) bool {
	return !slices.ContainsFunc(r.Solvers, func(s compare.Attempt) bool { return len(s.Cells) != len(r.NFE) })
}
