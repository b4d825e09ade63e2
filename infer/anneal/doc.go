// Package anneal holds particles that go from a normal distribution to a density for package infer: [SMC] and [AIS]
// with weights, and [Annealed] along the [Dilation], [Geometric] or [Convolutional] path without.
package anneal
