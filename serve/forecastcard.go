package serve

import (
	"io/fs"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
	taskforecast "github.com/seed9a7962a8/ito/task/forecast"
)

// CardForecasts is what a forecaster was made for.
type CardForecasts struct {
	Method  string    `json:"method" doc:"Its word"`
	Horizon int       `json:"horizon" doc:"Steps that it forecasts"`
	Freq    string    `json:"freq" doc:"The step of its series"`
	Known   []string  `json:"known,omitempty" doc:"Covariates that are known ahead"`
	Past    []string  `json:"past,omitempty" doc:"Covariates that are known up to the present"`
	Panel   []string  `json:"panel,omitempty" doc:"Series that it draws together, all of them"`
	Series  int       `json:"series" doc:"Series that it learnt"`
	Until   time.Time `json:"until" doc:"Last time of its data"`
}

// forecasterCard is what is told of a forecaster.
func forecasterCard(name, digest string, m *taskforecast.Forecaster, info fs.FileInfo) *Card {
	h := m.Header
	method, err := forecast.WordOf(h.Model)
	if err != nil {
		method = h.Model.Kind
	}
	return &Card{Name: name, Kind: forecaster, Digest: digest, Bytes: info.Size(),
		Modified: info.ModTime().UTC().Truncate(time.Second), Columns: []CardColumn{},
		Forecasts:  &CardForecasts{method, h.Horizon, h.Freq.String(), h.Known, h.Past, m.Panel(), h.Series, h.Until},
		Provenance: CardProvenance{Version: h.Program, Digest: h.Digest, Seed: h.Seed}}
}
