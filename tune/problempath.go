package tune

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// PathNames are the paths that [On] knows.
func PathNames() []string { return []string{"vp", "edm", "ve", "subvp", "flow", "cosine", "vsdm"} }

// On is the problem of mixture data on a path by its name, with the path's default settings: vp from 1 to 10⁻³, edm
// from 80 to .002, the others over their span. vsdm is centred at the mean of the data, with the constant A at
// which its alternation would end if the data were Gaussian with their moments. Starts are normal with the path's
// σ; those of vsdm are from its prior, N(μ,I).
func On(name string, data field.Mixture, pathName string) (MixtureProblem, error) {
	if err := data.Check(); err != nil {
		return MixtureProblem{}, err
	}
	o := MixtureProblem{Name: name, Data: data}
	options := path.Settings{D: data.D}
	switch pathName {
	case "vp":
		o.Path, o.From, o.To, o.Scale = path.VP{}, 1, 1e-3, 1
		return o, nil
	case "edm":
		o.Path, o.From, o.To, o.Scale = path.EDM{}, 80, .002, 80
		return o, nil
	case "vsdm":
		g := data.Moments()
		options.Mean = g.Mean
		var err error
		if options.A, err = path.ConstantFromGaussian(g, path.VP{BetaMax: 10, Power: 1.7}.B(1)); err != nil {
			return o, err
		}
	case "ve", "subvp", "flow", "cosine":
	default:
		return o, &ito.InputError{What: fmt.Sprintf("unknown path %q", pathName), Do: "choose one of " +
			strings.Join(PathNames(), ", ")}
	}
	p, err := path.New(pathName, options)
	if err != nil {
		return o, err
	}
	o.Path = p
	o.To, o.From = p.Span()
	if d, ok := p.(ito.Diagonal); ok && d.Modes() == 1 {
		σ := make([]float64, 1)
		d.Schedule(o.From, nil, σ, nil, nil)
		o.Scale = σ[0]
	}
	return o, nil
}
