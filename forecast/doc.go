// Package forecast holds the words of forecasting: what a series, a window of it, a scale, a forecast and a model are.
//
// A [Series] has values at the steps of a [Freq], in a named time zone; a value or covariate that was not observed is
// NaN, and NaN is the only mask there is, so that nobody can count a filled cell by mistake. A [Set] is series of one
// frequency with the same covariates, which are declared as known (their future is given) or past (it is not). A
// [Window] is the end of a series at an origin and a horizon: it holds nothing that came after, so that a model cannot
// look at it. [Windows] finds windows for training by address, and [Source] makes an [ito.Source] of them.
//
// # How a model is added
//
// A model is a config struct with tags, one package or file, and one line:
//
//	func init() { forecast.Register("A line of help.", func() forecast.Model { return Theta{} }) }
//
// It implements [Model]: Kind is its word (`--model theta:season=24`), Fit learns from a [Set] and returns a
// [Fitted], and Restore makes the same of what [Fitted.State] kept: a JSON config and tensors, which [Save] writes
// and [Load] reads by the word. A network trains under [learn.Loop] with a loss of its own, or under a path with the
// house's objectives on a [Source]; [FitOptions] brings the workers, the seed, progress and the place of checkpoints.
//
// Predict makes a [Forecast] of each window: sample paths, or quantiles, or both, of which [Request] says how many and
// which. Path k of a window draws its noise at the id Address+k ([Window.Address]), a function of the series' name and
// of the origin: so the bytes of a forecast depend on neither its neighbours in a call nor on the workers. Windows of
// one call with one origin are one panel: a model that draws series jointly makes path k of all of them from one draw,
// at the address of the panel ([PanelAddress]). [Fill] turns paths into the quantiles that are asked for, by the
// definition sorted[round((n−1)q)] of gluonts; [Forecast.Check] refuses what is empty, not finite or crosses.
//
// Everything of this package that a model needs is exported; package baseline is the example.
package forecast
