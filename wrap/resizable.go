package wrap

import "github.com/seed9a7962a8/ito"

// Resizable is a Wrapping that serves states of other sizes too, as graphs of fewer nodes are.
type Resizable interface {
	Wrapping
	// Resized is the wrapping on the same path for data of these moments, whose length is the new dimension.
	Resized(data ito.Gaussian) (Wrapping, error)
}

// Resized implements Resizable.
func (c *Moments) Resized(data ito.Gaussian) (Wrapping, error) {
	return typed(NewMoments(c.path, data))
}
