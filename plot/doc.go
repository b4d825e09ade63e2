// Package plot draws what ito has to show: samples beside data, trajectories of the probability flow,
// training losses, spectra, errors against network calls, and small images.
//
// A [Figure] is a grid of [Panel]s in one image, PNG or SVG; a Panel holds [Layer]s over one pair of
// axes. [Scatter], [Hist], [Line], [Trajectories], [Loss], [Spectrum] and [ErrorVsNFE] make a Panel,
// [Beside], [Pairs] and [Images] a whole Figure; of the draws of samplers [Traces], [Ranks], [Marginals],
// [DrawPairs] and [Clouds] do. The drawing is gonum/plot's vg; the colours can be
// told apart by colour-blind readers. The same input gives the same bytes. Input that cannot be
// drawn, such as NaN or nothing at all, is an error that matches ito.ErrInput.
package plot
