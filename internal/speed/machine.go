package speed

import (
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// Machine is where something was measured.
type Machine struct {
	Processor string  `json:"processor,omitempty"` // as the system calls it
	CPUs      int     `json:"cpus"`
	Load      string  `json:"load,omitempty"` // the system's averages over 1, 5 and 15 minutes, before the measurement
	System    string  `json:"system"`
	Go        string  `json:"go"`
	SIMD      string  `json:"simd"`
	Peak      float64 `json:"peak_gflops"` // float32 multiply-adds of one core; 0: no vector code
}

// ThisMachine describes the machine and measures its peak.
func ThisMachine() Machine {
	return Machine{Processor: processorName(), CPUs: runtime.NumCPU(), Load: load(), System: runtime.GOOS + "/" +
		runtime.GOARCH,
		Go: runtime.Version(), SIMD: simd.Level(), Peak: simd.Peak()}
}

func processorName() string {
	if runtime.GOOS == "darwin" {
		out, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if words := strings.Fields(string(b)); err == nil && len(words) >= 3 {
		return strings.Join(words[:3], " ")
	}
	return ""
}
