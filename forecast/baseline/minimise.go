package baseline

import "gonum.org/v1/gonum/optimize"

// minimise is the simplex of Nelder and Mead from start, begun again with a fresh simplex where it stops for as long as
// that finds something better, six times at most. false: it found nothing.
func minimise(f func(u []float64) float64, start []float64) ([]float64, bool) {
	best, at := start, f(start)
	for size := 1.; size > .05; size *= .6 {
		got, err := optimize.Minimize(optimize.Problem{Func: f}, best, &optimize.Settings{
			FuncEvaluations: 60 * len(start),
			Converger:       &optimize.FunctionConverge{Absolute: 1e-6, Iterations: 10 * len(start)}},
			&optimize.NelderMead{SimplexSize: size})
		if got == nil || err != nil && got.X == nil {
			return best, size < 1
		}
		gain := at - got.F
		if gain > 0 {
			best, at = got.X, got.F
		}
		if !(gain > 1e-4) && size < 1 {
			break
		}
	}
	return best, true
}
