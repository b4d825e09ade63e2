//go:build !amd64

package simd

func (s *strip[T]) nn() {
	if s.ints {
		s.intsPortable()
		return
	}
	s.portableNN()
}

func (s *strip[T]) tn() { s.portableTN() }

func (s *strip[T]) panels() { s.portablePanels() }
