package inverse

import (
	"fmt"
	"math"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Likelihood is the noise of a measurement: p(y | ŷ) with ŷ = A(x), number by number.
type Likelihood interface {
	// Kind is the word of the noise.
	Kind() string
	// Measure makes a measurement of ŷ in place, with a standard normal z and a uniform u for every number.
	Measure(y, z, u []float64)
	// Grad writes ∂ log p(y|ŷ)/∂ŷ into g. It may be one of a smoother density with the same variance.
	Grad(g, y, yhat []float64)
	// Variance is that of a number that is measured as y.
	Variance(y float64) float64
}

// Gaussian is additive noise of one standard deviation; 0: none.
type Gaussian struct {
	Sigma float64 `json:"sigma" default:"0.05" min:"0" help:"Standard deviation."`
}

// Kind implements Likelihood.
func (Gaussian) Kind() string { return "gaussian" }

// Measure implements Likelihood.
func (n Gaussian) Measure(y, z, _ []float64) {
	for i := range y {
		y[i] += float64(n.Sigma * z[i])
	}
}

// Grad implements Likelihood. Without noise it is y − ŷ, that of σ = 1.
func (n Gaussian) Grad(g, y, yhat []float64) {
	v := n.Sigma * n.Sigma
	if v == 0 {
		v = 1
	}
	for i := range g {
		g[i] = (y[i] - yhat[i]) / v
	}
}

// Variance implements Likelihood.
func (n Gaussian) Variance(float64) float64 { return n.Sigma * n.Sigma }

// Poisson is photon noise: Gain·y is Poisson with mean Gain·ŷ. A ŷ below 0 counts as 0. It is drawn as the nearest
// whole number to the normal of its moments above a mean of 30, otherwise by inversion.
type Poisson struct {
	Gain float64 `json:"gain" default:"100" above:"0" help:"Photons of a value of 1."`
}

// Kind implements Likelihood.
func (Poisson) Kind() string { return "poisson" }

// Measure implements Likelihood.
func (n Poisson) Measure(y, z, u []float64) {
	for i, v := range y {
		mean := math.Max(0, n.Gain*v)
		k := 0.
		if mean > 30 {
			k = math.Max(0, math.Round(mean+float64(math.Sqrt(mean)*z[i])))
		} else {
			for p, sum := math.Exp(-mean), 0.; ; k++ {
				if sum += p; u[i] <= sum || p == 0 {
					break
				}
				p *= mean / (k + 1)
			}
		}
		y[i] = k / n.Gain
	}
}

// leastPhotons keeps the gradient finite where no photon is expected.
const leastPhotons = .5

// Grad implements Likelihood: Gain(y/ŷ − 1), with ŷ of at least half a photon.
func (n Poisson) Grad(g, y, yhat []float64) {
	for i := range g {
		g[i] = n.Gain * (y[i]/math.Max(yhat[i], leastPhotons/n.Gain) - 1)
	}
}

// Variance implements Likelihood: y/Gain, of at least half a photon.
func (n Poisson) Variance(y float64) float64 { return math.Max(y, leastPhotons/n.Gain) / n.Gain }

// Uniform is additive noise evenly within ±Width. Its gradient is that of the Gaussian with the same variance Width²/3:
// its own is 0 or not there.
type Uniform struct {
	Width float64 `json:"width" default:"0.1" above:"0" help:"Half the range."`
}

// Kind implements Likelihood.
func (Uniform) Kind() string { return "uniform" }

// Measure implements Likelihood.
func (n Uniform) Measure(y, _, u []float64) {
	for i := range y {
		y[i] += n.Width * (2*u[i] - 1)
	}
}

// Grad implements Likelihood.
func (n Uniform) Grad(g, y, yhat []float64) { Gaussian{n.Width / math.Sqrt(3)}.Grad(g, y, yhat) }

// Variance implements Likelihood.
func (n Uniform) Variance(float64) float64 { return n.Width * n.Width / 3 }

var noises = spec.NewRegistry("measurement noise", Likelihood.Kind)

func init() {
	noises.Register("Additive and normal.", func() Likelihood { return Gaussian{} })
	noises.Register("Of photons.", func() Likelihood { return Poisson{} })
	noises.Register("Additive within bounds.", func() Likelihood { return Uniform{} })
}

// ParseNoise makes the noise that a word names, as poisson:gain=50; a number is the σ of gaussian.
func ParseNoise(word string) (Likelihood, error) {
	if σ, err := strconv.ParseFloat(word, 64); err == nil {
		if !(σ >= 0) || math.IsInf(σ, 0) {
			return nil, &ito.InputError{Where: "`noise`", What: fmt.Sprintf("a standard deviation of %s", word),
				Do: "give a number that is not negative"}
		}
		return Gaussian{σ}, nil
	}
	return noises.Parse(word)
}

// shifted is noise around ŷ + offset, of an operator whose offset was left out.
type shifted struct {
	Likelihood
	offset []float64
}

// Shifted is the noise of measurements y whose operator leaves out an offset that y has; nil: none.
func Shifted(n Likelihood, offset []float64) Likelihood {
	if offset == nil {
		return n
	}
	return shifted{n, offset}
}

// Grad implements Likelihood.
func (s shifted) Grad(g, y, yhat []float64) {
	full := make([]float64, len(yhat))
	for i, v := range yhat {
		full[i] = v + s.offset[i]
	}
	s.Likelihood.Grad(g, y, full)
}
