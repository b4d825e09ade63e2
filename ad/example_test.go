package ad_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// A least-squares gradient: the program is written for one sample and runs for three.
func Example() {
	prog, err := ad.Compile(func(g *ad.Graph) {
		x := g.Input("x", ad.F64, 2)
		y := g.Input("y", ad.F64)
		w := g.Shared("w", ad.F64, 2)
		loss := ad.BatchMean(ad.Square(ad.Sub(ad.Dot(x, w), y)))
		g.Output("loss", loss)
		g.Output("gradient", ad.Grad(loss, w)[0])
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	loss, grad := make([]float64, 1), make([]float64, 2)
	err = prog.Run(context.Background(), ad.Call{
		N:   3,
		In:  []ad.Array{ad.F64s([]float64{1, 0, 0, 1, 1, 1}), ad.F64s([]float64{1, 2, 3}), ad.F64s([]float64{0, 0})},
		Out: []ad.Array{ad.F64s(loss), ad.F64s(grad)},
	})
	fmt.Printf("%.4f %.4f %v\n", loss[0], grad, err)
	// Output: 4.6667 [-2.6667 -3.3333] <nil>
}

// Derivatives compose: a Hessian-vector product is forward mode over reverse mode.
func ExampleJVP() {
	prog, err := ad.Compile(func(g *ad.Graph) {
		x := g.Input("x", ad.F64, 2)
		f := ad.Mul(ad.At(x, 0, 0), ad.Exp(ad.At(x, 0, 1)))
		v := ad.Rows(g.Const(ad.F64, []float64{1, 1}, 2))
		g.Output("Hv", ad.JVP(ad.Grad(f, x), []ad.Value{x}, []ad.Value{v})[0])
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	hv := make([]float64, 2)
	err = prog.Run(context.Background(), ad.Call{N: 1, In: []ad.Array{ad.F64s([]float64{3, 0})},
		Out: []ad.Array{ad.F64s(hv)}})
	fmt.Println(hv, err)
	// Output: [1 4] <nil>
}
