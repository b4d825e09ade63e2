package path

import "github.com/seed9a7962a8/ito"

// Options are the settings by which a command line describes a path. Each path reads those it has;
// zero leaves its own default.
type Options struct {
	BetaMin, BetaMax, Power float64 // vp, subvp, vsdm, cld, vsmd
	Lo                      float64 // vp, subvp, flow, cosine, onesided, vsdm, cld, vsmd: the sampled end
	SigmaMin, SigmaMax      float64 // ve, edm, pfgm
	Aug                     float64 // pfgm: the dimensions added

	Schedule string // discrete: linear, scaled_linear or squaredcos_cap_v2; onesided: linear or trig
	Steps    int    // discrete: steps of the table
	ZeroSNR  bool   // discrete: nothing is left of the data at the last step

	Variant string    // vsdm: constant, diagonal, logistic
	D       int       // vsdm, cld, vsmd: the dimension of the data
	A       []float64 // vsdm: [D,D] or [D]; nil for zero
	Mean    []float64 // vsdm, cld, vsmd: [D]; nil for zero
	Kappa   float64   // vsmd: the damping
}

// Names are the paths that [New] knows: those that the trainer takes without more than Options.
func Names() []string {
	return []string{"vp", "ve", "subvp", "edm", "flow", "vsdm", "cosine", "discrete", "onesided", "cld", "vsmd", "pfgm"}
}

// New makes a path by its command-line name, checked and with its defaults filled in. An unknown name is an [ito.InputError] with the nearest known.
func New(name string, o Options) (ito.Path, error) {
	switch name {
	case "vp":
		return checked(VP{o.BetaMin, o.BetaMax, o.Power, o.Lo}.Resolve())
	case "subvp":
		return checked(SubVP{o.BetaMin, o.BetaMax, o.Power, o.Lo}.Resolve())
	case "ve":
		return checked(VE{o.SigmaMin, o.SigmaMax}.Resolve())
	case "edm":
		return checked(EDM{o.SigmaMin, o.SigmaMax}.Resolve())
	case "flow":
		return checked(Flow{o.Lo}.Resolve())
	case "vsdm":
		return checked(NewVSDM(VSDMConfig{Variant: o.Variant, BetaMin: o.BetaMin, BetaMax: o.BetaMax, Power: o.Power,
			Lo: o.Lo, D: o.D, A: o.A, Mean: o.Mean}))
	case "pfgm":
		return checked(PFGM{o.Aug, o.SigmaMin, o.SigmaMax}.Resolve())
	case "cld":
		return checked(NewCLD(CLDConfig{D: o.D, BetaMin: o.BetaMin, BetaMax: o.BetaMax, Power: o.Power, Lo: o.Lo, Mean: o.Mean}))
	case "vsmd": // one number of A_v for each dimension, for the path to be learnt
		return checked(NewVSMD(VSMDConfig{D: o.D, Kappa: o.Kappa, Av: make([]float64, max(o.D, len(o.Mean))), BetaMin: o.BetaMin, BetaMax: o.BetaMax, Power: o.Power, Lo: o.Lo, Mean: o.Mean}))
	case "cosine":
		return checked(Cosine{Lo: o.Lo}.Resolve())
	case "discrete":
		return checked(NewDiscrete(DiscreteConfig{Schedule: o.Schedule, N: o.Steps, ZeroSNR: o.ZeroSNR}))
	case "onesided":
		return checked(OneSided{o.Schedule, o.Lo}.Resolve())
	}
	return nil, unknown("--path", "path", name, Names())
}

// checked keeps a path that failed from leaving as a typed nil.
func checked[P ito.Path](p P, err error) (ito.Path, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
