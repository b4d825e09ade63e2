package serve

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser opens Chromium; complaints are what its console says against the page. Without one the test is skipped,
// but for CI, where it must be there.
func browser(t *testing.T) (ctx context.Context, complaints func() []string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		const none = "THE PAGE IS NOT TESTED: there is no chromium (apt-get install chromium)"
		if os.Getenv("CI") != "" {
			t.Fatal(none)
		}
		t.Skip(none)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	var mu sync.Mutex
	var said []string
	console := chromedp.Console(ctx) // starts the browser
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for m, err := range console {
			if err != nil {
				return
			}
			mu.Lock()
			said = append(said, m.String()+" "+m.URL)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	ctx, late := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(late)
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := said
		said = nil
		return out
	}
}

// do runs actions.
func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// says waits until an element's text has a part. A page that is being left has no elements.
func says(id, part string) chromedp.Action[chromedp.Void] {
	look := chromedp.Evaluate[string](fmt.Sprintf(`document.getElementById(%q)?.textContent ?? ""`, id))
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		text, err := "", error(nil)
		for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
			if text, err = look(ctx, target); err == nil && strings.Contains(text, part) {
				return nil
			}
		}
		return fmt.Errorf("%s says %q, not %q: %v", id, text, part, err)
	})
}

// inPage is the value of an expression in the page.
func inPage[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// picture keeps a screenshot in the directory that ITO_SCREENSHOTS names.
func picture(t *testing.T, ctx context.Context, name string, width, height int64) {
	t.Helper()
	do(t, ctx, chromedp.EmulateViewport(width, height), chromedp.Sleep(150*time.Millisecond))
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if over := inPage[float64](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("%s: %v pixels do not fit into the width %d", name, over, width)
	}
	if dir := os.Getenv("ITO_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// inked is the number of pixels of the canvas with something on them.
const inked = `(() => { const c = document.getElementById('canvas'); const d = c.getContext('2d').getImageData(0, 0,
	c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n })()`

// The page draws what the server sends, says what is wrong where it is, is a link, and works by keyboard, in any
// width, dark and light, without a complaint of the browser and without another machine.
func TestPage(t *testing.T) {
	ctx, complaints := browser(t)
	s, base := start(t, config(trained.dir, trained.people))
	do(t, ctx, chromedp.EmulateViewport(1280, 900),
		chromedp.Navigate(base+"/#model=moons&n=300&seed=3&nfe=8"), says("status", "300 samples in"))
	if n := inPage[int](t, ctx, inked); n < 2000 {
		t.Errorf("%d pixels have ink", n)
	}
	picture(t, ctx, "points-1280", 1280, 900)
	// the table has the numbers of ito sample
	want := strings.Fields(string(file(t, trained.moons, ".csv", small(300, 3, 8))))[1]
	do(t, ctx, chromedp.Click(chromedp.CSS(`input[value=Table]`)))
	cell := inPage[string](t, ctx, `document.querySelector('#rows tbody td:nth-child(2)').textContent`)
	if x, _, _ := strings.Cut(want, ","); !strings.HasPrefix(x, strings.TrimRight(cell, "0123456789")) || len(cell) < 3 {
		t.Errorf("the table says %s, ito sample %s", cell, want)
	}
	picture(t, ctx, "table-375", 375, 800)
	do(t, ctx, chromedp.Click(chromedp.CSS(`input[value=Histogram]`)))
	picture(t, ctx, "histogram-375", 375, 800)
	// the links are requests with the bytes of ito sample
	href := inPage[string](t, ctx, `document.getElementById('npy').href`)
	if _, _, b := get(t, "GET", href, ""); string(b) != string(file(t, trained.moons, ".npy", small(300, 3, 8))) {
		t.Errorf("%s: other bytes", href)
	}
	if code := inPage[string](t, ctx, `document.getElementById('code').textContent`); !strings.Contains(code,
		"curl") || !strings.Contains(code, "seed=3") {
		t.Errorf("%s", code)
	}
	// by keyboard: the next seed changes link and samples
	do(t, ctx, chromedp.Focus(chromedp.CSS(`#f-seed`)), chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)),
		chromedp.KeyEvent("4"+kb.Enter), says("status", "300 samples in"))
	if hash := inPage[string](t, ctx, `location.hash`); !strings.Contains(hash, "seed=4") {
		t.Errorf("the link is %s", hash)
	}
	if said := complaints(); len(said) > 0 {
		t.Errorf("the console: %q", said)
	}
	// what is wrong stands at its field
	do(t, ctx, chromedp.SetValue(chromedp.CSS(`#f-solver`), "huen"), chromedp.Click(chromedp.CSS(`#run`)),
		says("error", `did you mean "heun"`))
	if at := inPage[string](t, ctx, `document.querySelector('[aria-invalid]').name`); at != "solver" {
		t.Errorf("the fault is at %s", at)
	}
	picture(t, ctx, "fault-768", 768, 900)
	complaints() // the browser itself reports the status 400
	// pictures, a condition, dark
	do(t, ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(base+
		"/#model=digits&n=60&nfe=8&where=label%3D3"), says("status", "60 samples in"), chromedp.Click(chromedp.CSS(`#theme`)))
	if v := inPage[string](t, ctx, `document.querySelector('#views :checked').value`); v != "Images" {
		t.Errorf("the view is %s", v)
	}
	for _, width := range []int64{375, 1920} {
		picture(t, ctx, fmt.Sprintf("images-dark-%d", width), width, 1000)
	}
	if n := inPage[int](t, ctx, inked); n < 2000 {
		t.Errorf("%d pixels have ink", n)
	}
	// words on an axis
	do(t, ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(base+"/#model=people&n=200&nfe=6"),
		says("status", "200 samples in"), chromedp.SetValue(chromedp.CSS(`#x`), "1"),
		chromedp.SetValue(chromedp.CSS(`#y`), "2"))
	inPage[bool](t, ctx, `document.getElementById('y').dispatchEvent(new Event('change'))`)
	picture(t, ctx, "types-1280", 1280, 900)
	if n := inPage[int](t, ctx, inked); n < 2000 {
		t.Errorf("%d pixels have ink", n)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS(`input[value=Histogram]`)))
	picture(t, ctx, "types-histogram-768", 768, 900)
	do(t, ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(base+"/#model=digits&n=60&nfe=8"), says("status",
		"60 samples in"))
	// a long drawing streams, and stops on the server too
	do(t, ctx, chromedp.SetValue(chromedp.CSS(`#f-n`), "5000"), chromedp.SetValue(chromedp.CSS(`#f-nfe`), "300"), chromedp.Click(chromedp.CSS(`#run`)))
	soon(t, "it does not draw", func() bool { return s.gate.running() == 1 })
	do(t, ctx, chromedp.Click(chromedp.CSS(`#stop`)), says("status", "Stopped after"))
	soon(t, "it still draws", func() bool { return s.gate.running() == 0 })
	// every field and every button has a name
	unnamed := inPage[[]string](t, ctx, `[...document.querySelectorAll('input, select, button, a, canvas')].filter(
		e => !(e.labels && e.labels.length) && !e.textContent.trim() && !e.getAttribute('aria-label')).map(e => e.outerHTML)`)
	if len(unnamed) > 0 {
		t.Errorf("without a name: %q", unnamed)
	}
	elsewhere := inPage[[]string](t, ctx, `performance.getEntriesByType('resource').map(e => e.name).filter(n =>
		!n.startsWith(location.origin))`)
	if len(elsewhere) > 0 {
		t.Errorf("from elsewhere: %q", elsewhere)
	}
	if said := complaints(); len(said) > 0 {
		t.Errorf("the console: %q", said)
	}
}

// A job is started, watched and removed on the page.
func TestPageJobs(t *testing.T) {
	ctx, complaints := browser(t)
	c := config(trained.moons)
	c.Jobs = t.TempDir()
	_, base, _ := jobServer(t, c)
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(base+"/#n=2000&nfe=4"), says("status",
		"2000 samples in"), chromedp.SetValue(chromedp.CSS(`#as`), "npy"), chromedp.Click(chromedp.CSS(`#job`)),
		says("jobs", "Download"))
	picture(t, ctx, "jobs-1280", 1280, 900)
	picture(t, ctx, "jobs-375", 375, 900)
	href := inPage[string](t, ctx, `document.querySelector('#jobs a').href`)
	if _, _, b := get(t, "GET", href, ""); string(b) != string(file(t, trained.moons, ".npy", small(2000, 1, 4))) {
		t.Errorf("%s: other bytes", href)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS(`#jobs button`)))
	soon(t, "it stays", func() bool {
		return inPage[int](t, ctx, `document.querySelectorAll('#jobs li').length`) == 0
	})
	if said := complaints(); len(said) > 0 {
		t.Errorf("the console: %q", said)
	}
}

// With a token the page asks for it once.
func TestPageToken(t *testing.T) {
	ctx, _ := browser(t)
	c := config(trained.moons)
	c.TokenFile = filepath.Join(t.TempDir(), "token")
	const token = "0123456789abcdef"
	if err := os.WriteFile(c.TokenFile, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	_, base := start(t, c)
	do(t, ctx, chromedp.Navigate(base), chromedp.WaitVisible(chromedp.CSS(`#login`)),
		chromedp.SendKeys(chromedp.CSS(`#token`), token+kb.Enter), says("status", "500 samples in"))
	if hidden := inPage[bool](t, ctx, `document.getElementById('login').hidden`); !hidden {
		t.Error("it still asks")
	}
}

// A forecaster has a card, and nothing to draw.
func TestPageOfForecasters(t *testing.T) {
	ctx, complaints := browser(t)
	_, base := start(t, config(forecastersOf(t), trained.moons))
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(base+"/#model=net"),
		says("about", "Forecasts series 6 steps of 1h ahead."), says("card", "/v1/forecast?model=net"))
	if !inPage[bool](t, ctx, `document.getElementById('ask').hidden && document.getElementById('preview').hidden`) {
		t.Error("a forecaster has a form for samples")
	}
	picture(t, ctx, "forecaster-1280", 1280, 900)
	picture(t, ctx, "forecaster-375", 375, 800)
	do(t, ctx, chromedp.Click(chromedp.CSS(`#theme`)))
	inPage[bool](t, ctx, `(() => { const m = document.getElementById('model'); m.value = 'moons';
		return m.dispatchEvent(new Event('change')) })()`)
	do(t, ctx, says("status", "samples in"))
	if inPage[bool](t, ctx, `document.getElementById('ask').hidden`) {
		t.Error("samples have no form")
	}
	if c := complaints(); len(c) > 0 {
		t.Errorf("the browser complains: %v", c)
	}
}
