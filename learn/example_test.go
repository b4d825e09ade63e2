package learn_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// Train a network of one's own choice on a path, and get the field that it is.
func Example() {
	x := ito.NewStates(256, 1, 0)
	for i := range x.X {
		x.X[i] = float64(i%2*4-2) + .1*float64(i%7) // two heaps, at −2 and at 2
	}
	c := learn.DefaultConfig()
	c.Steps, c.Batch = 300, 64
	data, net := learn.Data{X: x}, nn.MLP{Width: 32, Depth: 2}
	weights, err := nn.New(net, c.Objective.Ports(data.Space(), data.CondWidth(), false), 1)
	if err != nil {
		panic(err)
	}
	trainer, err := learn.NewTrainer(c, weights, data, learn.Drawn{})
	if err != nil {
		panic(err)
	}
	if err := trainer.Bind(path.VP{}); err != nil {
		panic(err)
	}
	if err := trainer.Run(context.Background(), c.Steps, learn.LoopOptions{}); err != nil {
		panic(err)
	}
	f, err := trainer.Field()
	if err != nil {
		panic(err)
	}
	losses := trainer.State().Losses
	fmt.Println(f.Kind(), trainer.State().Step, losses[len(losses)-1].Loss < losses[0].Loss)
	// Output: eps 300 true
}
