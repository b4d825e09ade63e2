package forecast

import "github.com/seed9a7962a8/ito"

// Source makes an [ito.Source] of training windows: a state of States and a condition of Width numbers of each, as
// Encode writes them. x and cond come zeroed. Encode must be a function of the place alone and safe for concurrent use.
type Source struct {
	Windows *Windows
	States  ito.Space
	Width   int
	Encode  func(p Place, x, cond []float64) error
}

// Len implements ito.Source.
func (s *Source) Len() int { return s.Windows.Len() }

// Space implements ito.Source.
func (s *Source) Space() ito.Space { return s.States }

// CondWidth implements ito.Source.
func (s *Source) CondWidth() int { return s.Width }

// Digest implements ito.Source.
func (s *Source) Digest() string { return s.Windows.Set.Digest() }

// Read implements ito.Source.
func (s *Source) Read(dst ito.States, cond []float64, from int) error {
	return s.fill(dst, cond, func(i int) Place { return s.Windows.At(from + i) })
}

// Fill implements ito.Source.
func (s *Source) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	return s.fill(dst, cond, func(i int) Place { return s.Windows.Draw(seed, step, dst.ID[i]) })
}

func (s *Source) fill(dst ito.States, cond []float64, place func(i int) Place) error {
	clear(dst.X)
	clear(cond)
	for i := range dst.N {
		if err := s.Encode(place(i), dst.Row(i), cond[i*s.Width:(i+1)*s.Width]); err != nil {
			return err
		}
	}
	return nil
}
