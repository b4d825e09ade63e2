package infer

import (
	"context"
	"encoding"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// Trainer learns, iteration by iteration, what a kernel needs before it can run. Its bytes are its state: training
// continued from them gives the weights of one that was not interrupted.
type Trainer interface {
	Step(ctx context.Context) (Loss, error)
	Progress() (done, of int)
	Gradients() float64 // of the target, evaluated so far
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// controlled plans a diffusion whose control is trained first.
func controlled(process func(d int, s Settings) (Process, error)) func(ito.Target, Settings) (Plan, error) {
	build := func(t ito.Target, s Settings) (Plan, error) {
		pr, err := process(t.Dim(), s)
		if err != nil {
			return Plan{}, err
		}
		l, err := NewLearned(pr, t.Dim(), Shape{Width: s.Width}, s.Seed)
		if err != nil {
			return Plan{}, err
		}
		train, err := trainer(t, l, s)
		if err != nil {
			return Plan{}, err
		}
		p := s.runs(Controlled{Process: pr, Control: l, Particles: s.Draws})
		p.Train = train
		return p, nil
	}
	return func(t ito.Target, s Settings) (Plan, error) {
		return s.whitened(t, "none", func(t ito.Target) (Plan, error) { return build(t, s) })
	}
}

// trainer makes the training of a control by the loss of a name. A loss that the target does not allow is refused
// before anything is trained.
func trainer(t ito.Target, l *Learned, s Settings) (Trainer, error) {
	c := &Training{Target: t, Control: l, Batch: whole(s.Batch, 256), Iterations: whole(s.Iterations, 2000),
		LearningRate: s.LearningRate, Seed: s.Seed, Pool: s.Pool}
	switch s.Loss {
	case "", "log-variance":
		c.Objective = LogVariance{}
	case "kl":
		c.Objective = KL{}
	default:
		return nil, &ito.InputError{Where: "loss", What: fmt.Sprintf("unknown loss %q", s.Loss),
			Do: "there are log-variance and kl"}
	}
	return c, c.validate()
}

// Progress implements Trainer.
func (c *Training) Progress() (done, of int) { return c.Done, c.iterations() }

// Gradients implements Trainer: one of every path at every step and at its end; for KL two more a step, which is what a
// Hessian-vector product costs.
func (c *Training) Gradients() float64 {
	n := float64(c.Done * c.batch())
	steps := float64(c.Control.Process.Steps())
	if _, ok := c.objective().(KL); ok {
		return n * (3*steps + 1)
	}
	return n * (steps + 1)
}

// The words at the head of a training's bytes, of one length. The trainings of controls have another since their
// gradients became those of a program: one that is half done goes on with the gradients that it began with, or not at
// all.
const (
	trainingMagic = "ito-infer-training-1\n"
	controlMagic  = "ito-infer-training-2\n"
)

// MarshalBinary implements Trainer. It never fails.
func (c *Training) MarshalBinary() ([]byte, error) {
	return marshalTraining(controlMagic, c.Done, c.Dropped, c.params(), c.Moments), nil
}

// UnmarshalBinary implements Trainer: c must have the control that the bytes are of. Bytes of older versions are taken
// where the training had ended or not begun.
func (c *Training) UnmarshalBinary(data []byte) error {
	params := c.params()
	magic := controlMagic
	older := strings.HasPrefix(string(data), trainingMagic)
	if older {
		magic = trainingMagic
	}
	done, dropped, moments, err := unmarshalTraining(magic, data, params)
	if err != nil {
		return err
	}
	if older && done > 0 && done < c.iterations() {
		return &ito.InputError{Where: "training state", What: fmt.Sprintf("a training of which an older version took "+
			"%d iterations of %d, with gradients that round in another way", done, c.iterations()),
			Do: "begin it anew, or end it with that version"}
	}
	c.Done, c.Dropped, c.Moments = done, dropped, moments
	c.set(params)
	return nil
}

// trainingBytes is the length of what marshalTraining writes of n weights.
func trainingBytes(n int) int { return len(trainingMagic) + 4*8 + 3*4*n }

// marshalTraining writes counts, weights and the optimiser's moments.
func marshalTraining(magic string, done, dropped int, params []float32, m *nn.Moments) []byte {
	if m == nil {
		m = nn.NewMoments(len(params))
	}
	b := []byte(magic)
	for _, n := range []int{done, dropped, int(m.Steps), len(params)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for _, part := range [][]float32{params, m.M, m.V} {
		for _, v := range part {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}

// unmarshalTraining reads what marshalTraining wrote into params, of the same length.
func unmarshalTraining(magic string, data []byte, params []float32) (done, dropped int, m *nn.Moments, err error) {
	head, n := len(trainingMagic)+4*8, len(params)
	if len(data) != trainingBytes(n) || string(data[:len(magic)]) != magic {
		return 0, 0, nil, &ito.InputError{Where: "training state",
			What: fmt.Sprintf("%d bytes that are damaged, or of a network with another number of weights than %d",
				len(data), n)}
	}
	word := func(i int) int { return int(binary.LittleEndian.Uint64(data[len(trainingMagic)+8*i:])) }
	if word(3) != n {
		return 0, 0, nil, &ito.InputError{Where: "training state", What: fmt.Sprintf("%d weights for a network of %d",
			word(3), n)}
	}
	m = nn.NewMoments(n)
	m.Steps = uint64(word(2))
	at := head
	for _, part := range [][]float32{params, m.M, m.V} {
		for i := range part {
			part[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[at:]))
			at += 4
		}
	}
	return word(0), word(1), m, nil
}
