package path

import "github.com/seed9a7962a8/ito"

// PredReduced is the Kind of v = E[İ|x], which is no prediction of a path: nothing that takes one takes it.
const PredReduced ito.Prediction = 64

// PredBoth is the Kind of velocity and score at once, a row being b and then s: OutDim is 2D, and an evaluation
// costs what one of the two does. solve.InterpolantSDE takes it.
const PredBoth ito.Prediction = 65
