package wrap

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// parts is the number of predictions that stand side by side.
func parts(kind ito.Prediction) int {
	if kind == path.PredBoth {
		return 2
	}
	return 1
}

// mixing is the weight of every target in a prediction.
type mixing [4]float64

// mixAll writes the weights of the targets in every part of a prediction, at the coefficients i.
func (c *Pairs) mixAll(w *[2]mixing, kind ito.Prediction, i ito.Interpolation) error {
	if kind != path.PredBoth {
		return c.mix(&w[0], kind, i)
	}
	if err := c.mix(&w[0], ito.PredVelocity, i); err != nil {
		return err
	}
	return c.mix(&w[1], ito.PredScore, i)
}

// mix writes the weights of the targets in a prediction.
func (c *Pairs) mix(w *mixing, kind ito.Prediction, i ito.Interpolation) error {
	clear(w[:])
	at := func(t path.InterpolantTarget) int { return slices.Index(c.heads, t) }
	b, v, η, s := at(path.TargetB), at(path.TargetV), at(path.TargetEta), at(path.TargetS)
	switch kind {
	case ito.PredVelocity:
		switch {
		case b >= 0:
			w[b] = 1
			return nil
		case v >= 0 && i.Gamma == 0 && i.HalfDGamma2 == 0:
			w[v] = 1
			return nil
		case v >= 0 && s >= 0:
			w[v], w[s] = 1, -i.HalfDGamma2
			return nil
		case v >= 0 && η >= 0:
			w[v], w[η] = 1, i.HalfDGamma2/i.Gamma
			return nil
		}
	case path.PredReduced:
		if v >= 0 {
			w[v] = 1
			return nil
		}
	case ito.PredScore:
		switch {
		case s >= 0:
			w[s] = 1
			return nil
		case η >= 0:
			w[η] = -1 / i.Gamma
			return nil
		}
	case ito.PredEps:
		switch {
		case η >= 0:
			w[η] = 1
			return nil
		case s >= 0:
			w[s] = -i.Gamma
			return nil
		}
	}
	return &ito.UnsupportedError{What: fmt.Sprintf("predicting %s by a network that learned %v", kind, c.heads),
		Why: "it does not follow from that", Nearest: "a network that learned b and η"}
}
