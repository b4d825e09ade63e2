package job

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// A plan that comes from elsewhere may say what to compute, and nothing of files, outputs or processors here.
func TestRemote(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, []byte("a"), 0o666); err != nil {
		t.Fatal(err)
	}
	m, err := Parse("m.toml", "kind = \"count\"\nshards = 3\nfile = \""+file+"\"\nout = \"x.csv\"\n")
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(t.Context(), filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := Open(t.Context(), m, s, Env{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := FilesByDigest([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Remote(t.Context(), j.Plan, s, files, Env{})
	if err != nil || got.ID != j.ID {
		t.Fatal(err)
	}
	other, err := OpenStore(t.Context(), filepath.Join(dir, "other"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Remote(t.Context(), j.Plan, other, files, Env{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("another store: %v", err)
	}
	for _, c := range []struct {
		change func(p *ShardPlan)
		want   string
	}{
		{func(p *ShardPlan) { p.Kind = "exec" }, `no kind "exec"`},
		{func(p *ShardPlan) { p.Settings = []byte(`{"n":100,"out":"/etc/passwd"}`) }, "out is not taken from a request"},
		{func(p *ShardPlan) { p.Settings = []byte(`{"n":100,"file":"/etc/passwd"}`) }, "file is not taken from a request"},
		{func(p *ShardPlan) { p.Settings = []byte(`{"m":100}`) }, `unknown key "m"`},
		{func(p *ShardPlan) { p.Local = map[string]string{"workers": "900"} }, "for the one who runs the program"},
		{func(p *ShardPlan) { p.Inputs = []Input{{"out", "x", ""}} }, `a file for "out"`},
		{func(p *ShardPlan) { p.Inputs = []Input{{"file", "/etc/passwd", ""}} }, "no name of something built in"},
		{func(p *ShardPlan) { p.Inputs = []Input{{"file", "../f", ""}} }, "no name of something built in"},
		{func(p *ShardPlan) { p.Inputs = []Input{{"file", "f", strings.Repeat("0", 64)}} }, "given no such file"},
		{func(p *ShardPlan) { p.Ending = "/../../x" }, "whose name ends in"},
		{func(p *ShardPlan) { p.Shards = 0 }, "0 shards"},
		{func(p *ShardPlan) { p.SIMD = "none" }, "SIMD level none"},
		{func(p *ShardPlan) { p.Settings = []byte(`{"n":99}`) }, "is not the one that it was begun with"},
	} {
		p := *j.Plan
		c.change(&p)
		if _, err := Remote(t.Context(), &p, s, files, Env{}); !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v does not say %q", err, c.want)
		}
	}
}
