// Package nn holds networks over traced programs, and what trains them: Adam and AdamW ([Adam], [Moments]), clipping by
// the global norm ([Clip]), the moving average of the weights ([EMA]) and learning-rate schedules ([LRSchedule]).
//
// A family of networks is a [Network]: a config struct and one trace, in one file. The trace says what is computed
// and, over a [Scope], what tensors there are; between which arrays is up to who uses it ([Ports]). [Register]
// makes a family known by its kind. [MLP] is the first.
//
// [Weights] are a network with one flat slice of float32 parameters, of which its tensors are views. [Weights.Apply]
// traces it for ONE sample in any float dtype, so the same network trains in float32 and is checked, or gives
// likelihoods, in float64. A training program declares one shared input for each tensor ([Weights.Declare]) and writes
// the gradients into views of a second flat slice ([Weights.Arrays]); the optimisers then run over flat slices.
//
// Initial weights are addressed by seed, tensor and element, and every sum runs in a fixed order.
package nn
