// Package certify says how far an input may be moved before a smoothed classifier can change its answer: randomised
// smoothing (Cohen, Rosenfeld & Kolter 2019, arXiv:1902.02918). The classifier behind it may be any function of rows,
// and [Denoised] puts a denoiser before one that was trained without noise.
package certify
