package store_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito/store"
)

// A file of tensors is safetensors with a checksum, written whole or not at all; another program's can be read as well.
func ExampleSave() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "w.safetensors")
	weights := store.NewF32("layer.weight", []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := store.Save(name, &store.File{Metadata: map[string]string{"by": "hand"},
		Tensors: []store.Tensor{weights}}); err != nil {
		panic(err)
	}
	f, err := store.Open(name)
	if err != nil {
		panic(err)
	}
	w, err := f.Tensors[0].Float32s()
	fmt.Println(f.Metadata["by"], f.Tensors[0].Name, f.Tensors[0].Shape, w, err)
	// Output: hand layer.weight [2 3] [1 2 3 4 5 6] <nil>
}
