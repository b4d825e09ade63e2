// Package diffusion holds the forecasters by diffusion: [TSDiff], an unconditional model of windows that is guided to
// what was observed; [CSDI], which fills in what is not given; and [VSDM], a variational Schrödinger path whose field
// reads the history by a recurrent network. Each is a [forecast.Model] of its word.
//
// What they share: a window is Context steps of history and the horizon, scaled by its context alone; a network of
// such windows is trained under a path of the house by an objective of the house, and its model keeps path, network,
// moments and settings. Sample paths of a window are drawn at its own address.
package diffusion
