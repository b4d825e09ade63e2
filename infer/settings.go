package infer

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// Settings are what any method may be told. A zero is the method's own default wherever zero is no legal value;
// where it is one, the zero of DefaultSettings differs from it. The tag "of" names the methods that have a setting,
// see [Method.Has]; others ignore it.
type Settings struct {
	Seed   uint64 `default:"0" of:"all" help:"Seed of every random number"`
	Draws  int    `default:"0" min:"0" of:"chains,particles" help:"Draws of every chain, or particles of every run; 0: 1000, and 2000 for pdds, pis, dds, dis and bridge"`
	Chains int    `default:"0" min:"0" of:"chains,particles" help:"Chains, or independent runs of a particle sampler; 0: 4, and 1 for particles that do not interact (dilation, geometric, convolutional) and for stretch"`
	Warmup int    `default:"-1" min:"-1" of:"chains" help:"Steps of every chain that adapt it and are not drawn; -1: 1000"`
	Thin   int    `default:"0" min:"0" of:"chains" help:"A draw is every so many-th step; 0: 1, and 10 for dmcmc"`

	StepSize  float64 `default:"0" min:"0" of:"nuts,hmc,mala,ula,pt,dilation,geometric,convolutional,dmcmc" help:"Step size; 0: found and adapted, .01 for ula, .8 for dmcmc, 1 for the annealed methods"`
	Accept    float64 `default:"0" min:"0" max:"1" of:"nuts:warm,hmc:warm,mala:warm" help:"Acceptance aimed at in warm-up; 0: .8, and .574 for mala"`
	Metric    string  `default:"auto" enum:"auto,diagonal,dense,unit" of:"nuts:warm,hmc:warm,smc" help:"Metric of nuts, hmc and smc: ${enum}; auto is dense up to 20 dimensions and, to 400, where a pilot of ito infer finds strong correlations at the mode; for smc up to 128 with 10 particles to each"`
	MaxDepth  int     `default:"0" min:"0" max:"20" of:"nuts" help:"Depth at which a tree of nuts ends; 0: 10"`
	Leapfrogs int     `default:"0" min:"0" of:"hmc,pt,smc,ais" help:"Leapfrog steps of a trajectory; 0: 16 for hmc, 4 for pt, smc and ais"`
	Radius    float64 `default:"0" min:"0" of:"chains,map,laplace,pathfinder" help:"Chains and ascents start in the cube from -X to X; 0: 2"`

	Scale        float64 `default:"0" min:"0" of:"pt,smc,ais,pdds,pis,dds,dmcmc,ess,pcn" help:"Standard deviation of the normal from which smc, ais, pdds and dds begin, of the hot end of pt, of the most noise of dmcmc, of the normal prior of ess and pcn, and the diffusion of pis, whose end is 2.24 times as wide; 0: 1, or as the pilot's modes need for smc and ais, .45 for pis, none for pt, 10 for dmcmc, what the model declares for ess and pcn"`
	Steps        int     `default:"0" min:"0" of:"ais,dilation,geometric,convolutional,pdds,pis,dds,dis,bridge" help:"Steps from the reference to the target; 0: 1000 for the annealed methods, 100 for ais, pis, dis and bridge, 128 for dds, 64 for pdds"`
	Finish       int     `default:"-1" min:"-1" of:"dilation,geometric,convolutional" help:"Steps of mala at the end of an annealing; -1: 200"`
	Rule         string  `default:"drift" enum:"drift,fixed,scaled" of:"dilation,geometric,convolutional" help:"Step sizes of an annealing: ${enum}. drift is as long as the drift allows, at most the step size"`
	ESS          float64 `name:"ess-fraction" default:"0" min:"0" max:"1" of:"smc" help:"The effective fraction of particles that a step of smc leaves; 0: .9"`
	Moves        int     `default:"0" min:"0" of:"smc,pdds" help:"Trajectories of smc at every temperature, and Langevin moves of pdds after resampling; 0: for smc as many as the log density needs to be forgotten, 2 to 64, and none for pdds"`
	Temperatures int     `default:"0" min:"0" of:"pt" help:"Temperatures of pt; 0: 10"`
	LeastBeta    float64 `default:"0" min:"0" max:"1" of:"pt" help:"The hottest inverse temperature of pt; 0: 0.001"`
	Paths        int     `omit:"default" default:"0" min:"0" of:"map,laplace,pathfinder" help:"Ascents of a run, each from a start of its own; 0: 4"`
	Bound        int     `omit:"default" default:"0" min:"0" of:"pathfinder" help:"Draws with which pathfinder compares the normals along a path; 0: 25"`
	Resample     string  `omit:"default" default:"psis" enum:"psis,none" of:"laplace,pathfinder,advi" help:"What becomes of the draws of an approximation: ${enum}. psis takes draws again by smoothed weights, none leaves them as they are"`
	Covariance   string  `omit:"default" default:"full" enum:"full,diagonal" of:"advi" help:"Covariance of the normal that advi fits: ${enum}"`
	Jacobian     bool    `omit:"default" of:"map:parameters" help:"Let map look for the mode of the density of the unconstrained parameters, whose Jacobian it has, instead of that of the parameters themselves"`
	Walkers      int     `default:"0" min:"0" of:"stretch" help:"Walkers of an ensemble of stretch; 0: 64 or twice the dimension and 2, whichever is more"`
	Beta         float64 `default:"0" min:"0" max:"1" of:"pcn" help:"Step of pcn; 0: .2"`

	Adjust   string `omit:"default" default:"auto" enum:"auto,yes,no" of:"dmcmc" help:"Whether a move of dmcmc is accepted or refused, which makes its chain exact: ${enum}. auto is yes for a density and no for a trained field, which has no density to do it by"`
	Skip     int    `omit:"default" default:"0" min:"0" of:"dmcmc" help:"Steps of dmcmc from one draw to the next, which --thin is a multiple of; 0: 10"`
	Heun     int    `omit:"default" default:"0" min:"0" of:"dmcmc" help:"Steps of Heun's rule, two scores each, that carry a state of dmcmc to almost no noise; 0: 18"`
	Smallest bool   `omit:"default" default:"false" of:"dmcmc" help:"Draw from the state of least noise of the last --skip ones, as published, which is not exact and widens modes"`
	Argmax   bool   `omit:"default" default:"false" of:"dmcmc" help:"Take the most probable level of noise instead of drawing one, as the authors' code does, which gets weights of modes wrong"`

	Whiten           string `default:"auto" enum:"auto,meanfield,none" of:"smc,ais,pdds,pis,dds,dis,bridge" help:"Coordinates of a particle sampler: ${enum}. meanfield fits a normal with independent coordinates first, from which smc, ais, pdds, pis, dds, dis and bridge then begin; auto is none, and meanfield for pdds where a pilot finds no second mode"`
	WhitenIterations int    `default:"0" min:"0" of:"smc:whitened,ais:whitened,pdds:whitened,pis:whitened,dds:whitened,dis:whitened,bridge:whitened" help:"Iterations of that fit, 32 gradients each; 0: 5000"`

	Potential    string  `default:"naive" enum:"naive,learned" of:"pdds" help:"Potential of pdds: ${enum}. learned is trained in rounds on pdds's own particles"`
	Rounds       int     `default:"0" min:"0" of:"pdds:learned" help:"Rounds of that training; 0: 2"`
	Refresh      int     `default:"0" min:"0" of:"pdds:learned" help:"Iterations of that training between runs of pdds, whose particles it learns from; 0: 100"`
	RefreshDraws int     `default:"0" min:"0" of:"pdds:learned" help:"Particles of these runs; 0: as many as draws"`
	Decay        float64 `default:"0" min:"0" max:"1" of:"pdds:learned" help:"Factor of that training's learning rate in 50 iterations; 0: .95"`
	Iterations   int     `default:"0" min:"0" of:"map,laplace,pathfinder,advi,pis,dds,dis,bridge,pdds:learned,dmcmc:field" help:"Iterations of training, or at most of an ascent; 0: 1000 of an ascent, 5000 for advi, 2000 for pis, dds, dis and bridge, 4000 a round for pdds, 3000 for the noise levels of dmcmc"`
	Batch        int     `default:"0" min:"0" of:"pis,dds,dis,bridge,pdds:learned,dmcmc:field" help:"Paths of an iteration, or rows for pdds; 0: 256, 300 for pdds and 512 for dmcmc"`
	Width        int     `default:"0" min:"0" of:"pis,dds,dis,bridge,pdds:learned,dmcmc:field" help:"Width of the networks that are trained; 0: 64"`
	LearningRate float64 `default:"0" min:"0" of:"pis,dds,dis,bridge,pdds:learned,dmcmc:field" help:"Learning rate; 0: .005, .001 for pdds and .002 for dmcmc"`
	Loss         string  `default:"log-variance" enum:"log-variance,kl" of:"pis,dds,dis,bridge" help:"Loss of the training: ${enum}. kl needs Hessian-vector products, which model files and the zoo have, and three times the gradients"`

	// from which smc and ais begin; nil: N(0, Scale²I). See Cover of infer/advise
	Reference *Reference `kong:"-" json:"-"`
	// where chains and ascents begin; nil: in the cube of Radius
	Starts *Starts  `kong:"-" json:"-"`
	Pool   *ad.Pool `kong:"-" json:"-"` // for training; it changes no number. nil: the caller's goroutine alone
}

// DefaultSettings are the settings of which nothing was said.
func DefaultSettings() Settings {
	return Settings{Warmup: -1, Finish: -1, Metric: "auto", Rule: "drift", Whiten: "auto", Potential: "naive",
		Loss: "log-variance", Resample: "psis", Covariance: "full", Adjust: "auto",
	}
}

// WarmupSteps is the number of warm-up steps.
func (s Settings) WarmupSteps() int {
	if s.Warmup < 0 {
		return 1000
	}
	return s.Warmup
}

// StartReference is the normal from which particles begin.
func (s Settings) StartReference() Reference {
	if s.Reference != nil {
		return *s.Reference
	}
	if s.Scale == 0 {
		return Reference{}
	}
	return Reference{SD: []float64{s.Scale}}
}

// Validate reports settings that no method can have, as an *ito.InputError.
func (s Settings) Validate() error {
	bad := func(what, do string) error { return &ito.InputError{Where: "settings", What: what, Do: do} }
	for _, n := range []int{s.Draws, s.Chains, s.Thin, s.MaxDepth, s.Leapfrogs, s.Steps, s.Moves, s.Temperatures,
		s.Paths, s.Bound, s.Walkers, s.Skip, s.Heun, s.Rounds, s.Refresh, s.RefreshDraws, s.Iterations,
		s.WhitenIterations, s.Batch, s.Width} {
		if n < 0 {
			return bad(fmt.Sprintf("a number of %d", n), "give 0 for the method's default, or more")
		}
		if n > math.MaxInt32 {
			return bad(fmt.Sprintf("a number of %d", n), "give fewer")
		}
	}
	for _, n := range []struct {
		what    string
		n, most int
	}{
		{"temperatures", s.Temperatures, 1 << 12}, {"paths", s.Paths, 1 << 12},
		{"draws of a bound", s.Bound, 1 << 16}, {"leapfrog steps", s.Leapfrogs, 1 << 20},
		{"moves", s.Moves, 1 << 20}, {"columns of a network", s.Width, 1 << 16},
		{"warm-up steps", s.Warmup, math.MaxInt32}, {"steps", s.Steps, 1 << 24},
		{"steps of dmcmc between draws", s.Skip, 1 << 24}, {"steps of Heun's rule", s.Heun, 1 << 16},
		{"steps at the end", s.Finish, math.MaxInt32}, {"rows of a batch", s.Batch, 1 << 24},
	} {
		if n.n > n.most {
			return bad(fmt.Sprintf("%d %s", n.n, n.what), fmt.Sprintf("give at most %d", n.most))
		}
	}
	for _, v := range []float64{s.StepSize, s.Accept, s.Radius, s.Scale, s.ESS, s.LeastBeta, s.Beta, s.Decay,
		s.LearningRate} {
		if !(v >= 0) || math.IsInf(v, 1) {
			return bad(fmt.Sprintf("a setting of %v", v), "give 0 for the method's default, or a positive number")
		}
	}
	if s.Draws > math.MaxInt32 || s.Chains > 1<<20 || s.Walkers > 1<<20 {
		return bad(fmt.Sprintf("%d draws of %d chains, %d walkers", s.Draws, s.Chains, s.Walkers), "give fewer")
	}
	if s.Warmup < -1 || s.Finish < -1 {
		return bad(fmt.Sprintf("warm-up of %d steps, %d at the end", s.Warmup, s.Finish),
			"give -1 for the method's default, or 0 or more")
	}
	return nil
}
