package store

import (
	"errors"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// bind puts the network of a file on its path.
func bind(p ito.Path, net *nn.Net, kind ito.Prediction, h modelHeader, f *File) (ito.Field, error) {
	diagonal, ok := p.(ito.Diagonal)
	momentum, moves := p.(*path.Momentum)
	two, crosses := p.(ito.TwoEnded)
	crosses = crosses && len(h.Targets) > 0
	of := func(d int, make func(data ito.Gaussian) (ito.Field, error)) (ito.Field, error) {
		data, err := readGaussian(f, "data", d)
		if err != nil {
			return nil, err
		}
		return make(data)
	}
	var out ito.Field
	var err error
	switch {
	case crosses && h.TimeScale == 0 && !h.Potential:
		out, err = of(2*net.Config.In, func(data ito.Gaussian) (ito.Field, error) {
			var targets []path.InterpolantTarget
			for _, name := range h.Targets {
				t, ok := targetOf(name)
				if !ok {
					return nil, notModel("it learned %q", name)
				}
				targets = append(targets, t)
			}
			return field.NewInterpolantNet(two, net, data, targets, kind)
		})
	case len(h.Targets) > 0 || h.TimeScale != 0 && h.Potential || !ok && (!moves || h.TimeScale != 0 || h.Potential):
		return nil, notModel("such a network cannot be bound to path %s", h.Path.Kind)
	case h.TimeScale != 0:
		out, err = field.NewPlainNet(diagonal, net, field.Plain{Predicts: kind, TimeScale: h.TimeScale})
	case h.Potential:
		out, err = of(net.Config.In, func(data ito.Gaussian) (ito.Field, error) { return field.NewPotential(diagonal, net, data, kind) })
	case moves:
		out, err = of(net.Config.Out, func(data ito.Gaussian) (ito.Field, error) { return field.NewMomentumNet(momentum, net, data, kind) })
	default:
		out, err = of(net.Config.Out, func(data ito.Gaussian) (ito.Field, error) { return field.NewNet(diagonal, net, data, kind) })
	}
	var format *FormatError
	if err != nil && !errors.As(err, &format) {
		return nil, notModel("%v", err)
	}
	return out, err
}

func targetOf(name string) (path.InterpolantTarget, bool) {
	for t := path.TargetB; t <= path.TargetS; t++ {
		if t.String() == name {
			return t, true
		}
	}
	return 0, false
}
