package simd

// fma32 is x·y + z rounded once: here Go compiles it to one instruction, as TestFMA32 checks.
func fma32(x, y, z float32) float32 { return x*y + z }
