// Package infertest holds densities with known moments and integrals, and what tests of samplers share.
package infertest
