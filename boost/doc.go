// Package boost learns one column of a table from the others by gradient-boosted trees: squared error for numbers,
// logistic and softmax losses for labels. It is what a report on synthetic tables asks (learn on samples, score on
// data; tell samples from data), so it is small, has no random numbers, and gives the same bytes on any number of
// workers.
//
// Trees grow leaf by leaf on histograms of binned columns (Friedman 2001; Chen and Guestrin 2016, arXiv:1603.02754;
// Ke et al. 2017, LightGBM), with numbers, categories and missing values as they are:
//
//	bins.go       columns to at most 255 bins
//	histogram.go  sums of gradients a bin, and the best split of a leaf
//	tree.go       one tree
//	loss.go       gradients of the losses
//	boost.go      the sum of trees
package boost
