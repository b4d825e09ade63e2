package data

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/rng"
)

// DefaultRows is the number of rows of a built-in set when none is given.
const DefaultRows = 20000

// A toy makes a point of the plane from two uniforms of (0,1), two standard normals and a whole
// number below its parts (its arc, ring or cell).
type toy struct {
	name  string
	parts int
	point func(u, z [2]float64, part int) (x, y float64)
}

// The built-in sets. spiral and checkerboard are those of the VSDM paper's toy experiments before
// their axes are stretched; the others are the customary ones.
var toys = []toy{
	{"spiral", 1, spiral},
	{"checkerboard", 8, checkerboard},
	{"moons", 2, moons},
	{"swissroll", 1, swissroll},
	{"pinwheel", 5, pinwheel},
	{"rings", 4, rings},
	{"gaussians", 8, gaussians},
}

// Names lists the built-in sets.
func Names() []string {
	names := make([]string, len(toys))
	for k, t := range toys {
		names[k] = t.name
	}
	return names
}

// Builtin makes n rows (x, y) of a built-in set:
//
//	spiral        θ = 3π√u − π/2, .4((θ+π)(cos θ, sin θ) + .25 z); an 8:1 spiral is this scaled by (1, 8)
//	checkerboard  uniform on the squares of [−2π,2π]² where sin x sin y ≤ 0; a 6:1 one is scaled by (6, 1)
//	moons         two half circles of radius 1, noise .05
//	swissroll     t = 1.5π(1+2u), (t cos t, t sin t)/5, noise .2
//	pinwheel      five bent blades, radial sd .3, tangential .1, turned by .25 exp(r)
//	rings         four rings of radius .75, 1.5, 2.25, 3, noise .08
//	gaussians     eight at radius 4/√2, sd .5/√2
//
// with u uniform and z normal. Row i depends on (seed, i) alone, so that more rows begin with the same.
func Builtin(name string, n int, seed uint64) (*Table, error) {
	k := find(Names(), name)
	if k < 0 {
		return nil, &ito.InputError{Where: name, What: "no built-in set has that name", Do: suggest.Among(name,
			Names())}
	}
	if n < 1 {
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("%d rows", n), Do: "ask for one or more"}
	}
	s := ito.NewStates(n, 2, 0)
	u, z := s.Like(2), s.Like(2)
	rng.NewKey(seed, rng.PurposeTarget, 0, 0).Uniforms64(u.X, 2, s.ID)
	rng.NewKey(seed, rng.PurposeTarget, 0, 1).Normals64(z.X, 2, s.ID)
	part := rng.NewKey(seed, rng.PurposeTarget, 0, 2)
	for i, id := range s.ID {
		r := s.Row(i)
		r[0], r[1] = toys[k].point([2]float64(u.Row(i)), [2]float64(z.Row(i)), part.Intn(id, 0, toys[k].parts))
	}
	return &Table{Name: name, Columns: DefaultColumns(2), Rows: n, Cols: 2, X: s.X}, nil
}

func spiral(u, z [2]float64, _ int) (x, y float64) {
	θ := float64(3*math.Pi*math.Sqrt(u[0])) - math.Pi/2
	ρ := θ + math.Pi
	sin, cos := math.Sincos(θ)
	return .4 * (float64(ρ*cos) + float64(.25*z[0])), .4 * (float64(ρ*sin) + float64(.25*z[1]))
}

// checkerboard draws one of the 8 squares of side π whose indices have an odd sum, then a point in it.
func checkerboard(u, _ [2]float64, part int) (x, y float64) {
	column, row := part/2, 2*(part%2)
	if column%2 == 0 {
		row++
	}
	return math.Pi * (float64(column-2) + u[0]), math.Pi * (float64(row-2) + u[1])
}

func moons(u, z [2]float64, part int) (x, y float64) {
	sin, cos := math.Sincos(math.Pi * u[0])
	if part == 1 {
		cos, sin = 1-cos, .5-sin
	}
	return cos + float64(.05*z[0]), sin + float64(.05*z[1])
}

func swissroll(u, z [2]float64, _ int) (x, y float64) {
	t := 1.5 * math.Pi * (1 + float64(2*u[0]))
	sin, cos := math.Sincos(t)
	return (float64(t*cos) + z[0]) / 5, (float64(t*sin) + z[1]) / 5
}

func pinwheel(_, z [2]float64, part int) (x, y float64) {
	a, b := 1+float64(.3*z[0]), .1*z[1]
	sin, cos := math.Sincos(2*math.Pi*float64(part)/5 + float64(.25*math.Exp(a)))
	return 2 * (float64(a*cos) - float64(b*sin)), 2 * (float64(a*sin) + float64(b*cos))
}

func rings(u, z [2]float64, part int) (x, y float64) {
	sin, cos := math.Sincos(2 * math.Pi * u[0])
	r := .75 * float64(part+1)
	return float64(r*cos) + float64(.08*z[0]), float64(r*sin) + float64(.08*z[1])
}

func gaussians(_, z [2]float64, part int) (x, y float64) {
	sin, cos := math.Sincos(math.Pi / 4 * float64(part))
	return (float64(4*cos) + float64(.5*z[0])) / math.Sqrt2, (float64(4*sin) + float64(.5*z[1])) / math.Sqrt2
}
