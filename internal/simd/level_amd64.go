package simd

import "golang.org/x/sys/cpu"

// detect returns the best level of this processor. The operating system's support for the wide registers is
// part of what package cpu reports.
func detect() lvl {
	switch {
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA:
		return portable
	case !cpu.X86.HasBMI2 || !cpu.X86.HasAVX512F || !cpu.X86.HasAVX512BW || !cpu.X86.HasAVX512DQ ||
		!cpu.X86.HasAVX512VL:
		return avx2
	}
	return avx512
}
