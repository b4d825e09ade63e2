package methods

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/approx"
	"github.com/seed9a7962a8/ito/target"
)

// climbing lists the methods that climb and those that take a normal for the density.
var climbing = []infer.Method{
	{Name: "map", Summary: "the mode by several ascents: one place, with standard errors, and no draws",
		Source: "Nocedal and Wright, Numerical Optimization, 2006", Kind: infer.Point, Gradient: true,
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			k := approx.Mode{Ascent: ascentOf(s)}
			if c, ok := t.(target.Constrained); ok && !s.Jacobian {
				of, err := c.WithoutJacobian()
				if err != nil {
					return infer.MethodPlan{}, err
				}
				k.Of = of
			}
			return infer.MethodPlan{Kernel: k, Groups: 1, Chains: 1, Draws: 1}, nil
		}},
	{Name: "laplace", Summary: "the normal at the mode with the curvature there, and importance resampling",
		Source: "Tierney and Kadane, JASA 81, 1986", Kind: infer.Particles, Evidence: true, Gradient: true,
		Approximates: true,
		Build: func(_ ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return s.RunPlan(approx.Laplace{Ascent: ascentOf(s), Outcome: outcomeOf(s)}), nil
		}},
	{Name: "pathfinder", Summary: "normals along several ascents, the best of each, and importance resampling",
		Source: "Zhang, Carpenter, Gelman and Vehtari, JMLR 23, 2022, arXiv:2108.03782", Kind: infer.Particles,
		Evidence: true, Gradient: true, Approximates: true,
		Build: func(_ ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return s.RunPlan(approx.Pathfinder{Ascent: ascentOf(s), Outcome: outcomeOf(s), Bound: s.Bound}), nil
		}},
	{Name: "advi", Summary: "a normal fitted by variational inference, and importance resampling",
		Source: "Kucukelbir et al., JMLR 18, 2017; gradient of arXiv:1703.09194", Kind: infer.Particles, Evidence: true,
		Gradient: true, Trained: true, Approximates: true, Build: variational},
}

func ascentOf(s infer.Settings) approx.Ascent {
	a := approx.Ascent{Paths: s.Paths, Most: s.Iterations, Starts: s.Starts}
	if a.Starts == nil && s.Radius > 0 {
		a.Starts = &infer.Starts{Radius: s.Radius}
	}
	return a
}

func outcomeOf(s infer.Settings) approx.Outcome {
	return approx.Outcome{Draws: s.Draws, Plain: s.Resample == "none"}
}

// variational plans advi: a mean-field fit, and from its end one of full rank.
func variational(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
	m := infer.NewMeanField(t, s.Seed)
	m.Iterations = s.Iterations
	k := approx.Fitted{Outcome: outcomeOf(s)}
	if s.Covariance == "diagonal" {
		k.Law = func() *approx.Normal { return approx.NewDiagonal(m.Mean, m.SD) }
		p := s.RunPlan(k)
		p.Train = m
		return p, m.Validate()
	}
	full := infer.NewFullRank(t, s.Seed, m)
	full.Iterations = s.Iterations
	k.Law = func() *approx.Normal { return approx.NewNormal(full.Mean, full.Factor) }
	p := s.RunPlan(k)
	p.Train = infer.Stages{m, full}
	return p, full.Validate()
}
