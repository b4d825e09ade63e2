package wrap

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// For is the wrapping that training uses by default on a path with one end, for data of these moments: [Momentum]
// where the states have velocities, [Centred] where every row has a mean of its own, else
// [Moments]. Tokens have no moments: see [NewTokens].
func For(p ito.Path, data ito.Gaussian) (Wrapping, error) {
	switch p := p.(type) {
	case path.Hybrid:
		return typed(NewMomentum(p, data))
	case ito.RowMean:
		return typed(NewCentred(p, data))
	case ito.Diagonal:
		return typed(NewMoments(p, data))
	}
	return nil, &ito.UnsupportedError{What: "a network on path " + p.Name(),
		Why: "it is neither diagonal nor a momentum path", Nearest: "vp"}
}

// typed keeps a wrapping that could not be made from leaving as a typed nil.
func typed[W Wrapping](w W, err error) (Wrapping, error) {
	if err != nil {
		return nil, err
	}
	return w, nil
}
