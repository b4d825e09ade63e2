//go:build !amd64

package simd

const bf16Unit = false

func roundAlong([]uint32, []float32) int { return 0 }

func roundRows([]uint32, int, []float32, int, int, int, int) bool { return false }

func roundVectors([]float32, []float32) int { return 0 }
