//go:build !amd64

package simd

func (s *strip[T]) nn() { s.portableNN() }

func (s *strip[T]) tn() { s.portableTN() }

func (s *strip[T]) panels() { s.portablePanels() }
