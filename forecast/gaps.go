package forecast

import "context"

// Gaps are the steps of a series that were not observed, drawn given everything that was, before and after them. The
// numbers of the Forecast are those of the steps At, in order; Start is that of the series.
type Gaps struct {
	Forecast
	At []int // increasing
}

// Imputer is a Fitted that fills what was not observed of series. Series that are learnt jointly are filled jointly. A
// series without gaps has no steps.
type Imputer interface {
	Fitted
	Impute(ctx context.Context, series []*Series, r Request) ([]Gaps, error)
}

// Refiner is a Fitted that improves the forecasts of another method for its windows: sample paths, or where there are
// none its quantiles.
type Refiner interface {
	Fitted
	Refine(ctx context.Context, ws []Window, base []Forecast, r Request) ([]Forecast, error)
}

// Synthesiser is a Fitted that invents series of its own, n of as many steps as its windows have, on the scale of 1
// that windows are learnt on: [n][L].
type Synthesiser interface {
	Fitted
	Synthesise(ctx context.Context, n int, r Request) ([][]float64, error)
}
