// Package approx has the methods of [github.com/seed9a7962a8/ito/infer] that climb: the greatest place of a density,
// and normal approximations to it. Many ascents run side by side, a batch of gradients for all of them, and a run
// that was interrupted goes on in the middle of them.
package approx
