package recipe

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// rowsToStart turns the rows at which samples start into states.
func (s *sampler) rowsToStart() error {
	crosses := PairsOf(s.m.Field) != nil
	from := s.cfg.Start
	switch {
	case from.N == 0 && crosses && s.m.Prior == nil:
		return &ito.InputError{Where: "`from`", What: "the model lies between two sets of rows, and samples start at " +
			"rows of one", Do: "give `from` a file of them"}
	case from.N == 0:
		return nil
	case !crosses:
		return &ito.InputError{Where: "`from`", What: "the model samples from noise on path " + s.m.Path.Name(),
			Do: "leave it out"}
	}
	s.from = ito.NewStates(from.N, s.d, 0)
	for i := range from.N {
		if err := s.m.Transform.Forward(s.from.Row(i), from.Row(i)); err != nil {
			return &ito.InputError{Where: "`from`", What: err.Error(), Do: "give the columns that the model learnt"}
		}
	}
	return nil
}

// start is the Gaussian to start from, nil for the path's own.
func (s *sampler) start() (*GaussianPrior, error) {
	g := s.m.Prior
	switch s.cfg.Prior {
	case "own":
		g = nil
	case "kernel", "moments":
		if s.from.N > 0 {
			return nil, &ito.InputError{Where: "`prior`", What: "samples start at the rows of `from`",
				Do: "leave one of the two out"}
		}
		if s.cfg.Prior == "kernel" {
			k, err := path.KernelPrior(s.m.Path, path.DataDim(s.m.Path, s.d))
			if err != nil {
				return nil, err
			}
			return NewGaussianPrior(k, s.d)
		}
		n, ok := s.m.Field.(*field.Net)
		if !ok || PairsOf(n) != nil || len(n.Moments().Mean) == 0 {
			return nil, &ito.UnsupportedError{What: "a start from the moments of the data",
				Why: "the model does not know them", Nearest: "`prior=model`"}
		}
		m, err := path.MomentPrior(s.m.Path, n.Moments())
		if err != nil {
			return nil, err
		}
		g = &m
	}
	if g == nil {
		return nil, nil
	}
	if g == s.m.Prior {
		return modelPrior(g, s.d)
	}
	return NewGaussianPrior(*g, s.d)
}

// begin fills x, whose ids are set, with starting states.
func (s *sampler) begin(x ito.States, c ito.Cond) error {
	return s.beginWith(x, c, ito.Seed(s.cfg.Seed))
}

// beginWith is begin with any noise.
func (s *sampler) beginWith(x ito.States, c ito.Cond, noise ito.Noise) error {
	if s.from.N > 0 {
		for i, id := range x.ID {
			copy(x.Row(i), s.from.Row(int(id%uint64(s.from.N))))
		}
		return nil
	}
	if s.prior == nil || s.cfg.Scheduled != nil {
		err := s.path.Prior(x, c, s.m.Space.Noise(noise, x.ID, ito.Cond{}))
		for k, v := range s.given {
			for i := range x.N {
				x.Row(i)[k] = v
			}
		}
		return err
	}
	s.prior.Draw(x, noise)
	if s.m.Space.Free() {
		return nil
	}
	return s.m.Space.Project(x, ito.Cond{})
}
