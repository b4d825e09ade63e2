package gen

import (
	"os/exec"
	"testing"
)

// TestGenerateChangesNothing says that the committed files are what their generators write. Run it here, with
// go test -count=1: the module of ito does not reach into this one, and the test cache does not see those files.
func TestGenerateChangesNothing(t *testing.T) {
	out, err := exec.Command("sh", "generate.sh", "-check").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
