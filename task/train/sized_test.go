package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// The steps that a table's size decides are told before they are taken, and those that are given are not.
func TestStepsAreTold(t *testing.T) {
	for steps, want := range map[int]string{0: "5000 steps of 256 rows, for 300 rows of 2 columns", 3: ""} {
		c := spec.New[Config]()
		dir := t.TempDir()
		c.Data, c.Out, c.Steps = filepath.Join(dir, "t.csv"), filepath.Join(dir, "m.safetensors"), steps
		var b strings.Builder
		b.WriteString("kind,size\n")
		for i := range 300 {
			fmt.Fprintf(&b, "%s,%d\n", []string{"a", "b"}[i*i%3%2], i*i%97)
		}
		if err := os.WriteFile(c.Data, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		told := ""
		env := Env{Env: task.Env{Note: func(line string) {
			if strings.Contains(line, " steps of ") {
				told = line
				stop()
			}
		}}}
		_, err := Run(ctx, c, env)
		if !strings.HasPrefix(told, want) || (told == "") != (want == "") {
			t.Errorf("%d steps: told %q, want %q", steps, told, want)
		}
		if steps == 0 && !errors.Is(err, context.Canceled) || steps > 0 && err != nil {
			t.Errorf("%d steps: %v", steps, err)
		}
		stop()
	}
}
