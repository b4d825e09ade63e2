// Package bench compares samplers of densities on targets whose truth is known: [DensityBench] by methods at equal
// budgets of gradients, [LossBench] by the losses that train a control.
package bench
