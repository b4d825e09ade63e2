package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A model file has a card with what to send where, alone on the page, and its programs are what the server answers.
func TestPageOfDensities(t *testing.T) {
	ctx, complaints := browser(t)
	dir := t.TempDir()
	const source = "x = param(\"x\")\nx.prior(normal(0, 1))\n"
	if err := os.WriteFile(filepath.Join(dir, "bell.star"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	_, base := start(t, config(dir, trained.moons))
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(base+"/#model=bell"),
		says("about", "A model file: draws from its density are inferred."), says("card", "curl -X POST"))
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{375, 1920} {
			picture(t, ctx, fmt.Sprintf("density-%s-%d", theme, width), width, 800)
		}
		do(t, ctx, chromedp.Click(chromedp.CSS(`#theme`)))
	}
	for _, program := range inPage[[]string](t, ctx, `[...document.querySelectorAll('#card pre')].map(e => e.textContent)`) {
		_, address, _ := strings.Cut(program, "'")
		if status, _, b := get(t, "POST", strings.TrimSuffix(address, "'"), ""); status != 200 || len(b) == 0 {
			t.Errorf("%s: %d %s", program, status, b)
		}
	}
	if c := complaints(); len(c) > 0 {
		t.Errorf("the browser complains: %v", c)
	}
}
