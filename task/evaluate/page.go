package evaluate

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/tabular"
)

//go:embed page.html
var pageText string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageText))
})

// mostCards is the number of columns with a picture: those that are off first.
const mostCards = 60

type card struct {
	Name, About, Reason string
	Grade               tabular.Grade
	Picture             template.HTML
}

type page struct {
	Samples, Data, Holdout            string
	Rows, RealRows, HoldoutRows, More int
	Seed                              uint64
	Grade                             tabular.Grade
	GradeWord, Verdict, Caution       string
	Leaks                             bool
	Figures, Privacy, Kept            [][]string
	Columns                           []card
	LeftOut                           []LeftOut
	Map, DCR                          template.HTML
	MapWidth, MapMost                 int
}

// GradeWord is a grade as a sentence.
func GradeWord(g tabular.Grade) string {
	switch g {
	case tabular.Alike:
		return "Alike."
	case tabular.Close:
		return "Close."
	}
	return "Different."
}

// write makes the page and the JSON of a report in a directory.
func (t *TableReport) write(dir string, p *pair) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	pg := page{Samples: t.SamplesName, Data: t.DataName, Holdout: t.HoldoutName, Rows: t.Rows, RealRows: t.RealRows,
		HoldoutRows: t.HoldoutRows, Seed: t.Seed, Grade: t.Verdict.Grade, GradeWord: GradeWord(t.Verdict.Grade),
		Verdict: t.Verdict.Text, Leaks: t.Verdict.Leaks, Caution: t.Caution, Figures: t.FigureRows(),
		Privacy: t.PrivacyRows(), Kept: t.KeptRows(), LeftOut: t.LeftOut}
	for _, g := range []tabular.Grade{tabular.Differs, tabular.Close, tabular.Alike} {
		for j, c := range t.Columns {
			if c.Grade != g || len(pg.Columns) == mostCards {
				continue
			}
			about := fmt.Sprintf("%s; 1 − %s %.3f, floor %.3f", t.Kinds[c.Name], c.Measure, c.Score, c.Floor)
			pg.Columns = append(pg.Columns, card{c.Name, about, c.Reason, c.Grade,
				marginal(p.samples.Columns[j], p.data.Columns[j])})
		}
	}
	pg.More = len(t.Columns) - len(pg.Columns)
	if n := min(len(t.Columns), heatColumns); n > 1 {
		pg.Map = heat(t.Report)
		pg.MapWidth, pg.MapMost = min(180+14*n, 180+22*n), 180+22*n
	}
	pg.DCR = histogram(t.Privacy.Distances, t.Privacy.RealDistances, func(v float64) string {
		return fmt.Sprintf("%.3g", v)
	}, "distances to the closest record")
	if err := store.WriteFile(filepath.Join(dir, "report.html"), func(w io.Writer) error {
		return pageTemplate().Execute(w, pg)
	}); err != nil {
		return err
	}
	short := *t
	r := *t.Report
	r.Pairs = foremost(r.Pairs, mostPairs)
	short.Report = &r
	return store.WriteFile(filepath.Join(dir, "report.json"), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(short)
	})
}
