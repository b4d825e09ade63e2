package ito_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seed9a7962a8/ito"

// rooms lists the packages in the order of the house: a package imports only packages listed before it.
var rooms = []string{
	"internal/suggest", "internal/extsort", "internal/float16", "internal/matrix", "internal/table", "internal/lines",
	"internal/peer", "internal/simd", "examples/models",
	"rng", "", "internal/spec", "ad", "nn",
	"metric", "boost", "tabular",
	"path", "ode", "ode/traced", "wrap", "field",
	"solve/affine", "solve", "learn", "certify",
	"tune", "target", "target/dist", "target/model", "infer", "infer/infertest", "infer/approx", "infer/mcmc",
	"infer/anneal", "infer/pathspace", "infer/methods", "infer/advise",
	"data/frame", "data/encode", "data/relate", "store", "draws", "interop", "interop/modeldata", "target/zoo", "data",
	"forecast/selfguide", "forecast", "forecast/anomaly", "forecast/score", "forecast/read", "forecast/baseline",
	"forecast/diffusion", "forecast/rnn", "inverse", "graph",
	"trajectory", "dynamics", "discrete",
	"plot", "recipe", "recipe/systems", "recipe/bench", "internal/golden", "internal/speed", "task",
	"task/train", "task/modes", "task/sample", "task/impute", "task/evaluate", "task/compare", "task/tune", "task/diagnose",
	"task/bench",
	"task/info",
	"task/forecast",
	"task/restore", "task/steer", "task/drawing", "task/distil", "task/merge", "task/schema", "task/quantise",
	"task/demo", "task/run", "task/solvers", "task/zoo", "task/picture", "task/infer", "task/model", "task/importing", "serve",
	"job", "job/kinds",
	"cli", "cmd/ito", "examples/customers", "examples/shop", "job/broker", "job/bucket", "cmd/ito-cluster",
}

// banned is what the mathematics, from rng to infer, must know nothing of.
var banned = []string{"net", "net/", "os", "os/", "io/fs", "log", "log/", "flag", "encoding/csv", "encoding/json",
	"github.com/alecthomas/kong", "github.com/vbauerster/mpb"}

// jsonAllowed are rooms whose types describe themselves in model files.
var jsonAllowed = []string{"path"}

func TestImportsFollowThePlan(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		room := relative(words[0])
		at := slices.Index(rooms, room)
		if at < 0 {
			t.Errorf("package %q has no place in the plan: add it to rooms", room)
			continue
		}
		seen++
		for _, imp := range words[1:] {
			if imp == module || strings.HasPrefix(imp, module+"/") {
				if k := slices.Index(rooms, relative(imp)); k >= at {
					t.Errorf("%s imports %s, which stands below it", room, relative(imp))
				}
				continue
			}
			if mathematics(at) && isBanned(imp) && !(imp == "encoding/json" && slices.Contains(jsonAllowed, room)) {
				t.Errorf("%s imports %s: the mathematics knows no sockets, files, loggers or flags", room, imp)
			}
		}
	}
	if seen < 3 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

func relative(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func mathematics(at int) bool {
	return at >= slices.Index(rooms, "rng") && at <= slices.Index(rooms, "infer/advise") && rooms[at] != "internal/spec"
}

func isBanned(imp string) bool {
	for _, b := range banned {
		if imp == b || strings.HasSuffix(b, "/") && strings.HasPrefix(imp, b) {
			return true
		}
	}
	return false
}
