package systems

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe"
)

// The digits of the table are images of bytes, as many as there are rows; the recipe runs on them from end to end.
func TestDigitsPaths(t *testing.T) {
	const file = "../../examples/digits.csv"
	set, err := openDigits(file)
	if err != nil {
		t.Fatal(err)
	}
	if set.train.N+set.held.N != 1797 || set.train.D != 64 || set.classes != 10 || len(set.heldLabels) != set.held.N {
		t.Errorf("%d and %d images of %d pixels, %d classes", set.train.N, set.held.N, set.train.D, set.classes)
	}
	// The second row of the file begins with 0,0,5,13 of 16.
	if row := set.train.Row(0); row[2] < 79 || row[2] > 81 || row[3] < 206 || row[3] > 208 || set.labels[1] != 1 {
		t.Errorf("the first digit begins %v", row[:4])
	}
	if testing.Short() {
		t.Skip("trains three small networks")
	}
	r, err := digitsPathsRecipe.Run(context.Background(), RunConfig{Seeds: []uint64{1}, Steps: 16, Data: file,
		network: "unet2d:base=4,mult=1,groups=4,attention=none", protocol: protocol{samples: 4}}, recipe.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 5 || len(r.Checks) != 10 || !strings.Contains(r.Budget, "of 1437 images") {
		t.Errorf("%+v", r)
	}
	bad := filepath.Join(t.TempDir(), "bad.csv")
	text := "label"
	for k := range 64 {
		text += ",p" + string(rune('A'+k/26)) + string(rune('A'+k%26))
	}
	text += "\n1" + strings.Repeat(",17", 64) + "\n2" + strings.Repeat(",1", 64) + "\n"
	if err := os.WriteFile(bad, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openDigits(bad); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "ink of 17") {
		t.Errorf("too much ink: %v", err)
	}
}
