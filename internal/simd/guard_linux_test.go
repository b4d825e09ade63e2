package simd

import (
	"fmt"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// guarded returns n elements that end, or begin when front is set, at a page that may not be touched: a routine that
// reads or writes beyond its slice dies there. Contents are ones.
func guarded[T real](t testing.TB, n int, front bool) []T {
	t.Helper()
	var x T
	size, page := n*int(unsafe.Sizeof(x)), unix.Getpagesize()
	pages := (size + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, pages+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	for _, at := range []int{0, page + pages} {
		if err := unix.Mprotect(mem[at:at+page], unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	if n == 0 {
		return nil
	}
	from := page + pages - size
	if front {
		from = page
	}
	s := unsafe.Slice((*T)(unsafe.Pointer(&mem[from])), n)
	for i := range s {
		s[i] = 1
	}
	return s
}

func testGuards[T real](t *testing.T, ps []product[T]) {
	atLevels(t, func(t *testing.T) {
		for _, front := range []bool{false, true} {
			for _, p := range ps {
				for i := range 70 {
					m, n, k := 1+i%17, 1+i, 1+i*7%19
					t.Run("", func(t *testing.T) {
						q := newProblem(p, m, n, k, 0, true, func() T { return 1 })
						for _, s := range []*[]T{&q.a, &q.b} {
							*s = guarded[T](t, len(*s), front)
						}
						c := guarded[T](t, len(q.c), front)
						p.run(c, q.ldc, q.a, q.lda, q.b, q.ldb, m, n, k, true)
						for j, x := range c {
							if x != T(k+1) {
								t.Fatalf("%s %v: element %d is %v", p.name, q, j, x)
							}
						}
					})
				}
			}
		}
	})
}

func TestProductsStayInside32(t *testing.T) {
	testGuards(t, append(guardedPack32(t), panelsProduct[float32]()))
}

func TestProductsStayInside64(t *testing.T) {
	testGuards(t, append(products64(), panelsProduct[float64]()))
}

// panelsProduct is Aᵀ·B from panels whatever the sizes.
func panelsProduct[T real]() product[T] {
	return product[T]{"gemmPanels", true, false, func(c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int,
		acc bool) {
		gemmPanels(c, ldc, a, lda, b, ldb, m, n, k, acc)
	}}
}

// guardedPack32 is products32 with the packed matrix, too, between guards.
func guardedPack32(t *testing.T) []product[float32] {
	ps := products32()
	for i, trans := range []bool{false, true} {
		ps[i].run = func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, acc bool) {
			packed := guarded[float32](t, PackedLen32(k, n), false)
			Pack32(packed, b, k, n, ldb, trans)
			Gemm32(c, ldc, a, lda, packed, m, n, k, acc)
		}
	}
	return ps
}

func TestFlatRoutinesStayInside(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, front := range []bool{false, true} {
			for n := range 140 {
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					g := func(n int) []float32 { return guarded[float32](t, n, front) }
					Adam32(g(n), g(n), g(n), g(n), adamConst)
					Ema32(g(n), g(n), 0.9)
					if s := NormSq32(g(n)); s != float64(n) {
						t.Errorf("squared norm %v", s)
					}
					SumLanes32(g(n), g(3*n), n, 3)
					SumLanes64(guarded[float64](t, n, front), guarded[float64](t, 2*n, front), n, 2)
					Transpose32(g(n*9), 9, g(n*9), n, 9, n)
					Transpose64(guarded[float64](t, n*5, front), 5, guarded[float64](t, n*5, front), n, 5, n)
				})
			}
		}
	})
}
