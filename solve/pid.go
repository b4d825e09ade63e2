package solve

import "math"

// PID is the controller of k-diffusion's adaptive DPM-Solver (Söderlind 2003): with the last three inverses of the
// error e_j = 1/(E_j+10⁻⁸), of which the newest may be of a step that is rejected, a step of order k is followed by
//
//	h ← h · limit(e_0^{(P+I+D)/k} e_1^{−(P+2D)/k} e_2^{D/k}),   limit(x) = 1 + arctan(x−1),
//
// and accepted where the factor is Accept or more.
type PID struct {
	P      float64 `min:"0" max:"1" help:"proportional coefficient of the PID controller of the step"`
	I      float64 `min:"0" max:"1" help:"integral coefficient of it; 0: the step follows the rule of the paper"`
	D      float64 `min:"0" max:"1" help:"derivative coefficient of it"`
	Accept float64 `zero:"default" default:"0.81" above:"0" help:"least factor at which the PID controller accepts a step"`
}

// on reports that it is in use.
func (o PID) on() bool { return o.I != 0 }

// pid is the state of a controller.
type pid struct {
	errs [3]float64
	h    float64 // of the next step, were there no end; 0: none is judged yet
}

// judge takes the error of a step of length h and says whether it is accepted and by what the length changes.
func (s *pid) judge(o PID, E, h float64, order int) (accept bool, next float64) {
	e := 1 / (E + 1e-8)
	if s.h == 0 {
		s.errs, s.h = [3]float64{e, e, e}, math.Abs(h)
	}
	s.errs[0] = e
	k := float64(order)
	x := math.Pow(s.errs[0], (o.P+o.I+o.D)/k) * math.Pow(s.errs[1], -(o.P+2*o.D)/k) * math.Pow(s.errs[2], o.D/k)
	factor := 1 + math.Atan(x-1)
	if math.IsNaN(factor) {
		factor = .1
	}
	if accept = factor >= o.Accept; accept {
		s.errs[2], s.errs[1] = s.errs[1], s.errs[0]
	}
	s.h *= factor
	return accept, s.h
}
