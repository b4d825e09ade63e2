// Package interop reads and writes the files of other programs: scheduler configurations of diffusers.
//
// It knows bytes, not files: reading and writing them is the caller's.
package interop
