package pathspace

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// Bridge is the general bridge of arXiv:2307.01198, §3: [DIS] whose backward process is learned too, with a control v,
//
//	B: y − (½βy − √β v(t_{k+1}, y))dt + √(β dt) ε,
//
// which adds Σ[½|v|²dt − (x − (1−½β dt)y)·v/√β] to the cost of a path. In the Euler form v stands at (t_k, x) and the
// cost becomes ½|u+v|²dt + √dt (u+v)·ε + √β ∇·v dt − ½βd dt: the divergence is exact, D forward derivatives of the
// network, or with Probe estimated by Hutchinson's zᵀ∂v z with one sign vector z a path and step.
type Bridge struct {
	DIS
	Probe    bool     // Euler form only
	Backward *Learned // v
}

// NewBridge makes a bridge in dimension d with the initial weights of the seed; v is zero at first.
func NewBridge(form DIS, probe bool, d int, shape NetworkShape, seed uint64) (Bridge, error) {
	return newBridge(form, probe, d, shape, seed, ad.F32)
}

func newBridge(form DIS, probe bool, d int, shape NetworkShape, seed uint64, dtype ad.DType) (b Bridge, err error) {
	if err := form.Validate(); err != nil {
		return b, err
	}
	b = Bridge{DIS: form, Probe: probe}
	b.Backward, err = newLearned(form, d, shape, seed, false, dtype)
	return b, err
}

// Name implements Process.
func (Bridge) Name() string { return "bridge" }

// Validate implements Process.
func (b Bridge) Validate() error {
	if b.Backward == nil {
		return &ito.InputError{Where: "bridge", What: "there is no backward control", Do: "make it by NewBridge"}
	}
	return b.DIS.Validate()
}

// BackwardControl implements BothWays.
func (b Bridge) BackwardControl() *Learned { return b.Backward }

// Divergence implements BothWays: the Euler form has it.
func (b Bridge) Divergence() (needed, probed bool) { return b.Euler, b.Euler && b.Probe }

// Extra implements BothWays.
func (b Bridge) Extra(k int, x, y, u, ε, v []float64, div float64) float64 {
	β, dt := b.step(k)
	if b.Euler {
		r := math.Sqrt(β) * dt * div
		for j := range v {
			r += (u[j]*v[j]+v[j]*v[j]/2)*dt + math.Sqrt(dt)*v[j]*ε[j]
		}
		return r
	}
	r := 0.
	for j := range v {
		r += v[j]*v[j]/2*dt - (x[j]-y[j]*(1-β/2*dt))*v[j]/math.Sqrt(β)
	}
	return r
}

// TracedExtra implements BothWays, with the terms of DIS.
func (b Bridge) TracedExtra(c []ad.Value, x, y, u, ε, v, div ad.Value) ad.Value {
	_, dt := b.step(0)
	if b.Euler {
		own := ad.Dot(v, ad.Add(ad.Scale(ad.Add(u, ad.Scale(v, .5)), dt), ad.Scale(ε, math.Sqrt(dt))))
		return ad.Add(own, ad.Mul(div, c[disPush]))
	}
	back := ad.Sub(x, ad.Mul(y, c[disBack]))
	return ad.Sub(ad.Scale(ad.Dot(v, v), dt/2), ad.Div(ad.Dot(back, v), c[disRoot]))
}
