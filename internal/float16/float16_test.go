package float16

import (
	"math"
	"testing"
)

// Every half against its definition: ±(1+f/1024)·2^{e−15}, ±f·2⁻²⁴ for e = 0, infinity and NaN for e = 31.
func TestWiden(t *testing.T) {
	for h := range 1 << 16 {
		sign, e, f := 1-2*float64(h>>15), h>>10&31, float64(h&1023)
		want := sign * math.Ldexp(1+f/1024, e-15)
		switch {
		case e == 0:
			want = sign * math.Ldexp(f, -24)
		case e == 31 && f == 0:
			want = math.Inf(int(sign))
		case e == 31:
			want = math.NaN()
		}
		got := float64(Widen(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || want == 0 && math.Signbit(got) != (sign < 0) {
			t.Fatalf("%#04x: %v, want %v", h, got, want)
		}
	}
}
