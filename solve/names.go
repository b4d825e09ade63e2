package solve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// All lists the solvers with their default settings. A new solver adds itself here.
func All() []ito.Solver {
	return []ito.Solver{
		Heun{}, Euler{}, DDIM{}, EM{}, EMAdaptive{}, Dopri5{}, Tsit5{},
		DPM{Order: 1}, DPM{Order: 2}, DPM{Order: 3}, DPMFast{}, DPMAdaptive{Order: 2}, DPMAdaptive{Order: 3},
		DPM{Order: 2, Data: true}, DPM{Order: 3, Data: true}, DPMpp{Order: 2}, DPMpp{Order: 3},
		SDEDPMpp{Order: 1}, SDEDPMpp{Order: 2}, SDEDPMpp{Order: 3},
		UniPC{Order: 1}, UniPC{Order: 2}, UniPC{Order: 3},
		DEIS{Order: 2}, DEIS{Order: 3}, DEIS{Order: 4}, DEIS{Order: 3, Clock: ClockRho}, IPNDM{},
		EDM{}, EDM{Stage: StageGeometric}, EDMChurn(),
		TwoStage{}, TwoStage{Kind: AncestralData}, TwoStage{Kind: StochasticSDE},
		PC{}, PC{Predictor: PredictorAncestral}, InterpolantSDE{}, SSCS{},
	}
}

// Jumps lists the solvers of jump paths.
func Jumps() []ito.Solver { return []ito.Solver{Ancestral{}, TauLeaping{}} }

// Every lists the solvers that have names, with their default settings: All, the other orders and forms of its
// families, and what others have registered.
func Every() []ito.Solver {
	var out []ito.Solver
	for _, kind := range registry.Kinds() {
		if s, err := registry.Parse(kind); err == nil {
			out = append(out, s)
		}
	}
	return out
}

// house lists All, and after it the other orders and forms of its families, which have names too.
func house() []ito.Solver {
	out := append(All(), DPM{Order: 1, Data: true}, DPMFast{Data: true}, DPMAdaptive{Order: 2, Data: true},
		DPMAdaptive{Order: 3, Data: true},
		EDM{Stage: StageHalf}, EDM{Stage: StageTwoThirds})
	out = append(out, DPMpp{Order: 4}, DPMpp{Order: 2, Eps: true}, DPMpp{Order: 3, Eps: true},
		DPMpp{Order: 4, Eps: true}, SDEDPMpp{Order: 4},
		UniPC{Order: 1, NoCorrector: true}, UniPC{Order: 2, NoCorrector: true}, UniPC{Order: 3, NoCorrector: true})
	for _, clock := range []Clock{ClockT, ClockRho, ClockLogRho} {
		for order := 1; order <= affine.MaxOrder; order++ {
			out = append(out, DEIS{Order: order, Clock: clock})
		}
	}
	out = append(out, IPNDM{Order: 1}, IPNDM{Order: 2}, IPNDM{Order: 3})
	out = append(append(out, Jumps()...), Mixed{}, Mixed2M{}, Consistency{})
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(s ito.Solver) bool {
		name := s.Info().Name
		again := seen[name]
		seen[name] = true
		return again
	})
}

// ByName finds a solver by its word, which is the name in its Info: that of one of Every, then a colon and its
// settings, then the action of a [Finish] after a plus:
//
//	dpmpp-2m   ddim:eta=0.5   pc:predictor=em,corrector=none   unipc-3:b=bh1+denoise
//
// Colons between settings will do too.
//
// A word that says nothing is an *ito.InputError with what is allowed and the nearest that works.
func ByName(word string) (ito.Solver, error) {
	word, action, err := cutAction(word)
	if err != nil {
		return nil, err
	}
	if kind, _, _ := strings.Cut(word, ":"); kind == "dpm2" {
		return nil, &ito.InputError{What: `"dpm2" is two solvers`, Do: "take dpm-2s, which is k-diffusion's dpm_2, " +
			"dpm2a for dpm_2_ancestral, or edm-geometric, which had the name"}
	}
	s, err := registry.Parse(word)
	if err != nil || action == Stop {
		return s, err
	}
	return Finish{s, action}, nil
}

// cutAction cuts +denoise from a word; 1e+30 is a number.
func cutAction(word string) (rest string, _ Action, err error) {
	i := strings.LastIndexByte(word, '+')
	if i < 0 || i+1 == len(word) || word[i+1] >= '0' && word[i+1] <= '9' {
		return word, Stop, nil
	}
	action, err := ActionByName(word[i+1:])
	return word[:i], action, err
}

func unknown(what, name string, known []string) error {
	return &ito.InputError{What: fmt.Sprintf("unknown %s %q", what, name), Do: suggest.Among(name, known)}
}

// StepsFor is the largest number of steps whose network calls do not exceed nfe, for a field that costs
// callsPerEval calls an evaluation ([ito.Calls]: guidance 2). It is an error when not even one step fits, and
// for a solver that chooses its own steps.
func StepsFor(s ito.Solver, nfe, callsPerEval int) (int, error) {
	info := s.Info()
	if info.Adaptive {
		return 0, &ito.InputError{Where: "solver " + info.Name,
			What: "it chooses its own steps and takes no number of evaluations", Do: "give a tolerance"}
	}
	cost := info.Evals * max(callsPerEval, 1)
	if f, ok := s.(Finish); ok && f.Action != Stop {
		nfe -= max(callsPerEval, 1)
	}
	if k := nfe / cost; k > 0 {
		return k, nil
	}
	return 0, &ito.InputError{Where: "solver " + info.Name,
		What: fmt.Sprintf("one step takes %d network calls, %d are allowed", cost, nfe),
		Do:   fmt.Sprintf("allow at least %d", cost)}
}
