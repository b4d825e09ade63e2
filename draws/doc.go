// Package draws keeps the draws of samplers on disk and says whether to trust them.
//
// A running sampler appends its rows to a [Journal], a file of float64 that is cut back to what a
// checkpoint says when the run is resumed. [Write] turns a finished journal into the format that the
// name of the output asks for: the CSV layout of CmdStan, which cmdstanpy and arviz read, Parquet, npy
// or JSON. The memory used does not grow with the number of draws, every file takes its name when it is
// complete, and equal draws give equal bytes: no time stands in them. [Open] takes all of these but JSON,
// and the files of CmdStan itself, as a [Table] of any length; [Read] puts them into memory. [Table.Summarise]
// computes the table of parameters with its warnings, in memory that does not grow either.
//
// Columns have CmdStan's names: mu, theta.1, L.2.1 (indices from 1, the first index runs fastest), and
// names that end in two underscores are statistics of the sampler: lp__, accept_stat__, stepsize__,
// treedepth__, n_leapfrog__, divergent__, energy__; logw__ is the log weight of a particle and
// ancestor__ the number of the particle that it descends from.
package draws
