// Package wrap holds what stands between a network and a path: the scales of what the network reads, and how what it
// writes becomes a prediction. One file a wrapping:
//
//	moments    by the law that a diagonal path gives data of known moments, per column or in full
//	momentum   the same for paths with velocities, whose network writes half of what it reads
//	pairs      the same for interpolants between two ends
//	potential  of a network with one output whose gradient makes the predictions
//	published  the scalar coefficients of published networks: EDM, VP, VE, v, iDDPM
//	plain      none: a network that reads x and t
//	tokens     of a jump path: levels are read and logits written
//
// A [Wrapping] works on rows in data coordinates, in float64; what runs the network is elsewhere (package field).
// At one time all but that of tokens are affine,
//
//	in = N (x − c),   prediction = P (x − c) + R F + o,
//
// with F what the network writes. Products of the matrices with a basis cost O(D²) a row where there is one, everything
// else O(D).
package wrap
