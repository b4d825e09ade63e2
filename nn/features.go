package nn

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// TimeFeatures are the sines and cosines of time, [1] → [dim]: those of [MLP] with sinusoidal time. dim is even.
func (s *Scope) TimeFeatures(time ad.Value, dim int) ad.Value {
	if time.IsZero() {
		s.Refuse("there is no time for a network that reads it")
	}
	c := MLP{Time: TimeSinusoidal, TimeDim: dim}
	if err := c.checkTime(); err != nil {
		s.Refuse("%s", err.(*ConfigError).What)
	}
	return c.embed(s, time)[0]
}

// StepFeatures are the sines and cosines of the number i of a step, rounded to a whole one: h = dim/2 sines of i ω_k
// with ω_k = 10^{4k/(h−1)} and the cosines, as CSDI has them. They are a table whose frequencies and angles are rounded
// to float32, as those are with which the released networks were trained: the angles go to 10⁴ i, where that matters.
func (s *Scope) StepFeatures(name string, time ad.Value, steps, dim int) ad.Value {
	if time.IsZero() {
		s.Refuse("there is no time for a network that reads it")
	}
	half := dim / 2
	table := make([]float64, steps*dim)
	for k := range half {
		power := float32(k) / float32(max(half-1, 1)) * 4
		ω := float32(math.Pow(10, float64(power)))
		for i := range steps {
			a := float64(float32(i) * ω)
			table[i*dim+k], table[i*dim+half+k] = math.Sin(a), math.Cos(a)
		}
	}
	at := ad.Cast(ad.Floor(ad.Shift(time, .5)), ad.I32)
	return ad.Reshape(ad.GatherNamed("layer "+s.prefix+name, s.Graph().Const(s.DType(), table, steps, dim), at), dim)
}

// embedConditions adds a Linear of every condition, "cond." and its name, to h [width]. A mask is no condition.
func (s *Scope) embedConditions(h ad.Value, in Inputs) ad.Value {
	width := h.Size()
	for i, c := range in.Cond {
		if in.Ports.Cond[i].Name == "mask" {
			continue
		}
		h = ad.Add(h, s.Linear("cond."+in.Ports.Cond[i].Name, ad.Flatten(ad.Cast(c, s.DType())), width))
	}
	return h
}

// embedInputs is what a network makes of time and conditions, [width]: two Linears with SiLU between them over the
// features of time, and a Linear of every condition.
func (s *Scope) embedInputs(in Inputs, features, width int) ad.Value {
	h := ad.SiLU(s.Linear("time.0", s.TimeFeatures(in.Time, features), width))
	return s.embedConditions(s.Linear("time.1", h, width), in)
}
