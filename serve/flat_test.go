package serve

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Memory does not grow with requests, nor with models that replace each other.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("it collects garbage a while")
	}
	var models [][]byte
	for _, f := range []string{trained.moons, trained.digits, trained.people} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, b)
	}
	m := filepath.Join(t.TempDir(), "m.safetensors")
	replace(t, m, models[0])
	s, err := New(config(m), Env{})
	if err != nil {
		t.Fatal(err)
	}
	var first int64
	for swap := range 80 {
		replace(t, m, models[swap%len(models)])
		for i := range 10 {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprintf("/v1/models/m/sample?n=1&nfe=2&seed=%d", 10*swap+i), nil))
			if w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		if swap == 19 || swap == 79 {
			for range 3 {
				runtime.GC()
			}
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			if swap == 19 {
				first = int64(now.HeapAlloc)
			} else if grown := int64(now.HeapAlloc) - first; grown > 1<<20 {
				t.Errorf("60 swaps and 600 requests cost %d KB", grown>>10)
			}
		}
	}
}
