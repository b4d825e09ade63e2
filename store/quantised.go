package store

import (
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// scaleSuffix ends the name of the scales of a tensor of bytes.
const scaleSuffix = ".scale"

// quantisedHeader is what a file says of a network of bytes: the grids of its layers' inputs. The scales of a tensor of
// bytes are a tensor of their own.
type quantisedHeader struct {
	Calibration string             `json:"calibration,omitempty"`
	Grids       map[string]ad.Grid `json:"grids"`
}

func newQuantisedHeader(q *nn.Quantised) *quantisedHeader {
	if q == nil {
		return nil
	}
	return &quantisedHeader{Calibration: q.Calibration, Grids: q.Grids}
}

// netTensors are the tensors of a network in a file.
func netTensors(w *nn.Weights) []Tensor {
	var ts []Tensor
	for _, t := range w.Layout() {
		p := w.Params[t.Offset : t.Offset+t.Size()]
		if q := w.Quantised; q != nil && q.Scales[t.Name] != nil {
			ts = append(ts, NewI8(netPrefix+t.Name, q.Bytes(t, p), t.Shape...),
				NewF32(netPrefix+t.Name+scaleSuffix, q.Scales[t.Name], t.Shape[0]))
			continue
		}
		ts = append(ts, NewF32(netPrefix+t.Name, p, t.Shape...))
	}
	return ts
}

// readParams reads the tensors of a network, each of exactly the shape that its configuration asks for.
func (h networkHeader) readParams(f *File, layout []nn.Tensor) ([]float32, *nn.Quantised, error) {
	var q *nn.Quantised
	if h.Quantised != nil {
		q = &nn.Quantised{Calibration: h.Quantised.Calibration, Grids: h.Quantised.Grids,
			Scales: map[string][]float32{}}
		for layer, g := range q.Grids {
			if by := 1 / g.Scale; !(g.Scale > 0) || by-by != 0 || !(by > 0) {
				return nil, nil, notModel("the input of layer %s has steps of %g", layer, g.Scale)
			}
		}
	}
	if (q != nil) != (h.Precision == ad.Int8.String()) {
		return nil, nil, notModel("a precision of %q and grids of bytes: %v", h.Precision, q != nil)
	}
	var params []float32
	for _, want := range layout {
		dtype := F32
		if q != nil && want.Rows {
			dtype = I8
		}
		v, err := readTensor(f, netPrefix+want.Name, dtype, want.Shape)
		if err != nil {
			return nil, nil, err
		}
		var x []float32
		if dtype == I8 {
			x, err = readBytes(f, q, want, v)
		} else {
			x, err = v.Float32s()
		}
		if err != nil {
			return nil, nil, err
		}
		params = append(params, x...)
	}
	return params, q, nil
}

// readBytes are the weights of a tensor of bytes; their scales go to q.
func readBytes(f *File, q *nn.Quantised, t nn.Tensor, v *Tensor) ([]float32, error) {
	s, err := readTensor(f, netPrefix+t.Name+scaleSuffix, F32, t.Shape[:1])
	if err != nil {
		return nil, err
	}
	scales, err := s.Float32s()
	if err != nil {
		return nil, err
	}
	for i, x := range scales {
		if !(x >= 0) || x-x != 0 {
			return nil, notModel("scale %d of tensor %s is %g", i, t.Name, x)
		}
	}
	whole, err := v.Int64s()
	if err != nil {
		return nil, err
	}
	b := make([]int8, len(whole))
	for i, x := range whole {
		if x < -127 {
			return nil, notModel("byte %d of tensor %s is %d", i, t.Name, x)
		}
		b[i] = int8(x)
	}
	q.Scales[t.Name] = scales
	return q.Weights(t, b), nil
}
