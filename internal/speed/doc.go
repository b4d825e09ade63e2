// Package speed measures the engine: products, training steps, sampling, gradients of a sampler of densities, the
// compilation of a trace, the start of the program and its size. [Run] measures this program, [Compare] two
// programs that take turns, and [Serve] is what such a program answers with.
//
// Nothing here is a test: a time is the machine's. Ratios of turns taken in pairs are what a busy machine leaves.
package speed
