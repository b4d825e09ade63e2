// Package ito is the vocabulary of a library for diffusion: learn a distribution from samples,
// sample it fast, and do so with the same bytes every time.
//
// The package holds types and small interfaces and no algorithms. A [Path] says how data becomes
// noise, a [Field] what is known at time t, a [Solver] carries [States] backward along a [Grid], and a
// [Model] is what a file holds. The algorithms live one to a file in the packages beside it: path,
// field, solve, learn, metric, recipe.
//
// Time is the path's own clock, from its sampled end lo (data) to its drawn end hi (noise).
// States are float64, row-major [N,D]; networks compute in float32.
package ito
