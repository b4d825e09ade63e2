package systems

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
)

// writeNPY writes bytes as images of an npy file.
func writeNPY(t *testing.T, name string, shape string, raw []byte) string {
	t.Helper()
	head := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }", shape)
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(head)))
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, append(append(b, head...), raw...), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestJudgeOfFiles: samples of another program are judged without a training of a model: the training images
// themselves are near and copies, noise is far.
func TestJudgeOfFiles(t *testing.T) {
	const size = 12
	folder := writeBars(t, 200)
	images, err := os.ReadFile(filepath.Join(folder, "t-images-idx3-ubyte"))
	if err != nil {
		t.Fatal(err)
	}
	pixels := images[16:]
	noise := make([]byte, 40*size*size)
	for i := range noise {
		noise[i] = byte(rng.NewKey(4, rng.PurposeUser, 0, 0).Intn(uint64(i), 0, 256))
	}
	real := writeNPY(t, "real.npy", "40, 12, 12", pixels[40*size*size:80*size*size])
	far := writeNPY(t, "noise.npy", "40, 12, 12", noise)
	cfg := RunConfig{Seeds: []uint64{1}, Data: folder, Judge: []string{real, far}, protocol: protocol{samples: 40}}
	r, err := mnistRecipe.Run(context.Background(), cfg, recipe.RunOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 2 || len(r.Checks) != 5 || r.Floor == nil {
		t.Fatalf("%+v", r)
	}
	over, nearest := r.column(real, "over floor")[0], r.column(real, "nearest")[0]
	if over > 3 || nearest > 1e-9 {
		t.Errorf("training images: %g times the floor, nearest %g", over, nearest)
	}
	if o, n := r.column(far, "over floor")[0], r.column(far, "nearest")[0]; !(o > 3*over) || !(n > 1) {
		t.Errorf("noise: %g times the floor, nearest %g, where training images have %g", o, n, over)
	}
	bright := writeNPY(t, "one.npy", "1, 12, 12", pixels[:size*size])
	for file, want := range map[string]string{
		writeNPY(t, "small.npy", "40, 6, 24", noise[:40*size*size]): "its images are 6×24×1",
		"nowhere.npy": "holds no images",
		bright:        "no pixel varies",
	} {
		c := cfg
		c.Judge = []string{file}
		if _, err := mnistRecipe.Run(context.Background(), c, recipe.RunOptions{}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if _, err := digitsRecipe.Run(context.Background(), cfg, recipe.RunOptions{}); err == nil ||
		!strings.Contains(err.Error(), "judge") {
		t.Errorf("a recipe without a judge: %v", err)
	}
}
