package path_test

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// A path for elongated data: where the variance-preserving path ends far from its prior N(0,I), the
// Schrödinger path started from the data's moments ends on it.
func Example() {
	data := ito.Gaussian{Mean: []float64{.9, 1.6}, Cov: []float64{4.4, 0, 0, 348.6}}

	vp := path.VP{BetaMin: .1, BetaMax: 10, Power: 1.7}
	end, err := path.MomentPrior(vp, data)
	if err != nil {
		panic(err)
	}
	fmt.Printf("vp:   mean (%.2f, %.2f), variance (%.2f, %.2f)\n", end.Mean[0], end.Mean[1], end.Cov[0], end.Cov[3])

	a, err := path.ConstantFromGaussian(data, vp.B(1))
	if err != nil {
		panic(err)
	}
	vsdm, err := path.NewVSDM(path.VSDMConfig{A: a, Mean: data.Mean})
	if err != nil {
		panic(err)
	}
	end, err = path.MomentPrior(vsdm, data)
	if err != nil {
		panic(err)
	}
	fmt.Printf("vsdm: mean (%.2f, %.2f), variance (%.2f, %.2f)\n", end.Mean[0], end.Mean[1], end.Cov[0], end.Cov[3])

	x0 := ito.NewStates(1, 2, 0)
	copy(x0.X, data.Mean)
	xt := x0.Like(2)
	if err := vsdm.Perturb(xt, x0, ito.Times{.5}, ito.Cond{}, ito.Seed(1)); err != nil {
		panic(err)
	}
	kind, config, err := path.Marshal(vsdm)
	if err != nil {
		panic(err)
	}
	again, err := path.Unmarshal(kind, config)
	if err != nil {
		panic(err)
	}
	fmt.Println(again.Name(), again.Dim())
	// Output:
	// vp:   mean (0.14, 0.24), variance (1.08, 9.04)
	// vsdm: mean (0.90, 1.60), variance (1.00, 1.00)
	// vsdm 2
}
