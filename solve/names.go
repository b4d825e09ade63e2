package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
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
		PC{}, PC{Predictor: PredictorAncestral, Corrector: CorrectorALD}, InterpolantSDE{},
	}
}

// ByName finds a solver by the name in its Info. An unknown name is an *ito.InputError with the nearest known one.
func ByName(name string) (ito.Solver, error) {
	var names []string
	for _, s := range All() {
		if s.Info().Name == name {
			return s, nil
		}
		names = append(names, s.Info().Name)
	}
	return nil, unknown("solver", name, names)
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
		return 0, &ito.InputError{Where: "solver " + info.Name, What: "it chooses its own steps and takes no number of evaluations", Do: "give a tolerance"}
	}
	cost := info.Evals * max(callsPerEval, 1)
	if f, ok := s.(Finish); ok && f.Action != Stop {
		nfe -= max(callsPerEval, 1)
	}
	if k := nfe / cost; k > 0 {
		return k, nil
	}
	return 0, &ito.InputError{Where: "solver " + info.Name, What: fmt.Sprintf("one step takes %d network calls, %d are allowed", cost, nfe), Do: fmt.Sprintf("allow at least %d", cost)}
}
