package inverse

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

func normals(n int, id uint64) []float64 {
	x := make([]float64, n)
	rng.NewKey(9, rng.PurposeUser, 0, 0).Normals64(x, n, []uint64{id})
	return x
}

func files(name string) (Array, error) {
	switch name {
	case "mask.npy":
		return Array{[]int{6, 8}, append(make([]float64, 20), normals(28, 3)...)}, nil
	case "A.npy":
		return Array{[]int{7, 48}, normals(7*48, 4)}, nil
	case "none.npy":
		return Array{[]int{48}, make([]float64, 48)}, nil
	case "odd.npy":
		return Array{[]int{5}, make([]float64, 5)}, nil
	}
	return Array{}, &ito.InputError{Where: name, What: "there is no such file"}
}

// shapes are states of 48 numbers: a series, an image, one of three channels, a complex one.
var shapes = [][]int{{48}, {6, 8}, {4, 4, 3}, {4, 6, 2}}

// words are operators on each of the shapes that they can measure.
func operators(t *testing.T) map[string]Operator {
	t.Helper()
	out := map[string]Operator{}
	for _, shape := range shapes {
		for _, w := range []string{"identity", "mask", "mask:box=0,0,1,2", "mask:file=mask.npy", "blur:sigma=1.3",
			"blur:sigma=.4", "motion:length=5,angle=30", "downsample", "bicubic", "random:measurements=20",
			"random:ratio=.1", "fourier:accel=2", "fourier:accel=1", "fourier:accel=4,centre=1", "radon:angles=5", "grey",
			"phase", "phase:oversample=1", "clip", "linear:A.npy", "blur|downsample", "mask & blur", "blur|clip & grey",
			"grey|downsample", "downsample|blur"} {
			a, err := Parse(w, Setting{Shape: shape, Open: files})
			if err != nil {
				if !errors.Is(err, ito.ErrInput) {
					t.Errorf("%s of %v: %v", w, shape, err)
				}
				continue
			}
			out[w+" of "+word(shape)] = a
		}
	}
	p, err := NewProgram("sine", 48, func(x ad.Value) ad.Value { return ad.Sin(ad.Slice(x, 0, 3, 20)) })
	if err != nil {
		t.Fatal(err)
	}
	out["sine"] = p
	return out
}

func word(shape []int) string {
	return strings.Repeat("axis ", len(shape)) + string(rune('0'+shape[len(shape)-1]))
}

// Every operator is the adjoint of its adjoint, or its VJP the derivative; SVDs are decompositions.
func TestOperators(t *testing.T) {
	all := operators(t)
	if len(all) < 70 {
		t.Errorf("%d operators", len(all))
	}
	for name, a := range all {
		if err := CheckAdjoint(a, 5); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		d, m := a.Dims()
		s, ok := a.(Spectral)
		if !ok {
			if _, linear := a.(Linear); linear {
				t.Errorf("%s has no decomposition", name)
			}
			continue
		}
		svd, err := s.SVD()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkSVD(t, name, s, svd, d, m)
	}
}

func checkSVD(t *testing.T, name string, a Spectral, s SVD, d, m int) {
	t.Helper()
	v := s.Values()
	r := len(v)
	x, want, y, z := normals(d, 1), make([]float64, m), make([]float64, m), make([]float64, r)
	a.Apply(want, x)
	s.VT(z, x)
	for i := range z {
		z[i] *= v[i]
	}
	s.U(y, z)
	near(t, name+": U s Vᵀ x", y, want, 1e-10)
	back := make([]float64, r)
	c := normals(r, 2)
	zero := least(v)
	s.V(x, c)
	s.VT(back, x)
	near(t, name+": VᵀV", back, c, 1e-10)
	s.U(y, c)
	s.UT(back, y)
	for i := range c {
		if v[i] <= zero { // a direction of U that A does not reach may be anything
			back[i], c[i] = 0, 0
		}
	}
	near(t, name+": UᵀU", back, c, 1e-10)
	// the pseudo-inverse: A A⁺ A = A
	xp, again := make([]float64, d), make([]float64, m)
	PInv(xp, want, s)
	a.Apply(again, xp)
	near(t, name+": A A⁺ A", again, want, 1e-8)
}

func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	scale := math.Sqrt(matrix.Dot(want, want)) + 1e-300
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol*scale) {
			t.Errorf("%s: entry %d is %.12g, want %.12g", what, i, got[i], want[i])
			return
		}
	}
}

// Structured decompositions agree with those of the matrix, and Norm with its largest singular value.
func TestSingularValuesAreThoseOfTheMatrix(t *testing.T) {
	for name, a := range operators(t) {
		s, ok := a.(Spectral)
		if !ok {
			continue
		}
		own, err := s.SVD()
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDenseSVD(s)
		if err != nil {
			t.Fatal(err)
		}
		got, want := 0., 0.
		for _, v := range own.Values() {
			got += v * v
		}
		for _, v := range d.Values() {
			want += v * v
		}
		if math.Abs(got-want) > 1e-9*want {
			t.Errorf("%s: Σs² is %g, of the matrix %g", name, got, want)
		}
		if n := Norm(s); math.Abs(n-d.Values()[0]) > 1e-9*n {
			t.Errorf("%s: norm %g, of the matrix %g", name, n, d.Values()[0])
		}
		if p := Norm(struct{ Linear }{s}); p > Norm(s)*(1+1e-9) || p < .97*Norm(s) {
			t.Errorf("%s: norm %g by power iterations, %g", name, p, Norm(s))
		}
	}
}

type broken struct{ identity }

func (broken) Kind() string             { return "broken-blur" }
func (broken) Adjoint(dx, w []float64)  { copy(dx, w); dx[0] *= 1.01 }
func (b broken) VJP(dx, _, w []float64) { b.Adjoint(dx, w) }

// An operator whose adjoint is not one is named.
func TestBrokenAdjointIsNamed(t *testing.T) {
	err := CheckAdjoint(broken{identity{9, []int{9}}}, 1)
	var a *AdjointError
	if !errors.As(err, &a) || a.Operator != "broken-blur" || !strings.Contains(err.Error(), "broken-blur") ||
		!errors.Is(err, ito.ErrInput) {
		t.Errorf("%v", err)
	}
}

// Naive references: a convolution by its sum, a Fourier coefficient by its sum.
func TestBlurAndFourierAreTheirSums(t *testing.T) {
	shape := []int{5, 6}
	x, kernel := normals(30, 1), normals(30, 2)
	b, err := NewBlur(shape, kernel)
	if err != nil {
		t.Fatal(err)
	}
	y, want := make([]float64, 30), make([]float64, 30)
	for i := range 30 {
		for k := range 30 {
			want[i] += kernel[k] * x[(i/6-k/6+5)%5*6+(i%6-k%6+6)%6]
		}
	}
	b.Apply(y, x)
	near(t, "convolution", y, want, 1e-12)
	kept := make([]bool, 30)
	kept[1*6+2] = true
	f, err := NewFourier(shape, kept)
	if err != nil {
		t.Fatal(err)
	}
	re, im := 0., 0.
	for i := range 30 {
		φ := -2 * math.Pi * (float64(i/6)/5 + 2*float64(i%6)/6)
		re += x[i] * math.Cos(φ) / math.Sqrt(30)
		im += x[i] * math.Sin(φ) / math.Sqrt(30)
	}
	f.Apply(y[:2], x)
	near(t, "frequency", y[:2], []float64{re, im}, 1e-12)
}

// What cannot be measured is refused with the operator's name and what to do.
func TestBadOperators(t *testing.T) {
	for _, c := range []struct {
		word  string
		shape []int
		says  string
	}{
		{"blurr:sigma=1", []int{8}, "blur"},
		{"blur:sigma=0", []int{8}, "sigma"},
		{"blur:sigma=x", []int{8}, "sigma"},
		{"mask:keep=1", []int{8}, "hides nothing"},
		{"mask:keep=.01", []int{8}, "hides everything"},
		{"mask:file=none.npy", []int{6, 8}, "hides everything"},
		{"mask:file=odd.npy", []int{6, 8}, "5 numbers"},
		{"mask:file=missing.npy", []int{6, 8}, "no such file"},
		{"mask:box=4,4,9,9", []int{6, 8}, "box"},
		{"downsample:factor=3", []int{8, 8}, "3"},
		{"grey", []int{8, 8}, "one channel"},
		{"grey:luma", []int{8, 8, 2}, "luma"},
		{"radon", []int{8}, "images of one channel"},
		{"linear:A.npy", []int{9}, "48"},
		{"linear", []int{9}, "matrix"},
		{"clip:low=1,high=0", []int{9}, "low below high"},
		{"quantise:low=1,high=1", []int{9}, "low below high"},
		{"blur", []int{2, 2, 2, 2}, "shape"},
		{"identity|", []int{4}, "operator"},
		{"", []int{4}, "operator"},
	} {
		_, err := Parse(c.word, Setting{Shape: c.shape, Open: files})
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q of %v: %v", c.word, c.shape, err)
		}
	}
	a, _ := Parse("downsample", Setting{Shape: []int{8}})
	b, _ := Parse("identity", Setting{Shape: []int{8}})
	if _, err := Compose(b, a); !errors.Is(err, ito.ErrInput) {
		t.Errorf("composed with other sizes: %v", err)
	}
	c, _ := Parse("identity", Setting{Shape: []int{4}})
	if _, err := Stack(b, c); !errors.Is(err, ito.ErrInput) {
		t.Errorf("stacked with other sizes: %v", err)
	}
	if _, err := NewProgram("bad", 4, func(x ad.Value) ad.Value { return ad.Slice(x, 0, 3, 9) }); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("a program that does not fit: %v", err)
	}
}

// InUnits measures rows: A(row) = A_in(state) + offset, and the decomposition is that of the states.
func TestInUnits(t *testing.T) {
	row := normals(8, 5)
	v := normals(9, 6)
	w := inverse3(v)
	for name, tr := range map[string]ito.Transform{
		"none":   {},
		"pixels": {Shift: []float64{2}, Scale: []float64{3}},
		"columns": {Width: 8, Keep: []int{1, 3, 4}, Const: row, Shift: []float64{1, 2, 3},
			Scale: []float64{.5, 2, 4}},
		"whiten": {Width: 8, Keep: []int{1, 3, 4}, Const: row, Shift: []float64{1, 2, 3}, V: v, W: w},
	} {
		for _, word := range []string{"mask", "blur", "downsample", "random:measurements=3", "phase"} {
			a, err := Parse(word, Setting{Shape: []int{8}})
			if err != nil {
				t.Fatal(err)
			}
			in, offset, err := InUnits(a, tr, 8)
			if err != nil {
				t.Fatal(err)
			}
			d, m := in.Dims()
			state, want, got := make([]float64, d), make([]float64, m), make([]float64, m)
			if err := tr.Forward(state, row); err != nil {
				t.Fatal(err)
			}
			a.Apply(want, row)
			in.Apply(got, state)
			for i, o := range offset {
				got[i] += o
			}
			near(t, word+" in units of "+name, got, want, 1e-9)
			if err := CheckAdjoint(in, 3); err != nil {
				t.Errorf("%s in units of %s: %v", word, name, err)
			}
			if s, ok := in.(Spectral); ok {
				svd, err := s.SVD()
				if err != nil {
					t.Fatal(err)
				}
				checkSVD(t, word+" in units of "+name, s, svd, d, m)
			}
		}
	}
}

// inverse3 is the inverse of a 3×3 matrix by its cofactors.
func inverse3(a []float64) []float64 {
	out := make([]float64, 9)
	det := 0.
	for i := range 3 {
		for j := range 3 {
			r, s, u, v := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
			out[j*3+i] = a[r*3+u]*a[s*3+v] - a[r*3+v]*a[s*3+u]
			if i == 0 {
				det += a[j] * out[j*3]
			}
		}
	}
	for i := range out {
		out[i] /= det
	}
	return out
}
