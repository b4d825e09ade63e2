// Package ad traces a program that is written for ONE sample, differentiates the trace, compiles it,
// and runs it for a batch of samples on all cores.
//
// A program is a Go function over [Value]s:
//
//	prog, err := ad.Compile(func(g *ad.Graph) {
//		x := g.Input("x", ad.F32, 2)      // per sample: [2]
//		w := g.Shared("w", ad.F32, 2, 3)  // shared by all samples: [2,3]
//		y := ad.Tanh(ad.MatMul(x, w))     // per sample: [3]
//		g.Output("loss", ad.BatchMean(ad.Sum(ad.Square(y))))
//	})
//
// Every value has a dtype (f32, f64, i32, bool) and is either per-sample or shared. [BatchSum] turns a
// per-sample value into a shared one, and later operations may use it; the compiler cuts the program
// into passes there. [Map] lifts a program over an axis of a sample. [Loop] has a static trip count.
//
// Differentiation ([VJP], [JVP], [Grad]) is a transform of the trace and composes with itself.
// The gradient with respect to a shared value is per-sample until a BatchSum; where the differentiated
// outputs are shared themselves (a loss), the sum is part of the gradient, and the products whose rows
// it sums are never materialised.
//
// Execution goes block by block: a fixed number of rows runs through a whole pass on one worker, in
// cache. A row's value depends on nothing but its inputs. Sums over the batch are accumulated in a
// number of lanes that depends on the program and n alone, and added in a fixed order: the bits never
// depend on the number of workers. Running allocates nothing.
//
// Programs whose samples are a few numbers, densities for one, are better compiled by [CompileColumns]: it
// keeps element e of all rows of a block side by side, so that vector code runs across samples.
//
// Errors of shape, dtype or use appear while tracing and name the operation and the shapes.
package ad
