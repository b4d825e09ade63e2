package recipe

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/rng"
)

// kin are parents and children of a known law: x ~ N(0,1), n ~ Poisson(exp(.3+.5x)), and child k of a parent has
//
//	y_1 = x + ½ε_1,  y_k = x + ρ(y_{k−1}−x) + ½√(1−ρ²) ε_k,
//
// so that given x the y are N(x,¼) with correlation ρ between neighbours. A child's parent is drawn with the weight n,
// under which x ~ N(½,1).
type kin struct{ rho float64 }

// tables writes and reads n parents with their children.
func (l kin) tables(t *testing.T, n int) *relate.Tables {
	t.Helper()
	dir := t.TempDir()
	var parents, children bytes.Buffer
	fmt.Fprintln(&parents, "id,x")
	fmt.Fprintln(&children, "parent,y")
	key := rng.NewKey(7, rng.PurposeUser, 0, 0)
	z, u := make([]float64, 200), make([]float64, 1)
	for i := range n {
		key.Normals64(z, len(z), []uint64{uint64(i)})
		key.Uniforms64(u, 1, []uint64{uint64(1<<40 + i)})
		x := z[0]
		fmt.Fprintf(&parents, "P%05d,%.6f\n", i, x)
		y := x
		for k := range poisson(math.Exp(.3+.5*x), u[0]) {
			scale := .5
			if k > 0 {
				y, scale = x+l.rho*(y-x), .5*math.Sqrt(1-l.rho*l.rho)
			}
			y += scale * z[1+k]
			fmt.Fprintf(&children, "P%05d,%.6f\n", i, y)
		}
	}
	a, b := filepath.Join(dir, "parents.csv"), filepath.Join(dir, "children.csv")
	for name, text := range map[string][]byte{a: parents.Bytes(), b: children.Bytes()} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	k, err := relate.ParseKey("id=parent")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := relate.Read(relate.Side{File: a}, []relate.ChildSide{{Side: relate.Side{File: b}, Key: k}}, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tables.Close() })
	return tables
}

// poisson is the inverse of its distribution function.
func poisson(rate, u float64) int {
	n, p := 0, math.Exp(-rate)
	for u -= p; u > 0 && n < 150; u -= p {
		n++
		p *= rate / float64(n)
	}
	return n
}

// moments are what the test looks at.
type moments struct {
	n, none, mean, cor, lag float64
	counts                  [10]float64
}

func momentsOf(f Family) moments {
	var m moments
	counts := make([]int, f.Parents.N)
	var xs, ys, before, after []float64
	for r, i := range f.Of[0] {
		x, y := f.Parents.Row(i)[1], f.Children[0].Row(r)[1]
		xs, ys = append(xs, x), append(ys, y)
		if counts[i]++; counts[i] > 1 {
			before, after = append(before, f.Children[0].Row(r - 1)[1]-x), append(after, y-x)
		}
		m.mean += y
	}
	for _, n := range counts {
		m.n += float64(n) / float64(len(counts))
		m.counts[min(n, 9)] += 1 / float64(len(counts))
	}
	m.none, m.mean = m.counts[0], m.mean/float64(len(ys))
	m.cor, m.lag = correlation(xs, ys), correlation(before, after)
	return m
}

func correlation(a, b []float64) float64 {
	var sa, sb, saa, sbb, sab float64
	n := float64(len(a))
	for i := range a {
		sa, sb = sa+a[i]/n, sb+b[i]/n
	}
	for i := range a {
		saa, sbb, sab = saa+(a[i]-sa)*(a[i]-sa), sbb+(b[i]-sb)*(b[i]-sb), sab+(a[i]-sa)*(b[i]-sb)
	}
	return sab / math.Sqrt(saa*sbb)
}

// exactCounts are P(n) for n < 9 and P(n ≥ 9), by the trapezoidal rule over x.
func exactCounts() (p [10]float64) {
	p[9] = 1
	for n := range 9 {
		const h = .01
		f := 1.
		for k := 2; k <= n; k++ {
			f *= float64(k)
		}
		for x := -8.; x <= 8; x += h {
			rate := math.Exp(.3 + .5*x)
			p[n] += h * math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) * math.Pow(rate, float64(n)) * math.Exp(-rate) / f
		}
		p[9] -= p[n]
	}
	return p
}

func drawAll(t *testing.T, m *relate.Model, n int) Family {
	t.Helper()
	cfg := DefaultSample()
	cfg.N = n
	var out Family
	if _, err := SampleTables(context.Background(), m, cfg, RunOptions{}, func(f Family) error {
		if out.Parents.N == 0 {
			out = f
			return nil
		}
		for i := range f.Of[0] {
			f.Of[0][i] += out.Parents.N
		}
		out.Of[0] = append(out.Of[0], f.Of[0]...)
		for _, pair := range []struct{ to, from *[]float64 }{{&out.Parents.X, &f.Parents.X},
			{&out.Children[0].X, &f.Children[0].X}} {
			*pair.to = append(*pair.to, *pair.from...)
		}
		out.Parents.N += f.Parents.N
		out.Parents.ID = append(out.Parents.ID, f.Parents.ID...)
		out.Children[0].N += f.Children[0].N
		out.Children[0].ID = append(out.Children[0].ID, f.Children[0].ID...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// Numbers of rows, the children's mean and their dependence on parent and neighbour against the exact law.
func TestTablesOfKnownLaw(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	for _, c := range []struct {
		rho      float64
		siblings string
		lag      float64
	}{{.8, relate.Previous, .8}, {.8, relate.None, 0}} {
		cfg := DefaultTrain()
		cfg.Steps, cfg.Width, cfg.LR = 1500, 64, .003
		tables := kin{c.rho}.tables(t, 4000)
		m, _, err := FitTables(context.Background(), tables, cfg, TablesOptions{Siblings: c.siblings})
		if err != nil {
			t.Fatal(err)
		}
		got := momentsOf(drawAll(t, m, 4000))
		exact, tv := exactCounts(), 0.
		for n := range exact {
			tv += math.Abs(got.counts[n]-exact[n]) / 2
		}
		t.Logf("ρ %g, siblings %s: rows a parent %.3f (%.3f), none %.3f (%.3f), TV of counts %.3f, mean %.3f (.5), "+
			"correlation with the parent %.3f (%.3f), of neighbours %.3f (%.2f)", c.rho, c.siblings, got.n,
			math.Exp(.425), got.none, exact[0], tv, got.mean, got.cor, 1/math.Sqrt(1.25), got.lag, c.lag)
		if math.Abs(got.n-math.Exp(.425)) > .12 || tv > .04 || math.Abs(got.mean-.5) > .1 ||
			math.Abs(got.cor-1/math.Sqrt(1.25)) > .03 || math.Abs(got.lag-c.lag) > .1 {
			t.Errorf("siblings %s: another law", c.siblings)
		}
	}
}

// Samples are the same whatever the number, the first, the workers and the chunks are, and every child has a parent
// that counts it.
func TestTablesPartsAreTheSame(t *testing.T) {
	cfg := DefaultTrain()
	cfg.Steps, cfg.Width, cfg.Batch = 60, 16, 32
	for _, siblings := range []string{relate.Previous, relate.Place, relate.None} {
		m, _, err := FitTables(context.Background(), kin{.5}.tables(t, 300), cfg, TablesOptions{Siblings: siblings})
		if err != nil {
			t.Fatal(err)
		}
		draw := func(first uint64, n, workers, chunk int) (parents, children []float64, ids []uint64) {
			s := DefaultSample()
			s.First, s.N, s.NFE, s.Chunk = first, n, 4, chunk
			if _, err := SampleTables(context.Background(), m, s, RunOptions{Workers: workers}, func(f Family) error {
				parents, children = append(parents, f.Parents.X...), append(children, f.Children[0].X...)
				ids = append(ids, f.Children[0].ID...)
				for i := range f.Parents.N {
					k := 0
					for r, of := range f.Of[0] {
						if of == i {
							if parent, place := m.Children[0].Owner(f.Children[0].ID[r]); parent != f.Parents.ID[i] ||
								place != k {
								t.Fatalf("row %d of parent %d has the id of row %d of %d", k, f.Parents.ID[i], place,
									parent)
							}
							k++
						}
					}
					if n := f.Parents.Row(i)[m.Own]; n != float64(k) {
						t.Fatalf("parent %d has %d rows, and says %g", i, k, n)
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return parents, children, ids
		}
		p, c, ids := draw(0, 200, 1, 0)
		for _, cut := range []int{1, 77, 199} {
			pa, ca, ia := draw(0, cut, 2, 3)
			pb, cb, ib := draw(uint64(cut), 200-cut, 3, 50)
			if !slices.Equal(append(pa, pb...), p) || !slices.EqualFunc(append(ca, cb...), c, sameBits) ||
				!slices.Equal(append(ia, ib...), ids) {
				t.Errorf("siblings %s: in parts from %d other rows", siblings, cut)
			}
		}
		seen := map[uint64]bool{}
		for _, id := range ids {
			if seen[id] {
				t.Errorf("id %d comes twice", id)
			}
			seen[id] = true
		}
	}
}

func sameBits(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

// What cannot be is refused by what is wrong.
func TestTablesRefuse(t *testing.T) {
	tables := kin{0}.tables(t, 50)
	cfg := DefaultTrain()
	cfg.Steps, cfg.Epsilon = 5, 1
	if _, _, err := FitTables(context.Background(), tables, cfg, TablesOptions{}); err == nil {
		t.Error("differential privacy of several tables")
	}
	cfg.Epsilon = 0
	m, _, err := FitTables(context.Background(), tables, cfg, TablesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Collect(context.Background(), m.Children[0].Model, DefaultSample(), RunOptions{}); err == nil {
		t.Error("children without parents")
	}
}
