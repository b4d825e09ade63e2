package systems

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
)

// writeBars makes a folder of IDX files: n images of 12×12 pixels of three classes, a bar that lies, stands or leans,
// at a random place in noise.
func writeBars(t *testing.T, n int) string {
	t.Helper()
	const size = 12
	dir := t.TempDir()
	idx := func(name string, shape []int, raw []byte) {
		b := []byte{0, 0, 8, byte(len(shape))}
		for _, k := range shape {
			b = binary.BigEndian.AppendUint32(b, uint32(k))
		}
		if err := os.WriteFile(filepath.Join(dir, name), append(b, raw...), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	pixels, labels := make([]byte, n*size*size), make([]byte, n)
	key := rng.NewKey(8, rng.PurposeUser, 0, 0)
	for i := range n {
		image := pixels[i*size*size : (i+1)*size*size]
		for k := range image {
			image[k] = byte(key.Intn(uint64(i), uint32(100+k), 30))
		}
		at, class := 1+key.Intn(uint64(i), 0, size-2), key.Intn(uint64(i), 1, 3)
		labels[i] = byte(class)
		for k := 1; k < size-1; k++ {
			place := []int{at*size + k, k*size + at, k*size + (k+at)%size}[class]
			image[place] = byte(200 + key.Intn(uint64(i), uint32(10+k), 50))
		}
	}
	idx("t-images-idx3-ubyte", []int{n, size, size}, pixels)
	idx("t-labels-idx1-ubyte", []int{n}, labels)
	return dir
}

// TestMNISTRuns: the recipe from end to end on small images; a training that was kept is gone on with, to the same
// figures, and models of other settings are refused.
func TestMNISTRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains three small networks twice")
	}
	cfg := RunConfig{Seeds: []uint64{1}, Steps: 16, Data: writeBars(t, 100), Keep: t.TempDir(),
		network: "unet2d:base=8,mult=1-1", protocol: protocol{samples: 12}}
	ctx := context.Background()
	first, err := mnistRecipe.Run(ctx, cfg, recipe.RunOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Rows) != 5 || len(first.Checks) != 10 || first.Verdict == "" || first.Floor == nil {
		t.Errorf("%+v", first)
	}
	kept, _ := filepath.Glob(filepath.Join(cfg.Keep, "*"))
	if len(kept) != 3 {
		t.Errorf("%d files are kept", len(kept))
	}
	// Stopped in the second training, and gone on with.
	own := cfg
	own.Keep = t.TempDir()
	stopped, stop := context.WithCancel(ctx)
	own2 := recipe.RunOptions{Workers: 1, Now: nil}
	go func() {
		for {
			if there, _ := filepath.Glob(filepath.Join(own.Keep, "mnist-vp-*")); len(there) > 0 {
				stop()
				return
			}
			if stopped.Err() != nil {
				return
			}
		}
	}()
	if _, err := mnistRecipe.Run(stopped, own, own2); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	stop()
	again, err := mnistRecipe.Run(ctx, own, recipe.RunOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range first.Rows {
		if !slices.Equal(f.Mean, again.Rows[i].Mean) {
			t.Errorf("%s: %v, and after it was stopped %v", f.Name, f.Mean, again.Rows[i].Mean)
		}
	}
	own.Steps = 17
	if _, err := mnistRecipe.Run(ctx, own, recipe.RunOptions{}); err == nil || !strings.Contains(err.Error(), "steps") {
		t.Errorf("other settings: %v", err)
	}
	for _, folder := range []string{"nowhere", t.TempDir()} {
		if _, err := mnistRecipe.Run(ctx, RunConfig{Seeds: []uint64{1}, Data: folder},
			recipe.RunOptions{}); !errors.Is(err,
			ito.ErrInput) {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// TestClassifierAndJudge: the classifier reads bars that it has not seen, and what it says of real, remembered and
// noise images is in their order.
func TestClassifierAndJudge(t *testing.T) {
	set, err := openMNIST(writeBars(t, 400))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	ctx, pool := context.Background(), (*ad.Pool)(nil)
	c, err := trainClassifier(ctx, set.train, set.labels, set.shape(), set.classes, 60, 1, pool)
	if err != nil {
		t.Fatal(err)
	}
	_, class, err := c.read(ctx, set.held, pool)
	if err != nil {
		t.Fatal(err)
	}
	right := 0.
	for i, k := range class {
		if k == set.heldLabels[i] {
			right++
		}
	}
	if right /= float64(len(class)); right < .9 {
		t.Errorf("%g of the held-out bars are read right; chance is a third", right)
	}
	j, err := newImageJudge(ctx, c, set.train, set.held, set.classes, pool)
	if err != nil {
		t.Fatal(err)
	}
	gauss, err := gaussianImages(set.train, 80, 1)
	if err != nil {
		t.Fatal(err)
	}
	judged := func(x ito.States) imageFigures {
		f, err := j.judge(ctx, x)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	same, real := judged(set.held), judged(set.train.Slice(0, 80))
	copies, noise := judged(rememberedImages(set.train, 80, 1)), judged(gauss)
	if same.frechet > 1e-9 || math.Abs(same.nearest-1) > 1e-12 {
		t.Errorf("held-out images against themselves: %+v", same)
	}
	if !(real.frechet < noise.frechet/2) || real.nearest != 0 || copies.nearest != 0 || !(noise.nearest > .5) {
		t.Errorf("real %+v, copies %+v, a normal distribution %+v", real, copies, noise)
	}
}
