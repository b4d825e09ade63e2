// Package path holds the ways by which data becomes noise: the transition laws of x_t given x_0, or given both ends.
//
// Scalar schedules, for states of any dimension, are plain structs whose zero value is the setting of
// the paper: [VP], [VE], [SubVP], [EDM], [Flow], [Cosine] and [OneSided]. The tables of networks trained on discrete
// steps are [Discrete], mean-reverting ones [Reverting], and [Kinetic] is computed from data. [PFGM] has EDM's
// clock and a heavy tail in place of the Gaussian. The variational Schrödinger path is [VSDM]: one
// schedule a mode of a symmetric matrix A. All of them are [ito.Diagonal].
// The momentum paths ([NewCLD], [NewVSMD]) and the non-commuting [Piecewise] path are [ito.Linear].
//
// [RowMean] gives every row a centre of its own. [Interpolant] lies between two data sets ([ito.TwoEnded]).
// [LogSNR] and [TimeAt] turn times into noise levels and back.
//
// [Marginal] and [MomentPrior] push a Gaussian through any of them. [GaussianBridge] and
// [BrownianBridge] are Schrödinger bridges between Gaussians in closed form, [VSDMFixedPoint] and
// [LogisticFromGaussian] what a learned path must find on Gaussian data.
//
// [New] makes a path by its command-line name; [Marshal] and [Unmarshal] carry paths through model files.
//
// Every path is immutable and safe for concurrent use, and a row that it perturbs depends on the row,
// its time and the noise of its id alone.
package path
