// Package recipe wires the parts of ito into training and sampling: [Fit] fits a model to a table, [Sample] draws from
// it, [Tune] fits a sampling schedule to it, and [VSDM] is the facade of ten lines. Published experiments are in
// recipe/systems, comparisons of samplers in recipe/bench.
package recipe
