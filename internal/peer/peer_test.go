//go:build unix

package peer

import (
	"os/exec"
	"testing"
)

func TestAPeerAnswersEachLine(t *testing.T) {
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Skip(err)
	}
	ask := Start(t, exec.Command(cat))
	for _, line := range []string{"one", "two words"} {
		if got := ask(line); got != line {
			t.Errorf("cat answers %q to %q", got, line)
		}
	}
	if ProcessorTime(t) <= 0 {
		t.Error("this process used no time")
	}
	if m := Median([]float64{3, 1, 2}); m != 2 {
		t.Errorf("the median of 3, 1, 2 is %v", m)
	}
}
