// Package baseline holds the methods that a forecaster must beat, which learn nothing across series: last value, last
// season, their past errors, drift, Theta, exponential smoothing, ARIMA.
package baseline
