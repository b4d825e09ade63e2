package store

import (
	"errors"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// bind puts the network of a file on its path.
func bind(p ito.Path, net *nn.Weights, kind ito.Prediction, h modelHeader, f *File) (ito.Field, error) {
	out, err := bindTo(p, net, kind, h, f)
	var format *FormatError
	if err != nil && !errors.As(err, &format) {
		return nil, notModel("%v", err)
	}
	return out, err
}

func bindTo(p ito.Path, net *nn.Weights, kind ito.Prediction, h modelHeader, f *File) (ito.Field, error) {
	refuse := func() (ito.Field, error) {
		return nil, notModel("such a network cannot be bound to path %s", h.Path.Kind)
	}
	// A network is one of these: of interpolants (targets), plain as another program made it (time_scale), of tokens, a
	// potential, or the preconditioned one of a path with or without velocities.
	plain := h.TimeScale != 0
	if h.Wrapping != nil {
		if plain || h.Potential || len(h.Targets) > 0 {
			return refuse()
		}
		return bindMade(p, net, kind, h, f)
	}
	if j, ok := p.(ito.Jump); ok || kind == ito.PredLogits {
		if !ok || plain || h.Potential || len(h.Targets) > 0 || kind != ito.PredLogits {
			return refuse()
		}
		w, err := wrap.NewTokens(j, net.Ports.Reads())
		if err != nil {
			return nil, err
		}
		return field.NewNet(w, net, kind)
	}
	if len(h.Targets) > 0 {
		two, ok := p.(ito.TwoEnded)
		if !ok || plain || h.Potential {
			return refuse()
		}
		return bindInterpolant(two, net, kind, h, f)
	}
	if m, ok := p.(path.Hybrid); ok && !plain && !h.Potential {
		return scaled(m, net, kind, f, net.Ports.Writes())
	}
	diagonal, ok := p.(ito.Diagonal)
	switch {
	case !ok || plain && h.Potential:
		return refuse()
	case plain && h.Label:
		return field.NewLabelled(diagonal, net, kind)
	case plain:
		return field.NewPlain(diagonal, net, kind, h.TimeScale)
	case h.Potential:
		data, err := readGaussian(f, "data", net.Ports.Reads())
		if err != nil {
			return nil, err
		}
		return field.NewPotential(diagonal, net, data, kind)
	}
	return scaled(diagonal, net, kind, f, net.Ports.Writes())
}

// scaled binds a network that is scaled by the moments of its data, of dimension d.
func scaled(p ito.Path, net *nn.Weights, kind ito.Prediction, f *File, d int) (ito.Field, error) {
	data, err := readGaussian(f, "data", d)
	if err != nil {
		return nil, err
	}
	return field.NewScaled(p, net, data, kind)
}

// bindInterpolant binds a network that learned targets of an interpolant; its data are the moments of both ends.
func bindInterpolant(p ito.TwoEnded, net *nn.Weights, kind ito.Prediction, h modelHeader, f *File) (ito.Field, error) {
	pairs, err := readGaussian(f, "data", 2*net.Ports.Reads())
	if err != nil {
		return nil, err
	}
	var targets []path.InterpolantTarget
	for _, name := range h.Targets {
		t, ok := path.TargetByName(name)
		if !ok {
			return nil, notModel("it learned %q", name)
		}
		targets = append(targets, t)
	}
	return field.NewBetween(p, net, pairs, targets, kind)
}

// bindMade binds a network in the wrapping of a file, with the moments of its data, where it has some.
func bindMade(p ito.Path, net *nn.Weights, kind ito.Prediction, h modelHeader, f *File) (ito.Field, error) {
	maker, err := wrap.FromNamed(*h.Wrapping)
	if err != nil {
		return nil, err
	}
	on := wrap.Setting{Dim: net.Ports.Reads()}
	if t, e := f.Tensor("data.mean"); e == nil && len(t.Shape) == 1 && t.Shape[0] <= 2*net.Ports.Reads() {
		if on.Moments, err = readGaussian(f, "data", t.Shape[0]); err != nil {
			return nil, err
		}
	}
	w, err := maker.Wrap(p, on)
	if err != nil {
		return nil, err
	}
	return field.NewNet(w, net, kind)
}
