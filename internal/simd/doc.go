// Package simd holds the vector code of ito: matrix products, the optimiser step, reductions, elementwise
// functions and normal variates, on float32 slices and, where a 64 variant exists, on float64 slices.
//
// Every routine has three bodies: AVX-512, AVX2 with FMA, and portable Go. The best that the processor offers
// is chosen when the program starts; the environment variable ITO_SIMD=portable|avx2|avx512 forces one (see
// [Level]). The AVX-512 and AVX2 bodies give the same bits. The portable body rounds each product before the
// sum, so results that vector code fuses differ by rounding only; each routine states which kind it is.
//
// Conventions: dst comes first; matrices are row-major with a leading dimension (the distance between two rows, in
// elements); a size that does not fit its slice is a broken invariant of the caller and panics. Routines are safe
// for concurrent use on distinct destinations, allocate nothing (large products of operands that are not packed
// share pooled pieces of 2.4 MiB, one a caller at a time), keep no goroutines, and never stay inside assembly,
// where the scheduler cannot interrupt them, for more than about 0.1 ms. Denormal numbers may be flushed to zero.
package simd

//go:generate sh gen/generate.sh
