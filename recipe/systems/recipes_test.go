package systems

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe"
)

func TestFind(t *testing.T) {
	for _, r := range Recipes() {
		if f, err := Find(r.Name); err != nil || f.Name != r.Name || r.Summary == "" {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	_, err := Find("vsdm-spirale")
	if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "vsdm-spiral") {
		t.Error(err)
	}
	for _, c := range []RunConfig{{}, {Seeds: []uint64{1}, Steps: -1}} {
		if _, err := must(Find("vp-spiral")).Run(context.Background(), c, recipe.RunOptions{}); !errors.Is(err,
			ito.ErrInput) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := digitsRecipe.Run(context.Background(), RunConfig{Seeds: []uint64{1}, Data: "nowhere.csv"},
		recipe.RunOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

// The recipes run from end to end with hardly any training; their targets are then missed, which is a result.
func TestRecipesRun(t *testing.T) {
	if testing.Short() {
		t.Skip("measures two recipes")
	}
	for _, name := range []string{"vp-spiral", "digits"} {
		r, err := must(Find(name)).Run(context.Background(), RunConfig{Seeds: []uint64{1}, Steps: 4,
			Data: "../../examples/digits.csv", protocol: protocol{200, 2, 100}}, recipe.RunOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(r.Rows) == 0 || len(r.Checks) == 0 || !strings.Contains(r.Verdict, "misses") {
			t.Errorf("%s: %+v", name, r)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	}
}

func TestFacade(t *testing.T) {
	ctx := context.Background()
	rows := [][]float64{{1, 2}, {2, 1}, {3, 3}, {0, 1}}
	f, err := recipe.VSDM{Variant: "logistic", Steps: 40}.Fit(ctx, rows)
	if err != nil {
		t.Fatal(err)
	}
	a, b := must(f.Sample(ctx, 3)), must(f.Sample(ctx, 5))
	if again := must(f.Draw(ctx, recipe.Draw{N: 8})); len(a) != 3 || len(b) != 5 ||
		!reflect.DeepEqual(slices.Concat(a, b), again) {
		t.Errorf("%v, %v: not %v", a, b, again)
	}
	for _, bad := range [][][]float64{nil, {{1, 2}, {1}}, {{1, 1}, {1, 1}}} {
		if _, err := (recipe.VSDM{Steps: 10}).Fit(ctx, bad); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
