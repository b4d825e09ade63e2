package metric

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// autocovariances are those of the halves of a series, their mean over the halves, a window of lags at a time:
// halves up to lags long have one Fourier transform each, of longer ones blocks are correlated with what follows
// them, so that memory is that of a window.
type autocovariances struct {
	w    *Summariser
	s    series
	mean []float64 // [halves]
	lags int       // of a window
	m    int       // length of a transform
	from int       // first lag in the window
	acov []float64 // [lags]
}

// spectra are the buffers of autocovariances.
type spectra struct {
	fft       *fourier.FFT
	y         []float64
	u, v, sum []complex128
}

func (w *Summariser) autocovariances(s series, mean []float64) *autocovariances {
	a := &autocovariances{w: w, s: s, mean: mean, lags: s.n, m: 2 * smooth(s.n), from: -1}
	if s.n > w.lags {
		a.lags, a.m = w.lags, 2*w.lags
	}
	if p := &w.spectra; p.fft == nil || p.fft.Len() != a.m {
		k := a.m/2 + 1
		*p = spectra{fourier.NewFFT(a.m), make([]float64, a.m), make([]complex128, k), make([]complex128, k),
			make([]complex128, k)}
	}
	return a
}

// at is the covariance at lag t, divided by n.
func (a *autocovariances) at(t int) (float64, error) {
	if a.from < 0 || t < a.from || t >= a.from+a.lags {
		a.from = t / a.lags * a.lags
		if err := a.window(); err != nil {
			return 0, err
		}
	}
	return a.acov[t-a.from], nil
}

// window computes the covariances from lag from on: those of x_i, i in a block, with x_{i+from}, …,
// x_{i+from+lags−1}, summed over the blocks.
func (a *autocovariances) window() error {
	p := &a.w.spectra
	clear(p.sum)
	for h := range a.s.halves {
		for at := 0; at+a.from < a.s.n; at += a.lags {
			if err := a.transform(p.u, h, at, a.lags); err != nil {
				return err
			}
			v := p.u
			if a.s.n > a.lags {
				v = p.v
				if err := a.transform(v, h, at+a.from, a.m); err != nil {
					return err
				}
			}
			for k, u := range p.u {
				p.sum[k] += complex(real(u), -imag(u)) * v[k]
			}
		}
	}
	a.acov = p.fft.Sequence(p.y, p.sum)
	scale := 1 / (float64(a.m) * float64(a.s.n) * float64(a.s.halves))
	for t := range a.acov {
		a.acov[t] *= scale
	}
	return nil
}

// transform is the transform of at most n centred numbers of a half from at on, with zeros behind them.
func (a *autocovariances) transform(dst []complex128, half, at, n int) error {
	y := a.w.spectra.y
	n = min(n, a.s.n-at)
	if err := a.s.read(y[:n], half, at); err != nil {
		return err
	}
	for i := range y[:n] {
		y[i] -= a.mean[half]
	}
	clear(y[n:])
	a.w.spectra.fft.Coefficients(dst, y)
	return nil
}

// ess is the function of this name: it computes as many lags as Geyer's sequence has and keeps none of them.
func (w *Summariser) ess(s series, m moments) (float64, error) {
	if m.degenerate || s.n < 3 {
		return math.NaN(), nil
	}
	n := float64(s.n)
	meanVar := 0.0
	for _, v := range m.variance {
		meanVar += v / float64(s.halves)
	}
	plus := meanVar * (n - 1) / n
	if s.halves > 1 {
		_, v := meanVariance(m.mean)
		plus += v
	}
	a := w.autocovariances(s, m.mean)
	var failed error
	ρ := func(t int) float64 {
		c, err := a.at(t)
		if err != nil {
			failed = err
			return math.NaN()
		}
		return 1 - (meanVar-c)/plus
	}
	// The initial positive sequence: pairs of lags while their sum is positive. A pair counts when the next has
	// begun, and then no more than the one before.
	even, odd := 1.0, ρ(1)
	before, sum, t := math.Inf(1), 0.0, 0
	for t < s.n-5 && even+odd > 0 {
		before = min(before, even+odd)
		sum += before
		t += 2
		even, odd = ρ(t), ρ(t+1)
	}
	last := max(even, 0)
	if even+odd >= 0 {
		last = even
	}
	if failed != nil {
		return math.NaN(), failed
	}
	τ := -1 + last + 2*sum
	size := n * float64(s.halves)
	return size / max(τ, 1/math.Log10(size)), nil
}
