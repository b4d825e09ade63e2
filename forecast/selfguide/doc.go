// Package selfguide makes an unconditional diffusion model of series answer questions about parts of them: a prediction
// of the series itself, at every step, is drawn towards what was observed (Kollovieh et al. 2023, arXiv:2307.11494).
//
// [Guide] is the hook of a sampling: it forecasts and fills gaps. [Refine] improves somebody else's forecast by the
// same model. Both need the gradient of the field ([ito.VJPer]) and nothing else, and both are proved on Gaussian
// processes, of which everything is known in closed form.
package selfguide
