package wrap

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// pairsRows are rows between two ends.
type pairsRows struct {
	*Pairs
	kind ito.Prediction
	runs runs[*mixedLaw]
	n    int
	in   []float64 // [n,D] x̃, of the caller
	w    ito.States
}

// mixedLaw is the law at one time with the weights of the targets in the prediction.
type mixedLaw struct {
	*pairLaw
	mix [2]mixing
}

// Rows implements Wrapping. They are a Tracer; those of velocity and score together have neither gradient nor
// divergence.
func (c *Pairs) Rows(kind ito.Prediction) Rows {
	r := &pairsRows{Pairs: c, kind: kind}
	if kind == path.PredBoth {
		return struct{ Rows }{r}
	}
	return r
}

// Enter implements Rows.
func (s *pairsRows) Enter(in, feature []float64, x ito.States, t ito.Times, _ ito.Cond) error {
	d, n := s.d, x.N
	s.n, s.in = n, in
	if err := s.runs.set(n, t, func() *mixedLaw { return &mixedLaw{pairLaw: s.newLaw()} },
		func(l *mixedLaw, t float64) error {
			s.set(l.pairLaw, s.within(t))
			return s.mixAll(&l.mix, s.kind, l.i)
		}); err != nil {
		return err
	}
	for i := range n {
		l := s.runs.scalesOf(i)
		feature[i] = l.feat
		for k, v := range x.Row(i) {
			in[i*d+k] = (v - l.m[k]) * l.in[k]
		}
	}
	return nil
}

// Leave implements Rows.
func (s *pairsRows) Leave(dst ito.States, out []float64) {
	d, heads := s.d, len(s.heads)
	for i := range s.n {
		l := s.runs.scalesOf(i)
		clear(dst.Row(i))
		for p := range parts(s.kind) {
			w, row := &l.mix[p], dst.Row(i)[p*d:(p+1)*d]
			for h := range heads {
				if w[h] == 0 {
					continue
				}
				for k := range row {
					y := s.in[i*d+k] / l.pairLaw.in[k]
					row[k] += w[h] * (l.mean[h*d+k] + float64(l.skip[h*d+k]*y) +
						float64(l.out[h*d+k]*out[(i*heads+h)*d+k]))
				}
			}
		}
	}
}

// PullOut implements Rows.
func (s *pairsRows) PullOut(dout []float64, w ito.States) {
	d, heads := s.d, len(s.heads)
	s.w = w
	for i := range s.n {
		l := s.runs.scalesOf(i)
		for h := range heads {
			for k, v := range w.Row(i) {
				dout[(i*heads+h)*d+k] = l.mix[0][h] * l.out[h*d+k] * v
			}
		}
	}
}

// PullIn implements Rows.
func (s *pairsRows) PullIn(dx ito.States, din []float64) {
	d, heads := s.d, len(s.heads)
	for i := range s.n {
		l := s.runs.scalesOf(i)
		w, row := &l.mix[0], s.w.Row(i)
		for k, v := range row {
			skip := 0.0
			for h := range heads {
				skip += float64(w[h] * l.skip[h*d+k])
			}
			dx.Row(i)[k] = float64(skip*v) + float64(l.pairLaw.in[k]*din[i*d+k])
		}
	}
}

// Over implements Tracer.
func (s *pairsRows) Over() int { return s.d }

// Trace implements Tracer: what does not go through the network is added column by column.
func (s *pairsRows) Trace(div []float64) { clear(div) }

// Columns implements Tracer.
func (s *pairsRows) Columns(dst []float64, first, per int) {
	clear(dst)
	for i := range s.n {
		for j := range min(per, s.d-first) {
			dst[(i*per+j)*s.d+first+j] = s.runs.scalesOf(i).pairLaw.in[first+j]
		}
	}
}

// AddTrace implements Tracer.
func (s *pairsRows) AddTrace(div, out []float64, first, per int) {
	d, heads := s.d, len(s.heads)
	for i := range s.n {
		l := s.runs.scalesOf(i)
		for j := range min(per, d-first) {
			k := first + j
			for h := range heads {
				div[i] += l.mix[0][h] * (l.skip[h*d+k] + float64(l.out[h*d+k]*out[((i*per+j)*heads+h)*d+k]))
			}
		}
	}
}
