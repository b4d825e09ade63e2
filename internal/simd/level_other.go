//go:build !amd64

package simd

func detect() lvl { return portable }
