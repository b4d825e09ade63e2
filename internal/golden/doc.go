// Package golden holds the digests of what the program computes: weights and rows of every path, objective, solver,
// hook, sampler of densities and search. One file is for the vector levels, which agree bit for bit, and one for
// the cases in which portable code differs. They are digests of numbers, not of files, so that they stay when code
// moves and formats change.
//
// A change that is meant is recorded in docs/changed-bytes.md, and the digests are written anew, first those of
// vector code:
//
//	for level in avx2 portable; do ITO_SIMD=$level go test -count=1 ./internal/golden -update; done
package golden
