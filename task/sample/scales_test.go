package sample

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/train"
)

// What the warnings about scales advise works: a column that no `transform` brings to a scale of its own, because of its
// tails, of one value or of its unit, has samples with the quartiles of the data when it is learned by its ranks.
func TestRanksLearnEveryScale(t *testing.T) {
	z := ito.NewStates(1000, 2, 0)
	ito.Seed(3).Normal(z, rng.PurposeUser, 0, 0)
	for name, of := range map[string]func(i int, z float64) float64{
		"offset": func(_ int, z float64) float64 { return 1e9 + z },
		"tails": func(_ int, z float64) float64 {
			c := math.Tan(math.Pi / 2 * math.Erf(z/math.Sqrt2))
			return c * c * c
		},
		"outlier": func(i int, z float64) float64 {
			if i == 7 {
				return 1e12
			}
			return z
		},
		"unit": func(_ int, z float64) float64 { return 1e-160 * z },
	} {
		t.Run(name, func(t *testing.T) {
			text := bytes.NewBufferString("x,y\n")
			var want []float64
			for i := range z.N {
				want = append(want, of(i, z.Row(i)[0]))
				fmt.Fprintf(text, "%v,%v\n", want[i], z.Row(i)[1])
			}
			file := filepath.Join(t.TempDir(), "d.csv")
			if err := os.WriteFile(file, text.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
			c := spec.New[train.Config]()
			c.Data, c.Path, c.Steps, c.Batch, c.Width, c.Depth, c.LR = file, "flow", 400, 128, 32, 2, .005
			c.Types = []string{"x=real"}
			c.Out = filepath.Join(t.TempDir(), "m.safetensors")
			if _, err := train.Run(context.Background(), c, train.Env{}); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			s := config(c.Out, 1000)
			s.Out, s.NFE = "-", 20
			if _, err := Run(context.Background(), s, Env{Env: task.Env{Stdout: &out}}); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(&out).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var got []float64
			for _, r := range rows[1:] {
				v, err := strconv.ParseFloat(r[0], 64)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, v)
			}
			slices.Sort(got)
			slices.Sort(want)
			spread := want[750] - want[250]
			for _, q := range []int{250, 500, 750} {
				if d := math.Abs(got[q] - want[q]); !(d < spread/4) {
					t.Errorf("quantile .%d is %v, of the data %v", q, got[q], want[q])
				}
			}
		})
	}
}
