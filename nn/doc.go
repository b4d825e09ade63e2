// Package nn holds networks over traced programs, and what trains them: dense and residual networks with
// a time embedding and a condition ([Config], [Net]), Adam and AdamW ([Adam], [Moments]), clipping by the
// global norm ([Clip]), the moving average of the weights ([EMA]) and learning-rate schedules ([Schedule]).
//
// A network is a [Config] and one flat slice of float32 parameters; its tensors are views of that slice
// ([Net.Layout]). [Net.Apply] traces the network for ONE sample in any float dtype, so the same network
// trains in float32 and is checked, or gives likelihoods, in float64. A training program declares one
// shared input for each tensor ([Net.Declare]) and writes the gradients into views of a second flat slice
// ([Net.Arrays]); the optimisers then run over flat slices.
//
// Initial weights are addressed by seed, tensor and element, and every sum runs in a fixed order.
package nn
