package target

import "github.com/seed9a7962a8/ito"

// Constrained is a density of unconstrained parameters that also knows that of the parameters themselves.
type Constrained interface {
	ito.Target
	// WithoutJacobian is the log density of the parameters themselves at the place to which unconstrained coordinates
	// belong: without the logarithm of the Jacobian. Its greatest place is the mode in the parameters' own units.
	WithoutJacobian() (ito.Target, error)
}
