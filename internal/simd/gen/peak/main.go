// Command peak writes register-only loops of multiply-adds: the arithmetic limit of one core, against which the
// benchmarks hold the products.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chains is the number of independent accumulators, enough to cover the latency of a multiply-add.
const chains = 12

func main() {
	peak("peakZ", func() VecVirtual { return ZMM() })
	peak("peakY", func() VecVirtual { return YMM() })
	Generate()
}

func peak(name string, vec func() VecVirtual) {
	TEXT(name, NOSPLIT, "func(n int)")
	Doc(name + " does 12·n vector multiply-adds of float32.")
	n := Load(Param("n"), GP64())
	x := vec()
	zero(x)
	acc := make([]VecVirtual, chains)
	for i := range acc {
		acc[i] = vec()
		VMOVUPS(x, acc[i])
	}
	Label("loop")
	for _, a := range acc {
		VFMADD231PS(x, x, a)
	}
	DECQ(n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func zero(v VecVirtual) {
	x := v.AsX()
	VXORPS(x, x, x)
}
