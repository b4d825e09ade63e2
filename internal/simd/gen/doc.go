// Package gen holds the generators of the assembly of internal/simd, in a module of its own so that
// nobody who builds ito needs avo.
//
// Every subdirectory is one program that writes one assembly file and its Go stubs:
//
//	gen/gemm  →  ../z_gemm_amd64.s, ../z_gemm_stub_amd64.go
//
// A program gen/<name>/golang, where there is one, writes further Go files into the directory it is given. Their names
// begin with z_ too.
//
// generate.sh runs all of them (or those it is given by name), into temporary files that are moved into
// place afterwards: avo looks at the target package while it runs, and a half-written stub would break it.
// generate.sh -check compares instead of moving and fails when a committed file is not what its generator
// writes; the test of this package does that. The output is deterministic: go generate on a clean tree changes
// nothing.
package gen
