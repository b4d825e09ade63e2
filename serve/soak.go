package serve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// BenchSoak is what many requests and replaced models leave in memory.
type BenchSoak struct {
	Requests int     `json:"requests"`
	Swaps    int     `json:"swaps"`
	Heap     float64 `json:"heap_mb"`               // in use at the end, after a collection
	Grown    float64 `json:"heap_grown_mb"`         // since a tenth of the requests were answered
	Resident float64 `json:"resident_mb,omitempty"` // of the process, 0 where the system does not tell
	More     float64 `json:"resident_grown_mb"`
	Files    int     `json:"files_grown"` // open ones
}

// swaps is how often the model is replaced during a soak.
const swaps = 200

// soak asks for one sample after the other, while the model's file is replaced again and again.
func (b *bench) soak(ctx context.Context, file string) (*BenchSoak, error) {
	out := &BenchSoak{Requests: b.c.Soak, Swaps: min(swaps, b.c.Soak)}
	model, err := os.ReadFile(b.c.Model)
	if err != nil {
		return nil, err
	}
	var heap, resident float64
	var files int
	for i := range b.c.Soak {
		if i%max(b.c.Soak/swaps, 1) == 0 {
			if err := replaceFile(file, model); err != nil {
				return nil, err
			}
		}
		if err := b.ask(ctx, fmt.Sprintf("n=1&seed=%d", i), nil); err != nil {
			return nil, err
		}
		if i == b.c.Soak/10 || i == b.c.Soak-1 {
			h, r, f := memory()
			if i == b.c.Soak-1 {
				out.Heap, out.Grown, out.Resident, out.More, out.Files = h, h-heap, r, r-resident, f-files
			}
			heap, resident, files = h, r, f
		}
	}
	return out, nil
}

// replaceFile puts bytes in the place of a file in one step.
func replaceFile(file string, b []byte) error {
	next := filepath.Join(filepath.Dir(file), ".next")
	if err := os.WriteFile(next, b, 0o600); err != nil {
		return err
	}
	return os.Rename(next, file)
}

// memory is what is in use, in MB, and the number of open files.
func memory() (heap, resident float64, files int) {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := strings.Fields(string(b)); len(f) > 1 {
			pages, _ := strconv.Atoi(f[1])
			resident = float64(pages) * float64(os.Getpagesize()) / 1e6
		}
	}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		files = len(list)
	}
	return float64(m.HeapAlloc) / 1e6, resident, files
}
