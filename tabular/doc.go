// Package tabular measures a synthetic table against the real one: columns with numbers, categories and gaps. Every
// figure is standardised, so that no unit decides, and stands beside the same figure of two halves of the real rows
// and of three controls that know little: columns mixed independently, a Gaussian copula, SMOTE.
//
//	shapes.go      each column: 1 − KS, 1 − TV, gaps, numbers that the real column does not have
//	pairs.go       pair trends as SDMetrics defines them, and a test of what hangs together
//	mixed.go       a distance of rows; nearest rows
//	embed.go       rows as vectors: W2, sliced W2, MMD
//	c2st.go        whether a classifier can tell them: boosted trees, and logistic regression
//	precision.go   α-precision, β-recall, authenticity
//	efficiency.go  a model trained on synthetic rows, scored on real ones
//	privacy.go     copies, distances to the closest record, a membership attack
//	marginals.go, copula.go, smote.go   the controls
//	report.go      all of it
//	verdict.go     what the numbers say
//
// Whatever is drawn is addressed by a seed, and what costs O(n²) takes so many rows and no more.
package tabular
