package infer

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Stages are trainers one after the other: a fit of the reference, and then what is trained in its coordinates.
type Stages []Trainer

// Step implements Trainer: one of the first stage that is not finished.
func (s Stages) Step(ctx context.Context) (Loss, error) {
	for _, t := range s {
		if done, of := t.Progress(); done < of {
			return t.Step(ctx)
		}
	}
	return Loss{}, nil
}

// Progress implements Trainer.
func (s Stages) Progress() (done, of int) {
	for _, t := range s {
		d, o := t.Progress()
		done, of = done+d, of+o
	}
	return done, of
}

// Gradients implements Trainer.
func (s Stages) Gradients() float64 {
	n := 0.
	for _, t := range s {
		n += t.Gradients()
	}
	return n
}

// Warnings are those of the stages that have any.
func (s Stages) Warnings() []string {
	var w []string
	for _, t := range s {
		if t, ok := t.(interface{ Warnings() []string }); ok {
			w = append(w, t.Warnings()...)
		}
	}
	return w
}

// MarshalBinary implements Trainer.
func (s Stages) MarshalBinary() ([]byte, error) {
	var b []byte
	for _, t := range s {
		part, err := t.MarshalBinary()
		if err != nil {
			return nil, err
		}
		b = binary.LittleEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b, nil
}

// UnmarshalBinary implements Trainer: the stages must be those that the bytes are of.
func (s Stages) UnmarshalBinary(data []byte) error {
	r := reader{data: data}
	parts := make([]string, len(s))
	for i := range s {
		parts[i] = r.text()
	}
	if r.bad || len(r.data) > 0 {
		return &ito.InputError{Where: "training state", What: fmt.Sprintf("%d bytes that are damaged, or of other "+
			"stages", len(data))}
	}
	for i, t := range s {
		if err := t.UnmarshalBinary([]byte(parts[i])); err != nil {
			return err
		}
	}
	return nil
}
