package info

import (
	"github.com/seed9a7962a8/ito/forecast"
)

// Forecaster is what a file of ito forecast train holds.
type Forecaster struct {
	File       string `json:"file"`
	Parameters int    `json:"parameters"` // numbers of the state
	Weights    string `json:"digest_of_weights"`
	forecast.Header
}

// describeForecaster gathers what is known of a forecaster. Its kind need not be one of this program.
func describeForecaster(file string, h forecast.Header, s forecast.State) (*Forecaster, error) {
	f := &Forecaster{File: file, Header: h}
	for _, t := range s.Tensors {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		f.Parameters += n
	}
	var err error
	f.Weights, err = WeightsDigest(file)
	return f, err
}
